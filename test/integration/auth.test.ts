import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type ClientOptions, createClient, type FleetClient } from '../../src/index.ts';
import { clientOf, rejection, rejects, until } from '../support/fault-lab.ts';
import { startLineServer } from '../support/line-server.ts';
import { chaosProxy, sentFromNow } from '../support/chaos-lab.ts';
import { backend } from './backend.ts';

const ADA = { username: 'ada', password: 'lovelace-1815' };
const BOB = { username: 'bob', password: 'x'.repeat(250) };

const folder = mkdtempSync(join(tmpdir(), 'memvolley-auth-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'users');
const write = (...users: { username: string; password: string }[]): void =>
  writeFileSync(path, users.map(({ username, password }) => `${username}:${password}\n`).join(''));
write(ADA, BOB);
const guarded = backend({ args: ['-Y', path] });
const open = backend();

const client = (t: TestContext, options: Partial<ClientOptions>): FleetClient =>
  clientOf(t, guarded.address, options);

/** Has the server read its file again, which it does within a second or so. */
async function reload(...users: { username: string; password: string }[]): Promise<void> {
  write(...users);
  process.kill(guarded.server.pid, 'SIGHUP');
  for (let taken = false; !taken; await sleep(20)) {
    await using cache = createClient({ servers: guarded.address, auth: users[0] });
    taken = await cache.connect().then(
      () => true,
      () => false,
    );
  }
}

test('whoever is in its file is served, by every way there is', async (t) => {
  for (const auth of [ADA, BOB, () => ADA, async () => BOB]) {
    for (const dialect of ['auto', 'classic', 'meta'] as const) {
      const cache = client(t, { auth, dialect });
      await cache.set('k', { n: 1 });
      assert.deepEqual(await cache.get('k'), { n: 1 });
      assert.equal(await cache.get('memvolley:login'), undefined);
    }
  }
  const cache = client(t, { auth: ADA, bulkBytes: 1024, connections: 3 });
  await cache.set('large', Buffer.alloc(100_000));
  assert.match(String(await cache.raw('version')), /^VERSION/);
  const listed: unknown[] = [];
  for await (const { key } of cache.keys()) listed.push(key);
  assert.ok(listed.includes('large'));
  assert.equal((await cache.stats('settings')).size, 1);
});

test('credentials in a URL', async (t) => {
  const url = new URL(`memcached://ada:lovelace%2D1815@${guarded.address}`);
  const cache = createClient(url);
  t.after(() => cache.close());
  assert.equal(await cache.set('url', 1), true);
});

test('not a byte leaves before the server has taken them', async (t) => {
  const proxy = await chaosProxy(t, guarded.server, { record: true });
  const sent = sentFromNow(proxy);
  const wrong = { username: 'ada', password: 'wrong' };
  const cache = clientOf(t, proxy.address, { auth: wrong, retry: { attempts: 1 } });
  await rejects(cache.set('canary', 'canary'), 'ERR_MEMCACHE_AUTH', 'no');
  assert.equal(sent(), 'set memvolley:login 0 -1 9\r\nada wrong\r\n');
  await rejection(cache.raw('version'));
  assert.doesNotMatch(sent(), /canary|version/);
});

test('wrong ones are one clear error, and no storm of connections', async (t) => {
  const proxy = await chaosProxy(t, guarded.server, { record: true });
  const sent = sentFromNow(proxy);
  const auth = { username: 'ada', password: 'hunter2' };
  const cache = clientOf(t, proxy.address, { auth });
  const error = await rejects(cache.connect(), 'ERR_MEMCACHE_AUTH', 'no');
  assert.match(error.message, /does not take the credentials of option 'auth'/);
  assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/);
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    const errors = await Promise.all(Array.from({ length: 20 }, () => rejection(cache.get('k'))));
    for (const refused of errors) {
      assert.match(refused.code, /AUTH|UNAVAILABLE/);
      assert.equal(refused.sent, 'no');
    }
    await sleep(5);
  }
  // 50, 100, 200 … ms between two of them, of which a random half to whole is waited, and the looks of health.
  const logins = sent().split('set memvolley:login').length - 1;
  assert.ok(logins >= 2 && logins <= 16, `${logins} logins in a second`);
});

test('who gives none is told what is missing', async (t) => {
  const error = await rejects(client(t, {}).connect(), 'ERR_MEMCACHE_AUTH', 'no');
  assert.match(error.message, /option 'auth'/);
});

