import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fallback } from '../../../src/wrappers/fallback.ts';
import type {
  FallbackClient,
  FallbackMember,
  FallbackOptions,
} from '../../../src/wrappers/fallback-clients.ts';
import type { Key } from '../../../src/client/read.ts';
import { withRetry } from '../../../src/wrappers/with-retry.ts';
import {
  IllegalInputError,
  ManyError,
  MemcacheConnectionError,
  type MemcacheError,
} from '../../../src/errors.ts';
import { createClient, type FleetClient, ServerClient } from '../../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../../src/testing/index.ts';

const PATIENCE_MS = 10_000;

const servers: RunningMemcached[] = [];
const clients: FleetClient[] = [];
let fresh: FleetClient;
let old: FleetClient;
/** A client of a server that is gone. */
let dead: FleetClient;

function clientOf(server: RunningMemcached, options: { keyPrefix?: string } = {}): FleetClient {
  const client = createClient({
    servers: server.address,
    timeoutMs: PATIENCE_MS,
    connectTimeoutMs: PATIENCE_MS,
    ...options,
  });
  clients.push(client);
  return client;
}

before(async () => {
  servers.push(...(await Promise.all([startMemcached(), startMemcached(), startMemcached()])));
  [fresh, old, dead] = servers.map((server) => clientOf(server));
  await servers[2].stop();
});

beforeEach(async () => {
  await Promise.all([fresh.flushAll(), old.flushAll()]);
});

after(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(servers.map((server) => server.stop()));
});

/** A fallback, and the failures it does not tell its callers: by client and code. */
function watched(
  given: readonly FallbackMember[],
  options: FallbackOptions = {},
): { cache: FallbackClient; failures: [client: number, code: string][] } {
  const failures: [number, string][] = [];
  const onFailure = (error: unknown, client: number): void => {
    failures.push([client, (error as MemcacheError).code]);
  };
  return { cache: fallback(given, { onFailure, ...options }), failures };
}

const placesOf = (failures: readonly [client: number, code: string][]): number[] =>
  failures.map(([client]) => client);

/** The client with some verbs of its own. */
function replacing(client: FleetClient, verbs: Partial<FallbackMember>): FallbackMember {
  return new Proxy(client, {
    get: (target, name) => {
      const verb: unknown =
        (verbs as Record<PropertyKey, unknown>)[name] ?? Reflect.get(target, name, target);
      return typeof verb === 'function' ? verb.bind(target) : verb;
    },
  });
}

/** Fails for these keys as if their server did, and answers the others. */
function partlyFailing(client: FleetClient, failing: readonly string[]): FallbackMember {
  const error = new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');
  const split = async <V>(
    keys: Iterable<Key>,
    ask: (keys: Key[]) => Promise<Map<Key, V>>,
  ): Promise<Map<Key, V>> => {
    const list = [...keys];
    const found = await ask(list.filter((key) => !failing.includes(String(key))));
    const errors = list.filter((key) => failing.includes(String(key))).map((key) => [key, error]);
    if (errors.length > 0) throw new ManyError(found, new Map(errors as [Key, typeof error][]));
    return found;
  };
  const verbs: Partial<FallbackMember> = {
    getValues: async <T>(keys: Iterable<Key>) => {
      const list = [...keys];
      const found = await split<T>(list, (asked) => client.getMany<T>(asked));
      return list.map((key) => found.get(key));
    },
    getsMany: (keys) => split(keys, (asked) => client.getsMany(asked)) as never,
    deleteMany: (keys) => split(keys, (asked) => client.deleteMany(asked)),
  };
  return replacing(client, verbs);
}

