import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FleetClient, ManyError, MemcacheConnectionError } from '../../../src/index.ts';
import type { FallbackMember } from '../../../src/wrappers/fallback-clients.ts';
import { fallback } from '../../../src/wrappers/fallback.ts';
import { Clusters, replacing } from './clusters.ts';

const clusters = new Clusters();

/** Seconds left of an item, in hundreds: a slow machine may have lost some. */
async function hundredsLeft(client: FleetClient, key: string): Promise<number | undefined> {
  const ttl = (await client.inspect(key))?.ttl;
  return ttl === undefined ? undefined : Math.ceil(ttl / 100);
}

describe('getAndTouch', () => {
  test('touches where the key is found', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await Promise.all([fresh.set('a', 'new'), old.set('a', 'old'), old.set('b', 'left')]);
    assert.equal(await cache.getAndTouch('a', 1000), 'new');
    assert.equal(await cache.getAndTouch('b', 1000), 'left');
    assert.equal(await cache.getAndTouch('none', 1000), undefined);
    assert.equal(await hundredsLeft(fresh, 'a'), 10);
    assert.equal(await hundredsLeft(old, 'a'), undefined);
    assert.equal(await hundredsLeft(old, 'b'), 10);
  });

  test('of many keys, each where it is found', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await fresh.setMany({ b: 'new b', c: 'new c' });
    await old.setMany({ a: 'old a', b: 'old b' });
    const found = await cache.getAndTouchMany(['a', 'none', 'b', 'c', 'a'], 1000);
    assert.deepEqual(
      [...found],
      [
        ['a', 'old a'],
        ['b', 'new b'],
        ['c', 'new c'],
      ],
    );
    assert.equal(await hundredsLeft(old, 'a'), 10);
    assert.equal(await hundredsLeft(old, 'b'), undefined);
    assert.equal(await hundredsLeft(fresh, 'c'), 10);
  });

  test('writes: all touches what is behind, too', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old], { writes: 'all' });
    await cache.setMany({ a: 1, b: 2, c: 3 });
    await cache.getAndTouch('a', 1000);
    await cache.getAndTouchMany(['b', 'c'], 1000);
    for (const key of ['a', 'b', 'c'])
      for (const client of [fresh, old]) assert.equal(await hundredsLeft(client, key), 10);
  });

  test('what is only read keeps its ttl', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old], { writes: 'first', deletes: 'first' });
    await old.setMany({ a: 1, b: 2 });
    assert.equal(await cache.getAndTouch('a', 1000), 1);
    assert.deepEqual(await cache.getAndTouchMany(['b'], 1000), new Map([['b', 2]]));
    assert.equal(await hundredsLeft(old, 'a'), undefined);
    assert.equal(await hundredsLeft(old, 'b'), undefined);
    // A client that refuses the ttl is not passed over for one that is not given it.
    const illegal = { code: 'ERR_MEMCACHE_OPTION' };
    await assert.rejects(cache.getAndTouch('a', 0.5), illegal);
    await assert.rejects(cache.getAndTouchMany(['a'], NaN), illegal);
  });

  test('a failed client is passed over', async () => {
    const { fresh, dead } = clusters;
    await fresh.set('a', 1);
    assert.equal(await fallback([dead, fresh]).getAndTouch('a', 1000), 1);
    assert.equal((await fallback([dead, fresh]).getAndTouchMany(['a'], 1000)).get('a'), 1);
    await assert.rejects(fallback([dead]).getAndTouch('a', 1000), MemcacheConnectionError);
  });
});

