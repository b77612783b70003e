// The same store under @fastify/session, which knows set, get and destroy.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import cookie from '@fastify/cookie';
import fastifySession, { type FastifySessionOptions } from '@fastify/session';
import Fastify, { type FastifyInstance } from 'fastify';
import { MemvolleyStore } from '../../../src/adapters/express-session/index.ts';
import { startMemcached } from '../../../src/testing/index.ts';
import { backend } from '../backend.ts';
import { Browser } from './browser.ts';

const server = backend();

declare module 'fastify' {
  interface Session {
    user?: string;
    count?: number;
  }
}

const running: FastifyInstance[] = [];
after(() => Promise.all(running.map((app) => app.close())));

/** Where a server with such sessions listens. */
async function serve(options: Partial<FastifySessionOptions>): Promise<string> {
  const app = Fastify();
  running.push(app);
  await app.register(cookie);
  await app.register(fastifySession, {
    secret: 'a secret of the test, with 32 or more characters',
    saveUninitialized: false,
    ...options,
    cookie: { secure: false, ...options.cookie },
  });
  app.get<{ Params: { user: string } }>('/login/:user', ({ session, params }) => {
    session.user = params.user;
    return { user: session.user };
  });
  app.get('/me', ({ session }) => ({ user: session.user ?? null }));
  app.get('/count', ({ session }) => {
    session.count = (session.count ?? 0) + 1;
    return { count: session.count };
  });
  app.get('/id', ({ session }) => ({ id: session.sessionId }));
  app.get('/renew', (request) =>
    request.session.regenerate(['user']).then(() => ({ user: request.session.user ?? null })),
  );
  app.get('/reload', (request) => {
    request.session.count = -1;
    return request.session.reload().then(() => ({ count: request.session.count ?? null }));
  });
  app.get('/logout', ({ session }) => session.destroy().then(() => ({})));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return url;
}

let shared: Promise<string> | undefined;
/** Where the server listens that most tests share. */
const url = (): Promise<string> => {
  shared ??= serve({ store: new MemvolleyStore(server.cache), cookie: { maxAge: 60_000 } });
  return shared;
};

test('a user stays logged in, and nobody else is', async () => {
  const [ada, bob] = [new Browser(await url()), new Browser(await url())];
  assert.deepEqual(await ada.read('/me'), { user: null });
  await Promise.all([ada.read('/login/ada'), bob.read('/login/bob')]);
  assert.deepEqual(
    [await ada.read('/me'), await bob.read('/me')],
    [{ user: 'ada' }, { user: 'bob' }],
  );
  await ada.read('/count');
  assert.deepEqual(await ada.read('/count'), { count: 2 });
  const { id } = (await ada.read('/id')) as { id: string };
  const item = await server.cache.inspect(`sess:${id}`, { value: true });
  const stored = JSON.parse(item?.value as string) as { user: string; count: number };
  assert.deepEqual([stored.user, stored.count], ['ada', 2]);
  assert.ok((item?.ttl ?? 0) > 50 && (item?.ttl ?? 0) <= 61, 'as long as the cookie');
});

test('regenerate, reload and destroy', async () => {
  const ada = new Browser(await url());
  await ada.read('/login/ada');
  const before = (await ada.read('/id')) as { id: string };
  assert.deepEqual(await ada.read('/renew'), { user: 'ada' });
  assert.equal(await server.cache.get(`sess:${before.id}`), undefined);
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
  await ada.read('/count');
  assert.deepEqual(await ada.read('/reload'), { count: 1 });
  const { id } = (await ada.read('/id')) as { id: string };
  await ada.read('/logout');
  assert.equal(await server.cache.get(`sess:${id}`), undefined);
  assert.deepEqual(await ada.read('/me'), { user: null });
});

test('a session ends', async () => {
  const ada = new Browser(
    await serve({
      store: new MemvolleyStore(server.cache),
      cookie: { maxAge: 400 },
      rolling: false,
    }),
  );
  await ada.read('/login/ada');
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
  await sleep(3100);
  assert.deepEqual(await ada.read('/me'), { user: null });
});

test('without a server each request is an error, and is none when it is back', async () => {
  await using lost = await startMemcached();
  const store = new MemvolleyStore({ servers: lost.address, timeoutMs: 500 }, { probeMs: 0 });
  const ada = new Browser(await serve({ store }));
  await ada.read('/login/ada');
  await lost.stop();
  const { status, body } = await ada.get('/me');
  assert.equal(status, 500);
  assert.match(JSON.stringify(body), /ERR_MEMCACHE_/);
  await lost.restart();
  let page = await ada.get('/me');
  for (const end = Date.now() + 5000; page.status === 500 && Date.now() < end;) {
    await sleep(20);
    page = await ada.get('/me');
  }
  assert.deepEqual(page.body, { user: null });
  await store.close();
});
