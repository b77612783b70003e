// Namespaces whose version cannot be had, comes late, or changes all the time.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ClientOptions, FleetClient, MemcacheError, Namespace } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { chaosProxy } from '../support/chaos-lab.ts';
import { clientOf, lab, rejection, rejects, until } from '../support/fault-lab.ts';
import {
  addressesOf,
  fleetClient,
  healthOf,
  keysOn,
  manyError,
  OUT_AT_ONCE,
  QUICK,
  startFleet,
  taken,
} from '../support/fleet-lab.ts';

interface Scene {
  readonly client: FleetClient;
  readonly view: Namespace;
  /** Has the version, and none of the keys. */
  readonly home: RunningMemcached;
  readonly keys: string[];
  readonly guards: MemcacheError[];
}

/** A namespace whose version is on one server and whose items are on another. */
async function apart(t: TestContext, options: ClientOptions = {}): Promise<Scene> {
  const fleet = await startFleet(t, 2);
  const client = fleetClient(t, fleet, options);
  const [home, other] = fleet;
  const guards: MemcacheError[] = [];
  client.on('guard', ({ error }) => guards.push(error));
  const view = client.namespace(nameOn(client, home));
  return { client, view, home, keys: keysOn(client, other, 3), guards };
}

function nameOn(client: FleetClient, { address }: { address: string }): string {
  for (let i = 0; ; i++) if (client.serverFor(`name-${i}~version`) === address) return `name-${i}`;
}

const KILLED: ClientOptions = { ...OUT_AT_ONCE, failover: 'error' };