describe('inspect', () => {
  test('tells of the first client that has the key; the token says which', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await Promise.all([fresh.set('a', 'new', { ttl: 1000 }), old.setMany({ a: 'old', b: 'left' })]);
    const item = await cache.inspect('b', { value: true });
    assert.equal(item?.value, 'left');
    assert.equal(await cache.inspect('none'), undefined);
    const found = await cache.inspectMany<string>(['a', 'none', 'b', 'a'], { value: true });
    assert.deepEqual(
      [...found].map(([key, { value }]) => [key, value]),
      [
        ['a', 'new'],
        ['b', 'left'],
      ],
    );
    assert.equal(await cache.cas('b', 'newer', item.cas), 'stored');
    assert.equal(await cache.cas('a', 'newer', found.get('a')?.cas ?? ''), 'stored');
    assert.equal(await cache.cas('b', 'newest', found.get('b')?.cas ?? ''), 'exists');
    assert.deepEqual([await fresh.get('a'), await old.get('a')], ['newer', undefined]);
    assert.equal(await old.get('b'), 'newer');
  });

  test('does not pass over a failed client', async () => {
    const { fresh, dead } = clusters;
    await fresh.set('a', 1);
    await assert.rejects(fallback([dead, fresh]).inspect('a'), MemcacheConnectionError);
    await assert.rejects(fallback([dead, fresh]).inspectMany(['a']), ManyError);
  });

  test('makes an item in the first client when none has one', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await old.setMany({ a: 1, b: 2 });
    const options = { value: true, vivify: 1000 };
    assert.equal((await cache.inspect('a', options))?.value, 1);
    assert.equal((await cache.inspect('c', options))?.won, true);
    assert.equal((await cache.inspect('c', options))?.lost, true);
    const many = await cache.inspectMany(['d', 'b', 'c'], options);
    assert.deepEqual(
      [...many].map(([key, { value, won, lost }]) => [key, value, won, lost]),
      [
        ['d', undefined, true, false],
        ['b', 2, false, false],
        ['c', undefined, false, true],
      ],
    );
    assert.match(many.get('d')?.cas ?? '', /^0\.\d+$/);
    assert.deepEqual([...(await fresh.inspectMany(['a', 'b', 'c', 'd'])).keys()], ['c', 'd']);
    assert.equal((await old.inspectMany(['c', 'd'])).size, 0);
  });

  test('changes nothing where items are only read', async () => {
    const { fresh, old } = clusters;
    const reading = fallback([fresh, old], { deletes: 'first' });
    await old.set('a', 1, { ttl: 1000 });
    const changes = { touch: 2000, recache: 1500 };
    assert.equal((await reading.inspect('a', changes))?.won, false);
    assert.equal(await hundredsLeft(old, 'a'), 10);
    assert.equal((await fallback([fresh, old]).inspect('a', { recache: 1500 }))?.won, true);
    await fallback([fresh, old]).inspect('a', { touch: 2000 });
    assert.equal(await hundredsLeft(old, 'a'), 20);
  });

  test('a token goes to the client that gave it, and to no other', async () => {
    const given: unknown[] = [];
    const noting = (client: FleetClient): FallbackMember =>
      replacing(client, {
        inspect: (_, options) => {
          given.push(options?.unlessCas);
          return Promise.resolve(undefined);
        },
        inspectMany: (_, options) => {
          given.push(options?.unlessCas);
          return Promise.resolve(new Map());
        },
      });
    const cache = fallback([noting(clusters.fresh), noting(clusters.old)]);
    await cache.inspect('a', { value: true, unlessCas: '1.7' });
    await cache.inspectMany(['a'], { value: true, unlessCas: '0.8', vivify: 5 });
    assert.deepEqual(given, [undefined, '7', '8', undefined, '8']);
    given.length = 0;
    await fallback([cache]).inspect('a', { value: true, unlessCas: '0.1.9' });
    assert.deepEqual(given, [undefined, '9']);
  });

  test('refuses what it cannot use', async () => {
    const { fresh, old } = clusters;
    const cache = fallback([fresh, old]);
    await Promise.all([fresh.set('a', 1), old.set('a', 1)]);
    const asked = fresh.metrics().gets;
    const wrong: unknown[] = [
      null,
      7,
      'value',
      { vivify: 0.5 },
      { newCas: 5n },
      { unlessCas: '0.7' },
      { value: true, unlessCas: '7' },
      { value: true, unlessCas: '2.7' },
      { value: true, unlessCas: '0.x' },
      { facts: [] },
    ];
    for (const options of wrong) {
      const refused = { code: 'ERR_MEMCACHE_OPTION' };
      await assert.rejects(cache.inspect('a', options as object), refused);
      await assert.rejects(cache.inspectMany(['a'], options as object), refused);
    }
    assert.equal(fresh.metrics().gets, asked);
    await assert.rejects(cache.inspect(''), { code: 'ERR_MEMCACHE_KEY' });
  });
});