describe('reads', () => {
  test('get answers from the first client that has the key', async () => {
    const cache = fallback([fresh, old]);
    await Promise.all([fresh.set('both', 'new'), old.set('both', 'old'), old.set('left', 0)]);
    assert.equal(await cache.get('both'), 'new');
    assert.equal(await cache.get('left'), 0);
    assert.equal(await cache.get('none'), undefined);
  });

  test('many keys are looked for one by one, in the order of the call', async () => {
    const cache = fallback([fresh, old]);
    await old.setMany({ a: 'old a', b: 'old b', d: 'old d' });
    await fresh.setMany({ b: 'new b', c: 'new c' });
    const keys = ['a', 'none', 'b', 'c', 'a', 'd'];
    assert.deepEqual(
      [...(await cache.getMany(keys))],
      [
        ['a', 'old a'],
        ['b', 'new b'],
        ['c', 'new c'],
        ['d', 'old d'],
      ],
    );
    assert.deepEqual(await cache.getValues(new Set(keys)), [
      'old a',
      undefined,
      'new b',
      'new c',
      'old d',
    ]);
    assert.deepEqual(await cache.getValues(keys), [
      'old a',
      undefined,
      'new b',
      'new c',
      'old a',
      'old d',
    ]);
    assert.deepEqual([...(await cache.getsMany(keys)).keys()], ['a', 'b', 'c', 'd']);
  });

  test('the next client is asked only for what the former lacks', async () => {
    await fresh.setMany({ a: 1, b: 2 });
    const asked = old.metrics().gets;
    const cache = fallback([fresh, old]);
    await cache.get('a');
    await cache.getMany(['a', 'b']);
    assert.equal(old.metrics().gets, asked);
    await cache.getValues(['a', 'x', 'y', 'b']);
    assert.equal(old.metrics().gets, asked + 2);
  });

  test('the same bytes are one key, found in one client', async () => {
    const cache = fallback([fresh, old]);
    const bytes = Buffer.from('é');
    await fresh.set('é', 'new');
    await old.set('é', 'old');
    assert.deepEqual([...(await cache.getMany(['é', bytes]))], [['é', 'new']]);
    assert.deepEqual([...(await cache.getMany([bytes, 'é']))], [[bytes, 'new']]);
    assert.deepEqual(await cache.getValues([bytes, 'é', bytes]), ['new', 'new', 'new']);
  });
});

describe('reads of a client that fails', () => {
  test('a failed client is passed over, whichever it is', async () => {
    await fresh.set('k', 'v');
    const gone = watched([dead, fresh]);
    assert.equal(await gone.cache.get('k'), 'v');
    assert.equal(await gone.cache.get('none'), undefined);
    assert.deepEqual(await gone.cache.getValues(['none', 'k']), [undefined, 'v']);
    assert.deepEqual(placesOf(gone.failures), [0, 0, 0]);
    const oldGone = watched([fresh, dead]);
    assert.equal(await oldGone.cache.get('none'), undefined);
    assert.deepEqual([...(await oldGone.cache.getMany(['none', 'k']))], [['k', 'v']]);
    assert.deepEqual(placesOf(oldGone.failures), [1, 1]);
  });

  test('when all fail, the first failure is the answer', async () => {
    const cache = fallback([dead, dead]);
    await assert.rejects(cache.get('k'), MemcacheConnectionError);
    await assert.rejects(cache.getMany(['k', 'l']), (error) => {
      assert.ok(error instanceof ManyError);
      assert.deepEqual([...error.errors.keys()], ['k', 'l']);
      return true;
    });
    await assert.rejects(cache.get(''), { code: 'ERR_MEMCACHE_KEY' });
    for (const lone of ['k', undefined, 7])
      await assert.rejects(cache.getMany(lone as never), { code: 'ERR_MEMCACHE_KEY' });
  });

  test('of many keys, each failed only if it failed everywhere', async () => {
    await old.setMany({ b: 2, c: 3 });
    await fresh.set('a', 1);
    const cache = fallback([partlyFailing(fresh, ['b', 'x', 'y']), partlyFailing(old, ['x', 'z'])]);
    assert.deepEqual(await cache.getValues(['a', 'b', 'c', 'y', 'z']), [
      1,
      2,
      3,
      undefined,
      undefined,
    ]);
    await assert.rejects(cache.getMany(['a', 'b', 'x', 'y', 'z']), (error) => {
      assert.ok(error instanceof ManyError);
      assert.deepEqual([...error.errors.keys()], ['x']);
      assert.deepEqual(
        [...error.values],
        [
          ['a', 1],
          ['b', 2],
        ],
      );
      return true;
    });
  });

  test('an aborted read asks nobody else', async () => {
    const { cache, failures } = watched([fresh, old]);
    const signal = AbortSignal.abort();
    await assert.rejects(cache.get('k', { signal }), { code: 'ERR_MEMCACHE_ABORTED' });
    await assert.rejects(cache.getMany(['k'], { signal }), { code: 'ERR_MEMCACHE_ABORTED' });
    assert.deepEqual(failures, []);
  });

  test('a timeoutMs is for all clients together', async () => {
    const given: (number | undefined)[] = [];
    const slow = (ms: number): FallbackMember =>
      replacing(fresh, {
        get: async (_, options) => {
          given.push(options?.timeoutMs);
          await sleep(ms);
          return undefined;
        },
        getValues: async (keys, options) => {
          given.push(options?.timeoutMs);
          await sleep(ms);
          return Array.from(keys, () => undefined);
        },
      });
    const { cache, failures } = watched([slow(25), slow(0)]);
    await cache.get('k', { timeoutMs: 60_000 });
    await cache.getMany(['k'], { timeoutMs: 60_000 });
    await cache.get('k');
    const [first, second = 0, firstOfMany, secondOfMany = 0, ...unbounded] = given;
    assert.deepEqual([first, firstOfMany], [60_000, 60_000]);
    assert.ok(second <= 59_976 && secondOfMany <= 59_976);
    assert.deepEqual(unbounded, [undefined, undefined]);
    given.length = 0;
    const late = watched([slow(25), slow(0)]);
    assert.equal(await late.cache.get('k', { timeoutMs: 10 }), undefined);
    assert.deepEqual(await late.cache.getValues(['k'], { timeoutMs: 10 }), [undefined]);
    assert.deepEqual(given, [10, 10]);
    assert.deepEqual(failures, []);
    const timeout = [1, 'ERR_MEMCACHE_TIMEOUT'];
    assert.deepEqual(late.failures, [timeout, timeout]);
    const counting = fallback([replacing(old, { incr: () => sleep(25) }), fresh]);
    await assert.rejects(counting.incr('n', 1, { timeoutMs: 10 }), {
      name: 'TimeoutError',
      code: 'ERR_MEMCACHE_TIMEOUT',
    });
  });
});