test('a server that asks nobody is served too, and keeps no password', async (t) => {
  const cache = clientOf(t, open.address, { auth: ADA });
  assert.equal(await cache.set('k', 1), true);
  const stranger = clientOf(t, open.address);
  const keys: unknown[] = [];
  for await (const { key } of stranger.keys()) keys.push(key);
  assert.deepEqual(keys, ['k']);
});

test('a function is asked for each connection: what has changed is used', async (t) => {
  const asked: string[] = [];
  let current = ADA;
  const auth = async ({ server }: { server: string }) => {
    asked.push(server);
    await sleep(5);
    return current;
  };
  const cache = client(t, { auth });
  await cache.set('k', 1);
  // One that is thrown away, and one that stays.
  assert.deepEqual(asked, [guarded.address, guarded.address]);
  const next = { username: 'ada', password: 'rotated' };
  await reload(next);
  // Who is logged in stays so.
  assert.equal(await cache.get('k'), 1);
  current = next;
  await guarded.server.restart();
  assert.equal(await cache.set('k', 2), true);
  assert.ok(asked.length >= 3);
  // The old ones are of no use any more.
  await rejects(client(t, { auth: ADA }).connect(), 'ERR_MEMCACHE_AUTH', 'no');
  await reload(ADA, BOB);
});

test('a function that throws, lies or hangs costs its calls, and nothing else', async (t) => {
  const secret = 'hunter2';
  const faults: (() => never)[] = [
    () => {
      throw new Error('no vault');
    },
    (() => Promise.reject(new Error('no vault'))) as () => never,
    (() => undefined) as () => never,
    (() => ({ username: 'ada', password: `${secret}\r\n` })) as () => never,
  ];
  for (const auth of faults) {
    const error = await rejects(client(t, { auth }).get('k'), 'ERR_MEMCACHE_AUTH', 'no');
    assert.match(error.message, /gave no credentials/);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/);
    await rejects(client(t, { auth }).raw('version'), 'ERR_MEMCACHE_AUTH', 'no');
  }
  let release = (): void => {};
  const hanging = client(t, {
    auth: () =>
      new Promise<typeof ADA>((resolve) => {
        release = () => resolve(ADA);
      }),
    connectTimeoutMs: 100,
    retry: { attempts: 1 },
  });
  const began = performance.now();
  await rejects(hanging.get('k'), 'ERR_MEMCACHE_CONNECT', 'no');
  await rejects(hanging.raw('version'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.ok(performance.now() - began < 5000);
  // What comes after its time opens nothing.
  release();
  await sleep(20);
  assert.equal(hanging.metrics().connects, 0);
});

test('one that forgets who asks is told again: what may be repeated is answered', async (t) => {
  const known = new WeakSet<object>();
  let forgets = 1;
  const server = await startLineServer(t, (line, socket) => {
    if (line.startsWith('set memvolley:login')) return '';
    if (line === 'ada lovelace-1815') {
      known.add(socket);
      return 'STORED\r\n';
    }
    if (!known.has(socket)) return 'CLIENT_ERROR unauthenticated\r\n';
    if (line === 'version') return 'VERSION 1.6.18\r\n';
    if (forgets-- <= 0) return line.startsWith('get') ? 'END\r\n' : 'DELETED\r\n';
    known.delete(socket);
    return 'CLIENT_ERROR unauthenticated\r\n';
  });
  const reconnect = { minMs: 1, maxMs: 1 };
  const options = { auth: ADA, dialect: 'classic', maxValueBytes: 1000, reconnect } as const;
  const cache = clientOf(t, server.address, options);
  assert.equal(await cache.get('k'), undefined, 'after one more try');
  assert.equal(cache.metrics().retries, 1);
  forgets = 1;
  const error = await rejects(cache.delete('k'), 'ERR_MEMCACHE_AUTH', 'yes');
  assert.equal(error.retryable, true);
  await sleep(20);
  assert.equal(await cache.delete('k'), true);
});

test('a server that comes back is logged in to anew', async (t) => {
  const cache = client(t, { auth: ADA, reconnect: { minMs: 5, maxMs: 20 } });
  await cache.set('k', 1);
  for (let i = 0; i < 3; i++) {
    await guarded.server.restart();
    let stored = false;
    await until(() => {
      void cache.set('k', i).then(
        () => (stored = true),
        () => {},
      );
      return stored;
    });
    assert.equal(await cache.get('k'), i);
  }
});
