import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import express from 'express';
import session, { type SessionData, type Store } from 'express-session';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { backend } from '../../backend.ts';

declare module 'express-session' {
  interface SessionData {
    views: number;
  }
}

const server = backend();

type StoreClass = new (options: object) => Store;

const require = createRequire(import.meta.url);
const MemcachedStore = (require('connect-memcached') as (from: typeof session) => StoreClass)(
  session,
);

/** An application with sessions in a store, while `use` asks it. */
async function serving(
  options: object,
  use: (ask: (path: string) => Promise<string>, store: Store) => Promise<void>,
): Promise<void> {
  const client = new Memcached(server.address);
  const store = new MemcachedStore({ client, prefix: 'sess:', ...options });
  const app = express();
  const cookie = { maxAge: 60_000 };
  app.use(session({ secret: 'cookies', resave: false, saveUninitialized: false, store, cookie }));
  app.get('/count', (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    response.send(String(request.session.views));
  });
  app.get('/look', (request, response) => {
    response.send(String(request.session.views ?? 'nothing'));
  });
  app.get('/leave', (request, response) => {
    request.session.destroy((error: unknown) => {
      response.send(String(error));
    });
  });
  const listener = app.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  let cookies = '';
  try {
    await use(async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { cookie: cookies },
      });
      cookies = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookies;
      return response.text();
    }, store);
  } finally {
    listener.close();
    listener.closeAllConnections();
    client.end();
  }
}

/** Its package for ciphers refuses what looks easy. */
const SECRET = 'Of-Sessions_5:' + 'aB3$'.repeat(8);

const SETTINGS: Readonly<Record<string, object>> = {
  'as it comes': {},
  'with a secret': { secret: SECRET },
};

for (const [name, options] of Object.entries(SETTINGS)) {
  test(`connect-memcached keeps the sessions of Express ${name}`, () =>
    serving(options, async (ask) => {
      assert.equal(await ask('/count'), '1');
      assert.equal(await ask('/count'), '2');
      assert.equal(await ask('/look'), '2');
      assert.equal(await ask('/leave'), 'undefined');
      assert.equal(await ask('/look'), 'nothing');
    }));

  test(`connect-memcached stores, touches and destroys ${name}`, () =>
    serving(options, async (_, store) => {
      const kept = { cookie: { maxAge: 1500 }, views: 5 } as unknown as SessionData;
      const call = (verb: 'set' | 'touch', sid: string): Promise<unknown> =>
        new Promise((resolve) => {
          store[verb]?.(sid, kept, resolve);
        });
      const find = (sid: string): Promise<SessionData | null | undefined> =>
        new Promise((resolve, reject) => {
          store.get(sid, (error: unknown, found) => {
            if (error === null || error === undefined) resolve(found);
            else reject(error);
          });
        });
      await call('set', `one ${name}`.replaceAll(' ', '-'));
      assert.equal((await find(`one-${name.replaceAll(' ', '-')}`))?.views, 5);
      await call('touch', 'two');
      assert.equal((await find('two'))?.views, 5);
      await new Promise((resolve) => {
        store.destroy('two', resolve);
      });
      assert.equal(await find('two'), undefined);
      assert.equal(await find('none'), undefined);
    }));
}

test('what is stored with a secret is not the session', () =>
  serving({ secret: SECRET }, async (ask) => {
    const before = new Set<string>();
    for await (const { key } of server.cache.keys()) before.add(String(key));
    await ask('/count');
    const found: string[] = [];
    for await (const { key } of server.cache.keys())
      if (String(key).startsWith('sess:') && !before.has(String(key)))
        found.push(String(await server.cache.get(key, { codec: 'string' })));
    assert.equal(found.length, 1);
    assert.ok(!found[0].includes('views'));
  }));