describe('stores', () => {
  test('go to the first client, and what the others had is gone', async () => {
    const cache = fallback([fresh, old]);
    await old.setMany({ k: 'old', l: 'old', m: 'old' });
    assert.equal(await cache.set('k', 'new', { ttl: 60 }), true);
    function* pairs(): Generator<readonly [string, string]> {
      yield ['l', 'new'];
    }
    assert.equal(await cache.setMany(pairs()), true);
    assert.deepEqual(await fresh.getValues(['k', 'l', 'm']), ['new', 'new', undefined]);
    assert.deepEqual(await old.getValues(['k', 'l', 'm']), [undefined, undefined, 'old']);
  });

  test('writes: all stores everywhere', async () => {
    const cache = fallback([fresh, old], { writes: 'all' });
    await cache.set('k', 'v', { ttl: 60 });
    await cache.setMany(new Map([['l', 'w']]));
    for (const client of [fresh, old])
      assert.deepEqual(await client.getValues(['k', 'l']), ['v', 'w']);
    await cache.replace('k', 'again');
    assert.deepEqual([await fresh.get('k'), await old.get('k')], ['again', undefined]);
  });

  test('deletes: first leaves the others as they are', async () => {
    const cache = fallback([fresh, old], { deletes: 'first' });
    await old.setMany({ k: 'old', n: 5 });
    await cache.set('k', 'new');
    assert.equal(await cache.delete('k'), true);
    assert.equal(await cache.get('k'), 'old');
    assert.equal(await cache.replace('k', 'new'), false);
    assert.equal(await cache.incr('n'), undefined);
    assert.equal(await cache.touch('k', 5), false);
    const item = await cache.gets('k');
    assert.equal(await cache.cas('k', 'newer', item?.cas ?? ''), 'stored');
    assert.equal(await cache.cas('k', 'newest', item?.cas ?? ''), 'exists');
    assert.deepEqual([await fresh.get('k'), await old.get('k')], ['newer', 'old']);
    await cache.flushAll();
    assert.deepEqual([await fresh.get('k'), await old.get('k')], [undefined, 'old']);
  });

  test('the first client decides; what fails behind it is told elsewhere', async () => {
    const { cache, failures } = watched([fresh, dead]);
    assert.equal(await cache.set('k', 'v'), true);
    assert.equal(await cache.setMany({ l: 1 }), true);
    assert.equal(await cache.add('m', 1), true);
    assert.equal(await cache.touch('k', 60), true);
    assert.equal(await cache.replace('k', 'w'), true);
    assert.equal(await cache.incr('n', 1).catch(() => 'failed'), 'failed');
    assert.ok(failures.every(([client]) => client === 1));
    assert.equal(failures.length, 5);
    const behind = fallback([dead, fresh]);
    await assert.rejects(behind.set('k', 'v'), MemcacheConnectionError);
    await assert.rejects(behind.replace('k', 'v'), MemcacheConnectionError);
    await assert.rejects(behind.touch('k', 5), MemcacheConnectionError);
    await assert.rejects(fallback([fresh, old]).set('', 1), { code: 'ERR_MEMCACHE_KEY' });
  });
});

