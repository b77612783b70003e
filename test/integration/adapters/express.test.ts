// A server of Express 5 with express-session, and browsers with cookies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type ErrorRequestHandler } from 'express';
import session, { type SessionOptions } from 'express-session';
import { MemvolleyStore } from '../../../src/adapters/express-session/index.ts';
import type { Inspection } from '../../../src/index.ts';
import { startMemcached } from '../../../src/testing/index.ts';
import { backend } from '../backend.ts';
import { Browser } from './browser.ts';
import { secondsLeft } from './seconds-left.ts';

const server = backend();

declare module 'express-session' {
  interface SessionData {
    user?: string;
    count?: number;
  }
}

const sorry: ErrorRequestHandler = (error: NodeJS.ErrnoException, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(500).json({ code: error.code ?? error.message });
};

function application(
  options: Partial<SessionOptions> & { store: MemvolleyStore },
): express.Express {
  const app = express();
  app.use(session({ secret: 'of the test', resave: false, saveUninitialized: false, ...options }));
  app.get('/login/:user', ({ session: mine, params }, response) => {
    mine.user = params.user;
    response.json({ user: mine.user });
  });
  app.get('/me', ({ session: mine }, response) => {
    response.json({ user: (mine as Partial<typeof mine> | undefined)?.user ?? null });
  });
  app.get('/count', ({ session: mine }, response) => {
    mine.count = (mine.count ?? 0) + 1;
    response.json(mine.count);
  });
  app.get('/id', ({ sessionID }, response) => {
    response.json(sessionID);
  });
  app.get('/renew', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error !== null && error !== undefined) next(error);
      else response.json(request.session.user ?? null);
    });
  });
  app.get('/reload', ({ session: mine }, response, next) => {
    mine.count = -1;
    mine.reload((error) => {
      if (error !== null && error !== undefined) next(error);
      else response.json('reloaded');
    });
  });
  app.get('/logout', ({ session: mine }, response, next) => {
    mine.destroy((error) => {
      if (error !== null && error !== undefined) next(error);
      else response.json('bye');
    });
  });
  app.use(sorry);
  return app;
}

const servers: Server[] = [];
after(() => {
  for (const each of servers) each.close().closeAllConnections();
});

/** Where a server with such sessions listens. */
async function serve(options: Parameters<typeof application>[0]): Promise<string> {
  const listening = createServer(application(options)).listen(0, '127.0.0.1');
  servers.push(listening);
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

let shared: Promise<string> | undefined;
/** Where the server listens that most tests share. */
const url = (): Promise<string> => {
  shared ??= serve({ store: new MemvolleyStore(server.cache), cookie: { maxAge: 60_000 } });
  return shared;
};

/** What memcached knows of a session. */
async function item(browser: Browser): Promise<Inspection | undefined> {
  const id = await browser.read('/id');
  return server.cache.inspect(`sess:${id as string}`, { value: true });
}

test('a user stays logged in, and nobody else is', async () => {
  const [ada, bob] = [new Browser(await url()), new Browser(await url())];
  assert.deepEqual(await ada.read('/me'), { user: null });
  assert.equal(ada.cookie, '', 'nothing is stored for those who only look');
  await ada.read('/login/ada');
  await bob.read('/login/bob');
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
  assert.deepEqual(await bob.read('/me'), { user: 'bob' });
  assert.equal(await ada.read('/count'), 1);
  assert.equal(await ada.read('/count'), 2);
  const stored = JSON.parse((await item(ada))?.value as string) as Record<string, unknown>;
  assert.deepEqual([stored['user'], stored['count']], ['ada', 2]);
});

test('a request that changes nothing gives the session a new life and does not write it', async () => {
  const ada = new Browser(await url());
  await ada.read('/login/ada');
  const key = `sess:${(await ada.read('/id')) as string}`;
  const { cas } = (await server.cache.inspect(key)) ?? {};
  await server.cache.touch(key, 5);
  await ada.read('/me');
  const touched = await server.cache.inspect(key);
  assert.equal(touched?.cas, cas, 'it is the item that was stored at the login');
  assert.ok((touched?.ttl ?? 0) > 50, 'it lives for a minute again');
});

test('a request that is late does not undo what another one has written', async () => {
  const ada = new Browser(await url());
  await ada.read('/login/ada');
  const looks = Array.from({ length: 20 }, () => ada.read('/me'));
  await ada.read('/count');
  await Promise.all(looks);
  const counts = await Promise.all(Array.from({ length: 5 }, () => ada.read('/count')));
  assert.ok(
    counts.every((count) => (count as number) >= 2),
    'the first count was there',
  );
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
});

test('a session ends', async () => {
  const store = new MemvolleyStore(server.cache, { prefix: 'brief:' });
  const ada = new Browser(await serve({ store, cookie: { maxAge: 400 } }));
  await ada.read('/login/ada');
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
  await sleep(3100);
  assert.deepEqual(await ada.read('/me'), { user: null });
});

test('a cookie without an end lives for the ttl of the store', async () => {
  const store = new MemvolleyStore(server.cache, { ttl: 1000 });
  const ada = new Browser(await serve({ store }));
  await ada.read('/login/ada');
  secondsLeft((await item(ada))?.ttl, 1000);
});

test('regenerate, reload and destroy', async () => {
  const ada = new Browser(await url());
  await ada.read('/login/ada');
  const [before, cookie] = [await ada.read('/id'), ada.cookie];
  assert.equal(await ada.read('/renew'), null);
  assert.equal(await server.cache.get(`sess:${before as string}`), undefined);
  await ada.read('/count');
  assert.notEqual(ada.cookie, cookie);
  await ada.read('/reload');
  assert.equal(await ada.read('/count'), 2, 'reload took back what was not saved');
  assert.notEqual(await item(ada), undefined);
  const id = await ada.read('/id');
  assert.equal(await ada.read('/logout'), 'bye');
  assert.equal(await server.cache.get(`sess:${id as string}`), undefined);
  assert.deepEqual(await ada.read('/me'), { user: null });
});

test('ids of any form', async () => {
  let made = 0;
  const store = new MemvolleyStore(server.cache, { namespace: 'odd ids' });
  const genid = (): string => `${'x'.repeat(300)} with blanks ${made++}`;
  const ada = new Browser(await serve({ store, genid }));
  const bob = new Browser(await serve({ store, genid }));
  await Promise.all([ada.read('/login/ada'), bob.read('/login/bob')]);
  assert.deepEqual(
    [await ada.read('/me'), await bob.read('/me')],
    [{ user: 'ada' }, { user: 'bob' }],
  );
  await new Promise((resolve) => store.clear(resolve));
  assert.deepEqual(await ada.read('/me'), { user: null });
});

test('without a server: an error, then no session, and again one when it is back', async () => {
  await using lost = await startMemcached();
  const client = { servers: lost.address, timeoutMs: 500 };
  const store = new MemvolleyStore(client, { probeMs: 50 });
  const ada = new Browser(await serve({ store }));
  await ada.read('/login/ada');
  const gone = once(store, 'disconnect');
  await lost.stop();
  const { status, body } = await ada.get('/me');
  assert.equal(status, 500);
  assert.match(JSON.stringify(body), /^{"code":"ERR_MEMCACHE_/);
  await gone;
  assert.deepEqual(await ada.read('/me'), { user: null }, 'the page is there, the session is not');
  assert.equal((await ada.get('/count')).status, 500, 'unless a page cannot do without one');
  const back = once(store, 'connect');
  await lost.restart();
  await back;
  await ada.read('/login/ada');
  assert.deepEqual(await ada.read('/me'), { user: 'ada' });
  await store.close();
});
