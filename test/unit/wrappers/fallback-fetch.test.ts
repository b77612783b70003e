import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Key } from '../../../src/index.ts';
import { fallback } from '../../../src/wrappers/fallback.ts';
import { Clusters, replacing } from './clusters.ts';

const clusters = new Clusters();

const notCalled = (): never => assert.fail('nothing was to be loaded');

/** What a fetch stores is there a moment after its answer. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, 'it has not become so');
    await sleep(5);
  }
}

const stored = (key: string, value: unknown): Promise<void> =>
  eventually(async () => (await clusters.fresh.get(key)) === value);

describe('fetch', () => {
  test('what another client has takes the loader’s place, and moves', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await old.setMany({ k: 'old', nil: null, zero: 0 });
    assert.equal(await cache.fetch('k', { ttl: 1000 }, notCalled), 'old');
    await stored('k', 'old');
    assert.equal(await old.get('k'), undefined);
    assert.ok(((await fresh.inspect('k'))?.ttl ?? 0) > 900);
    assert.equal(await cache.fetch('k', {}, notCalled), 'old');
    assert.equal(await cache.fetch('nil', {}, notCalled), null);
    assert.equal(await cache.fetch('zero', {}, notCalled), 0);
    await fresh.set('both', 'new');
    await old.set('both', 'old');
    assert.equal(await cache.fetch('both', {}, notCalled), 'new');
  });

  test('what none has is loaded once, and stored in the first client', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old], { writes: 'all' });
    let loads = 0;
    const load = async (key: string): Promise<string> => {
      loads++;
      await sleep(10);
      return `loaded ${key}`;
    };
    const callers = Array.from({ length: 20 }, () => cache.fetch('k', { ttl: 60 }, load));
    assert.deepEqual(new Set(await Promise.all(callers)), new Set(['loaded k']));
    await stored('k', 'loaded k');
    assert.equal(await old.get('k'), undefined);
    assert.equal(loads, 1);
  });

  test('what is due in the first client is loaded, whatever the others have', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await fresh.set('k', 'due', { ttl: 50 });
    await old.set('k', 'older');
    const policy = { ttl: 1000, staleFor: 100 };
    assert.equal(await cache.fetch('k', policy, () => 'loaded'), 'loaded');
    await stored('k', 'loaded');
    assert.equal(await old.get('k'), undefined);
  });

  test('what is stale elsewhere is not taken over', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await old.setMany({ marked: 'old', fresh: 'old' });
    await old.set('due', 'old', { ttl: 50 });
    await old.set('fresh', 'old', { ttl: 1000 });
    await old.invalidate('marked', { staleFor: 1000 });
    const policy = { ttl: 1000, staleFor: 100 };
    assert.equal(await cache.fetch('marked', {}, () => 'loaded'), 'loaded');
    assert.equal(await cache.fetch('due', policy, () => 'loaded'), 'loaded');
    assert.equal(await cache.fetch('fresh', policy, notCalled), 'old');
    await stored('due', 'loaded');
    assert.deepEqual(await old.getValues(['marked', 'due']), [undefined, undefined]);
  });

  test('a server without meta commands is asked with get', async () => {
    const { fresh, old } = clusters;
    const classic = clusters.clientOf(1, { dialect: 'classic' });
    const cache = fallback([fresh, classic]);
    await old.set('k', 'old');
    assert.equal(await cache.fetch('k', {}, notCalled), 'old');
    assert.equal(await cache.fetch('none', {}, () => 'loaded'), 'loaded');
    const behind = fallback([clusters.clientOf(0, { dialect: 'classic' }), classic]);
    await old.set('l', 'old');
    assert.equal(await behind.fetch('l', {}, notCalled), 'old');
    await stored('l', 'old');
    assert.equal(await old.get('l'), undefined);
  });

  test('deletes: first leaves the others as they are', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old], { deletes: 'first' });
    await old.set('k', 'old');
    assert.equal(await cache.fetch('k', {}, notCalled), 'old');
    await stored('k', 'old');
    assert.equal(await old.get('k'), 'old');
  });
});

describe('a fetch that fails', () => {
  test('a loader’s failure is the caller’s, and one that answers nothing stores nothing', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    const failure = new Error('failed');
    const fails = (): never => {
      throw failure;
    };
    await assert.rejects(cache.fetch('k', {}, fails), failure);
    assert.equal(await cache.fetch('k', {}, () => undefined), undefined);
    assert.equal(await cache.fetch('k', {}, () => 'loaded'), 'loaded');
    for (const none of [undefined, 'text'])
      await assert.rejects(cache.fetch('k', {}, none as never), { code: 'ERR_MEMCACHE_VALUE' });
    await assert.rejects(cache.fetch('k', { stale: 1 } as object, notCalled), {
      code: 'ERR_MEMCACHE_OPTION',
    });
    await assert.rejects(cache.fetch('k', undefined as never, notCalled), {
      code: 'ERR_MEMCACHE_OPTION',
    });
  });

  test('a client that fails is passed over; what the first cannot store is not removed', async () => {
    const { fresh, old, dead } = clusters;
    const failures: number[] = [];
    const onFailure = (_: unknown, client: number): void => {
      failures.push(client);
    };
    const behind = fallback([fresh, dead], { onFailure });
    assert.equal(await behind.fetch('k', {}, () => 'loaded'), 'loaded');
    await stored('k', 'loaded');
    assert.ok(failures.length > 0 && failures.every((client) => client === 1));
    failures.length = 0;
    await old.set('k', 'old');
    const first = fallback([dead, old], { onFailure });
    assert.equal(await first.fetch('k', {}, notCalled), 'old');
    assert.equal(await first.fetch('none', {}, () => 'loaded'), 'loaded');
    assert.deepEqual((await first.fetchMany(['k'], {}, notCalled)).get('k'), 'old');
    assert.equal(await old.get('k'), 'old');
    assert.deepEqual(new Set(failures), new Set([0]));
    await assert.rejects(first.fetch('k', { onError: 'throw' }, notCalled), {
      server: dead.servers[0],
    });
  });

  test('the options of the call are those of all reads', async () => {
    const { fresh } = clusters;
    const given: unknown[] = [];
    const noting = replacing(clusters.old, {
      inspect: (_, options) => {
        given.push(options);
        return Promise.resolve(undefined);
      },
    });
    const call = { timeoutMs: 5000, routeBy: 'r', lane: 'bulk', codec: 'json' } as const;
    const { signal } = new AbortController();
    await fallback([fresh, noting]).fetch('k', { ...call, signal, ttl: 5 }, () => 1);
    assert.deepEqual(given, [{ ...call, onError: 'throw', value: true }]);
  });
});

describe('fetchMany', () => {
  test('the loader is called once, with what no client has', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await fresh.set('new', 1);
    await old.setMany({ new: 0, old: 2, nil: null });
    const calls: (readonly Key[])[] = [];
    const loads = (keys: readonly Key[]): Record<string, number> => {
      calls.push(keys);
      return { none: 3 };
    };
    const found = await cache.fetchMany<number | null>(
      ['none', 'old', 'nil', 'lost', 'new', 'old'],
      { ttl: 60 },
      loads,
    );
    assert.deepEqual(
      [...found],
      [
        ['none', 3],
        ['old', 2],
        ['nil', null],
        ['new', 1],
      ],
    );
    assert.deepEqual(calls, [['none', 'lost']]);
    await Promise.all([stored('none', 3), stored('old', 2), stored('nil', null)]);
    assert.deepEqual(await old.getValues(['old', 'nil', 'new']), [undefined, undefined, 0]);
    await old.set('bytes', 'old');
    const bytes = Buffer.from('bytes');
    assert.deepEqual(await cache.fetchMany([bytes], {}, notCalled), new Map([[bytes, 'old']]));
  });

  test('what a loader may not answer, and what it throws, rejects', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await old.set('old', 1);
    const failure = new Error('failed');
    await assert.rejects(
      cache.fetchMany(['old', 'none'], {}, () => Promise.reject(failure)),
      failure,
    );
    await assert.rejects(cache.fetchMany(['none'], {}, (() => [1]) as never), {
      code: 'ERR_MEMCACHE_VALUE',
      message: /must answer a Map or a plain object/,
    });
    await assert.rejects(cache.fetchMany(['none'], {}, 7 as never), {
      code: 'ERR_MEMCACHE_VALUE',
    });
    const loaded = new Map([['none', 2]]);
    assert.deepEqual(await cache.fetchMany(['none'], {}, () => loaded), loaded);
  });
});

describe('invalidate', () => {
  test('reaches every client, the first one last', async () => {
    const { fresh, old } = clusters;
    await Promise.all([fresh.set('a', 1), old.setMany({ a: 0, b: 0 })]);
    const order: string[] = [];
    const slowly = replacing(old, {
      invalidate: async (key, options) => {
        await sleep(20);
        order.push('old');
        return old.invalidate(key, options);
      },
    });
    const last = replacing(fresh, {
      invalidate: (key, options) => {
        order.push('fresh');
        return fresh.invalidate(key, options);
      },
    });
    const cache = fallback([last, slowly]);
    assert.equal(await cache.invalidate('a'), true);
    assert.equal(await cache.invalidate('b'), true);
    assert.equal(await cache.invalidate('none'), false);
    assert.deepEqual(order.slice(0, 2), ['old', 'fresh']);
    assert.deepEqual(await cache.getValues(['a', 'b']), [undefined, undefined]);
  });

  test('with staleFor the next fetch loads, wherever the value is', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await Promise.all([fresh.set('a', 'old'), old.set('b', 'old')]);
    for (const key of ['a', 'b']) {
      assert.equal(await cache.invalidate(key, { staleFor: 1000 }), true);
      assert.equal(await cache.get(key), 'old');
      assert.equal(await cache.fetch(key, {}, () => 'loaded'), 'loaded');
      await stored(key, 'loaded');
    }
  });

  test('what is taken over meanwhile is not stored', async () => {
    const { fresh, old } = clusters;
    const other = fallback([fresh, old]);
    await old.set('k', 'old');
    const late = replacing(old, {
      inspect: (async (key: Key, options?: object) => {
        const found = await old.inspect(key, options);
        await other.invalidate('k');
        return found;
      }) as never,
    });
    assert.equal(await fallback([fresh, late]).fetch('k', {}, notCalled), 'old');
    await sleep(50);
    assert.deepEqual([await fresh.get('k'), await old.get('k')], [undefined, undefined]);
  });

  test('rejects when one failed, and goes on with the others', async () => {
    const { fresh, dead } = clusters;
    await fresh.set('k', 1);
    await assert.rejects(fallback([fresh, dead]).invalidate('k'), { server: dead.servers[0] });
    assert.equal(await fresh.get('k'), undefined);
    await fresh.set('k', 1);
    const kept = fallback([fresh, dead], { deletes: 'first' });
    assert.equal(await kept.invalidate('k'), true);
  });
});