describe('stores that depend on what is there', () => {
  test('add does not store what another client has', async () => {
    const cache = fallback([fresh, old]);
    await old.set('k', 'old');
    assert.equal(await cache.add('k', 'new'), false);
    assert.equal(await cache.add('l', 'new'), true);
    assert.equal(await cache.add('l', 'newer'), false);
    assert.deepEqual(await cache.getValues(['k', 'l']), ['old', 'new']);
  });

  test('replace and counters work where the key is', async () => {
    const cache = fallback([fresh, old]);
    await old.setMany({ k: 'old', n: 5, big: 7 });
    assert.equal(await cache.replace('k', 'newer'), true);
    assert.equal(await old.get('k'), 'newer');
    assert.equal(await cache.replace('none', 'v'), false);
    assert.equal(await cache.incr('n', 2, { initial: 100 }), 7);
    assert.equal(await cache.decr('n'), 6);
    assert.equal(await cache.incr('big', 2n), 9n);
    assert.equal(await cache.incr('none'), undefined);
    assert.equal(await cache.incr('started', 1, { initial: 100 }), 101);
    assert.deepEqual([await fresh.get('started'), await old.get('started')], [101, undefined]);
    await old.set('started', 1);
    assert.equal(await cache.incr('started'), 102);
    assert.equal(await old.get('started'), undefined);
  });

  test('touch reaches every client', async () => {
    const cache = fallback([fresh, old]);
    await old.set('k', 'v', { ttl: 1000 });
    assert.equal(await cache.touch('k', -1), true);
    assert.equal(await old.get('k'), undefined);
    assert.equal(await cache.touch('k', 5), false);
  });

  test('a token belongs to the client that gave it', async () => {
    const cache = fallback([fresh, old]);
    await fresh.set('a', 1);
    await old.setMany({ a: 0, b: 0 });
    const found = await cache.getsMany<number>(['a', 'b', 'none']);
    assert.deepEqual(
      [...found].map(([key, { value }]) => [key, value]),
      [
        ['a', 1],
        ['b', 0],
      ],
    );
    assert.equal(await cache.cas('b', 2, found.get('b')?.cas ?? ''), 'stored');
    assert.equal(await cache.cas('b', 3, found.get('b')?.cas ?? ''), 'exists');
    assert.equal(await cache.cas('a', 2, found.get('a')?.cas ?? ''), 'stored');
    assert.equal(await old.get('a'), undefined);
    assert.deepEqual(await cache.getValues(['a', 'b']), [2, 2]);
    const item = await cache.gets('b');
    await cache.delete('b');
    assert.equal(await cache.cas('b', 4, item?.cas ?? ''), 'missing');
    assert.equal(await cache.gets('b'), undefined);
    for (const wrong of ['', '7', '2.7', '0.', '0.x', '-1.7', undefined])
      await assert.rejects(cache.cas('b', 1, wrong as string), IllegalInputError);
  });

  test('gets does not pass over a failed client', async () => {
    await fresh.setMany({ k: 1, l: 2 });
    const { cache, failures } = watched([dead, fresh]);
    await assert.rejects(cache.gets('k'), MemcacheConnectionError);
    await assert.rejects(cache.getsMany(['k', 'l']), ManyError);
    assert.deepEqual(failures, []);
    await assert.rejects(
      fallback([partlyFailing(old, ['k']), fresh]).getsMany(['k', 'l']),
      (error) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([[...error.errors.keys()], [...error.values.keys()]], [['k'], ['l']]);
        return true;
      },
    );
  });

  test('clients of the same server do not remove what was just stored', async () => {
    const again = clientOf(servers[0]);
    const prefixed = clientOf(servers[0], { keyPrefix: 'p:' });
    const one = new ServerClient(servers[0].address);
    const cache = fallback([fresh, again, one, prefixed]);
    assert.deepEqual(cache.servers, fresh.servers);
    assert.equal(fallback([one]).serverFor('k'), fresh.serverFor('k'));
    await prefixed.set('k', 'old');
    await cache.set('k', 'v');
    await cache.setMany({ l: 'w' });
    assert.equal(await cache.add('m', 1), true);
    assert.equal(await cache.incr('m'), 2);
    assert.deepEqual(await fresh.getValues(['k', 'l', 'm']), ['v', 'w', 2]);
    assert.equal(await prefixed.get('k'), undefined);
    await one.close();
  });
});