for (const isKnown of [false, true]) {
  const when = isKnown ? 'that was known' : 'that was never known';
  const sent = isKnown ? 'maybe' : 'no';

  test(`without the version ${when} everything rejects`, async (t) => {
    const { client, view, home, keys, guards } = await apart(t, KILLED);
    const [a, b] = keys;
    if (isKnown) await view.setMany({ [a]: 1, [b]: 2 });
    await home.kill();
    await taken(client, home);
    const message = /^the version of the namespace is not known: /;
    const calls = [
      () => view.get(a),
      () => view.gets(a),
      () => view.set(a, 3),
      () => view.add(a, 3),
      () => view.delete(a),
      () => view.touch(a, 5),
      () => view.incr(a),
      () => view.append(a, 'x'),
      () => view.inspect(a),
    ];
    for (const call of calls) {
      const error = await rejects(call(), 'ERR_MEMCACHE_UNAVAILABLE', sent);
      assert.match(error.message, message);
      assert.equal(error.server, home.address);
    }
    const many = [
      () => view.getMany(keys),
      () => view.getValues(keys),
      () => view.setMany(keys.map((key) => [key, 1] as const)),
      () => view.deleteMany(keys),
    ];
    for (const call of many) {
      const { errors } = await manyError(call());
      assert.deepEqual([...errors.keys()], keys);
      for (const error of errors.values()) assert.match(error.message, message);
    }
    await rejects(view.invalidateNamespace(), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
    assert.deepEqual(guards, []);
    assert.equal(await client.set(a, 'plain'), true, 'its items would be there');
  });

  test(`without the version ${when} reads are misses with onError 'miss', writes reject`, async (t) => {
    const { client, view, home, keys, guards } = await apart(t, { ...KILLED, onError: 'miss' });
    const [a] = keys;
    if (isKnown) await view.set(a, 1);
    await home.kill();
    await taken(client, home);
    guards.length = 0;
    assert.equal(await view.get(a), undefined);
    assert.deepEqual(await view.getMany(keys), new Map());
    assert.deepEqual(await view.getValues(keys), [undefined, undefined, undefined]);
    assert.equal(guards.length, 3);
    for (const error of guards) assert.equal(error.code, 'ERR_MEMCACHE_UNAVAILABLE');
    await rejects(view.set(a, 2), 'ERR_MEMCACHE_UNAVAILABLE', sent);
    await rejects(view.get(a, { onError: 'throw' }), 'ERR_MEMCACHE_UNAVAILABLE');
    await rejects(view.invalidateNamespace(), 'ERR_MEMCACHE_UNAVAILABLE');
  });
}

test("with failover 'miss' an invalidation takes no server that is out for one without a version", async (t) => {
  const { client, view, home, guards } = await apart(t, { ...KILLED, failover: 'miss' });
  await home.kill();
  await taken(client, home);
  guards.length = 0;
  await rejects(view.invalidateNamespace(), 'ERR_MEMCACHE_UNAVAILABLE', 'no');
  assert.deepEqual(guards, [], 'nothing was answered as a miss');
});

test("with failover 'miss' reads are misses, too", async (t) => {
  const { client, view, home, keys, guards } = await apart(t, { ...KILLED, failover: 'miss' });
  await view.set(keys[0], 1);
  await home.kill();
  await taken(client, home);
  guards.length = 0;
  assert.equal(await view.get(keys[0]), undefined);
  assert.equal((await view.getMany(keys)).size, 0);
  assert.equal(guards.length, 2);
  await rejects(view.set(keys[0], 2), 'ERR_MEMCACHE_UNAVAILABLE');
});

test('without the version a fetch loads', async (t) => {
  const { client, view, home, keys } = await apart(t, KILLED);
  await home.kill();
  await taken(client, home);
  assert.equal(await view.fetch(keys[0], { ttl: 10 }, () => 'loaded'), 'loaded');
  const many = await view.fetchMany(
    keys,
    { ttl: 10 },
    (wanted) => new Map(wanted.map((key) => [key, 1])),
  );
  assert.equal(many.size, 3);
  await rejects(
    view.fetch(keys[0], { ttl: 10, onError: 'throw' }, () => 'loaded'),
    'ERR_MEMCACHE_UNAVAILABLE',
  );
});

test('with versionCacheMs the version is not missed until its time is over', async (t) => {
  const { client, view, home, keys } = await apart(t, KILLED);
  const cached = client.namespace(view.name, { versionCacheMs: 60_000 });
  await view.set(keys[0], 1);
  await home.kill();
  await taken(client, home);
  assert.equal(await cached.get(keys[0]), 1);
  await rejection(view.get(keys[0]));
  await rejection(cached.invalidateNamespace());
});

test('another server takes the version over, and what was invalidated stays so when the first is back', async (t) => {
  const { client, view, home, keys } = await apart(t, QUICK);
  const [key] = keys;
  await view.set(key, 'old');
  home.pause();
  await taken(client, home);
  assert.equal(await view.get(key), undefined);
  await view.invalidateNamespace();
  await view.set(key, 'new');
  assert.equal(await view.get(key), 'new');
  const states = healthOf(client, home);
  home.resume();
  await until(() => states.includes('up'));
  assert.equal(await view.get(key), undefined, 'neither the old one nor the new one');
  await view.set(key, 'newest');
  assert.equal(await view.get(key), 'newest');
});

test('a call keeps its own time and gives up on its signal while the version does not come', async (t) => {
  for (const isKnown of [true, false]) {
    const { view, home, keys, guards } = await apart(t, { failover: 'error', timeoutMs: 5000 });
    const [key] = keys;
    if (isKnown) await view.set(key, 1);
    home.pause();
    const began = performance.now();
    await rejects(view.get(key, { timeoutMs: 50 }), 'ERR_MEMCACHE_TIMEOUT');
    assert.equal(await view.get(key, { timeoutMs: 50, onError: 'miss' }), undefined);
    assert.equal(guards.length, 1);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      view.get(key, { signal, onError: 'miss' }),
      view.getMany(keys, { signal }),
      view.set(key, 2, { signal }),
      view.setMany({ [key]: 2 }, { signal }),
      view.invalidateNamespace({ signal }),
    ].map((call) => rejects(call, 'ERR_MEMCACHE_ABORTED'));
    await sleep(20);
    controller.abort(new Error('enough'));
    for (const error of await Promise.all(calls)) assert.match(String(error.cause), /enough/);
    assert.ok(performance.now() - began < 4000, 'nobody waited for the client');
    home.resume();
  }
});

test('a call with more time than the client has it for the version, too', async (t) => {
  const { view, home, keys } = await apart(t, {
    timeoutMs: 200,
    stallTimeoutMs: 5000,
    failover: 'error',
  });
  await view.set(keys[0], 1);
  home.pause();
  const call = view.get(keys[0], { timeoutMs: 5000 });
  await rejects(view.get(keys[0]), 'ERR_MEMCACHE_TIMEOUT');
  home.resume();
  assert.equal(await call, 1);
});

test('a question that is lost with its connection is asked again', async (t) => {
  const { server, client } = await lab(t);
  const view = client.namespace('user');
  await view.set('a', 1);
  server.next.push((_request, peer) => void peer.reset());
  assert.equal(await view.get('a'), 1);
});

test('a client that closes tells those who wait for the version', async (t) => {
  const { view, client, home, keys } = await apart(t, { failover: 'error' });
  home.pause();
  const waiting = rejection(view.get(keys[0]));
  const closing = client.close({ timeoutMs: 50 });
  await rejects(view.get(keys[0]), 'ERR_MEMCACHE_CLOSED', 'no');
  await rejects(view.getMany(keys), 'ERR_MEMCACHE_CLOSED');
  await rejects(view.invalidateNamespace(), 'ERR_MEMCACHE_CLOSED');
  assert.equal((await waiting).code, 'ERR_MEMCACHE_CLOSED');
  await closing;
});

for (const connections of [1, 4]) {
  test(`order is kept while others invalidate and answers are late, over ${connections} connections`, async (t) => {
    const [server] = await startFleet(t, 1);
    const proxy = await chaosProxy(t, server);
    proxy.set({ delayMs: 5 });
    const view = clientOf(t, proxy.address, { connections }).namespace('user');
    const other = clientOf(t, server.address).namespace('user');
    let isOver = false;
    const invalidating = (async () => {
      for (; !isOver; await sleep(12)) await other.invalidateNamespace();
    })();
    const stored: Promise<true>[] = [];
    const found: Promise<number | undefined>[] = [];
    for (let value = 0; value < 600; value++) {
      found.push(view.get<number>('a'));
      stored.push(view.set('a', value));
      await sleep(1);
    }
    isOver = true;
    await Promise.all([invalidating, ...stored]);
    let hits = 0;
    for (const [value, answer] of (await Promise.all(found)).entries()) {
      if (answer === undefined) continue;
      assert.equal(answer, value - 1, 'what was stored just before, or nothing');
      hits++;
    }
    t.diagnostic(`${hits} hits of 600`);
    assert.ok(hits > 50, `${hits} hits`);
  });
}

const program = fileURLToPath(new URL('./programs/invalidates.js', import.meta.url));

/** Invalidates over and over in another process; knows what no one may read any more. */
class Rounds {
  /** Rounds that have been begun, and those that are done. */
  begun = 0;
  done = 0;
  /** By value: the rounds that had been begun when it was stored. */
  readonly #storedIn = new Map<number, number>();
  #over = false;

  stored(value: number): void {
    this.#storedIn.set(value, this.begun);
  }

  /** Whether a read that began after `done` rounds may not find this. */
  isDead(value: number, done: number): boolean {
    const storedIn = this.#storedIn.get(value);
    return storedIn !== undefined && storedIn < done;
  }

  async run(name: string, servers: readonly string[]): Promise<void> {
    const child = fork(program, [name, ...servers]);
    try {
      await once(child, 'message');
      while (!this.#over) {
        this.begun++;
        child.send(this.begun);
        await once(child, 'message');
        this.done = this.begun;
        await sleep(2);
      }
    } finally {
      child.disconnect();
      await once(child, 'exit');
    }
  }

  end(): void {
    this.#over = true;
  }
}

/** What 10 000 operations of two clients met while a third invalidated. */
async function stormed(
  t: TestContext,
  versionCacheMs: number,
): Promise<{ rounds: number; hits: number; dead: number }> {
  const fleet = await startFleet(t, 3);
  const servers = addressesOf(fleet);
  const views = [1, 2].map(() =>
    clientOf(t, servers.join(','), { connections: 2 }).namespace('storm', { versionCacheMs }),
  );
  await Promise.all(views.map((view) => view.get('warm')));
  const rounds = new Rounds();
  const running = rounds.run('storm', servers);
  await until(() => rounds.done > 0);
  const keys = Array.from({ length: 12 }, (_, i) => `key:${i}`);
  let [left, values, hits, dead] = [10_000, 0, 0, 0];
  const look = (value: number | undefined, done: number): void => {
    if (value === undefined) return;
    hits++;
    if (rounds.isDead(value, done)) dead++;
  };
  const caller = async (view: Namespace, at: number): Promise<void> => {
    for (let step = at; left-- > 0; step++) {
      const key = keys[(step * 7) % keys.length];
      const { done } = rounds;
      if (step % 3 === 0) {
        const value = ++values;
        await view.set(key, value);
        rounds.stored(value);
      } else if (step % 5 === 0) {
        for (const value of (await view.getMany<number>(keys)).values()) look(value, done);
      } else look(await view.get<number>(key), done);
      if (step % 8 === 0) await sleep(1);
    }
  };
  await Promise.all(views.flatMap((view) => Array.from({ length: 8 }, (_, i) => caller(view, i))));
  rounds.end();
  await running;
  return { rounds: rounds.done, hits, dead };
}

test('10 000 operations: nobody reads what was stored before an invalidation that is done', async (t) => {
  const { rounds, hits, dead } = await stormed(t, 0);
  t.diagnostic(`${rounds} invalidations, ${hits} hits`);
  assert.ok(rounds > 20, `${rounds} invalidations`);
  assert.ok(hits > 100, `${hits} hits`);
  assert.equal(dead, 0);
});

test('who relies on the version for a minute does: the storm shows what it is to show', async (t) => {
  const { dead } = await stormed(t, 60_000);
  assert.ok(dead > 20, `${dead} old values`);
});