describe('deletes', () => {
  test('reach every client, and tell whether one had the key', async () => {
    const cache = fallback([fresh, old]);
    await old.setMany({ a: 1, b: 1 });
    await fresh.setMany({ a: 2, c: 2 });
    assert.equal(await cache.delete('a'), true);
    assert.equal(await cache.get('a'), undefined);
    assert.equal(await cache.delete('a'), false);
    assert.deepEqual(
      [...(await cache.deleteMany(['a', 'b', 'c', 'b']))],
      [
        ['a', false],
        ['b', true],
        ['c', true],
      ],
    );
    assert.equal((await cache.getMany(['a', 'b', 'c'])).size, 0);
  });

  test('reject when one failed: what was to go may come back', async () => {
    await fresh.set('k', 1);
    const cache = fallback([fresh, dead]);
    await assert.rejects(cache.delete('k'), MemcacheConnectionError);
    assert.equal(await fresh.get('k'), undefined);
    await assert.rejects(cache.flushAll(), MemcacheConnectionError);
    await fresh.setMany({ a: 1, b: 1 });
    await assert.rejects(
      fallback([fresh, partlyFailing(old, ['b'])]).deleteMany(['a', 'b']),
      (error) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([...error.values], [['a', true]]);
        assert.deepEqual([...error.errors.keys()], ['b']);
        return true;
      },
    );
    assert.deepEqual(await fresh.getValues(['a', 'b']), [undefined, undefined]);
  });

  test('flushAll empties every client', async () => {
    await Promise.all([fresh.set('a', 1), old.set('b', 1)]);
    const flushed = await fallback([fresh, old]).flushAll();
    assert.deepEqual(flushed, new Map([...fresh.servers, ...old.servers].map((s) => [s, true])));
    assert.deepEqual([await fresh.get('a'), await old.get('b')], [undefined, undefined]);
  });
});

describe('the clients as one', () => {
  test('version and stats tell of every server that answers', async () => {
    const { cache, failures } = watched([fresh, old, dead]);
    const names = [...fresh.servers, ...old.servers];
    assert.deepEqual([...(await cache.version()).keys()], names);
    const stats = await cache.stats('settings');
    assert.deepEqual([...stats.keys()], names);
    assert.deepEqual(placesOf(failures), [2, 2]);
    await assert.rejects(fallback([dead]).version(), MemcacheConnectionError);
    assert.deepEqual(cache.servers, [...names, ...dead.servers]);
    assert.equal(cache.serverFor('k'), fresh.serverFor('k'));
  });

  test('connect needs the first client only', async () => {
    await fallback([fresh, dead]).connect();
    await assert.rejects(fallback([dead, fresh]).connect(), MemcacheConnectionError);
  });

  test('close closes them all', async () => {
    const [one, two] = servers.map((server) => clientOf(server));
    {
      await using cache = fallback([one, two]);
      await cache.set('k', 'v');
    }
    for (const client of [one, two])
      await assert.rejects(client.get('k'), { code: 'ERR_MEMCACHE_CLOSED' });
  });

  test('one fallback may be a client of another, and be retried', async () => {
    await dead.get('k').catch(() => {});
    await old.set('k', 5);
    const cache = withRetry(fallback([fresh, fallback([dead, old])]));
    assert.equal(await cache.get('k'), 5);
    const item = await fallback([fallback([fresh, old])]).gets('k');
    assert.equal(await fallback([fallback([fresh, old])]).cas('k', 6, item?.cas ?? ''), 'stored');
    assert.equal(await old.get('k'), 6);
  });

  test('an onFailure that throws harms no call, and is reported as uncaught', async (t) => {
    const failure = new Error('careless');
    const later = t.mock.method(globalThis, 'queueMicrotask');
    later.mock.mockImplementation((job) => {
      jobs.push(job);
    });
    const jobs: (() => void)[] = [];
    const lost = replacing(old, { get: () => Promise.reject(new Error('lost')) });
    const careless = (): never => {
      throw failure;
    };
    const none = replacing(old, { get: () => Promise.resolve(undefined) });
    assert.equal(await fallback([none, lost], { onFailure: careless }).get('k'), undefined);
    assert.equal(jobs.length, 1);
    assert.throws(() => jobs[0](), failure);
  });

  test('what it cannot work with is named', () => {
    const refused = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_OPTION' };
    for (const list of [[], [fresh, undefined], [{}], fresh, undefined, 'clients'])
      assert.throws(() => fallback(list as never), refused);
    for (const [name, value] of [
      ['writes', 'both'],
      ['deletes', true],
      ['onFailure', 'log'],
      ['reads', 'all'],
    ] as const)
      assert.throws(() => fallback([fresh], { [name]: value }), {
        ...refused,
        message: new RegExp(`'${name}'`),
      });
    for (const none of [null, 7]) assert.throws(() => fallback([fresh], none as never), refused);
    const message = /^fallback takes an array of clients; got an object$/;
    assert.throws(() => fallback(fresh as never), { ...refused, message });
  });
});
