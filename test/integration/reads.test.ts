import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  test('get answers the value, or undefined for a miss', async () => {
    const { cache } = backend;
    await cache.set('get:there', 'value');
    assert.equal(await cache.get('get:there'), 'value');
    assert.equal(await cache.get('get:missing'), undefined);
  });

  test('gets answers the value with a token that changes with every store', async () => {
    const { cache } = backend;
    assert.equal(await cache.gets('gets:missing'), undefined);
    await cache.set('gets:there', 1);
    const first = await cache.gets<number>('gets:there');
    const again = await cache.gets<number>('gets:there');
    await cache.set('gets:there', 1);
    const second = await cache.gets<number>('gets:there');
    assert.equal(first?.value, 1);
    assert.match(first.cas, /^\d+$/);
    assert.deepEqual(again, first);
    assert.notEqual(second?.cas, first.cas);
  });

  test('getMany answers the hits in the order of the keys', async () => {
    const { cache } = backend;
    await cache.setMany({ 'many:a': 1, 'many:b': 'two', 'many:c': [3] });
    const hits = await cache.getMany(['many:c', 'many:none', 'many:a', 'many:b']);
    assert.deepEqual(
      [...hits],
      [
        ['many:c', [3]],
        ['many:a', 1],
        ['many:b', 'two'],
      ],
    );
  });

  test('getMany takes any iterable of keys and no lone key', async () => {
    const { cache } = backend;
    await cache.setMany([
      ['iterable:a', 1],
      ['iterable:b', 2],
    ]);
    const expected = new Map([
      ['iterable:a', 1],
      ['iterable:b', 2],
    ]);
    assert.deepEqual(await cache.getMany(new Set(expected.keys())), expected);
    assert.deepEqual(await cache.getMany(expected.keys()), expected);
    for (const lone of ['iterable:a', Buffer.from('iterable:a'), undefined, 7, {}]) {
      await assert.rejects(cache.getMany(lone as never), { code: 'ERR_MEMCACHE_KEY', sent: 'no' });
    }
  });

  test('a read of no keys is answered without asking the server', async () => {
    const cache = backend.client();
    assert.deepEqual(await cache.getMany([]), new Map());
    assert.deepEqual(await cache.getsMany([]), new Map());
    assert.deepEqual(await cache.getValues([]), []);
    assert.equal(cache.metrics().connects, 0);
  });

  test('getsMany answers a token with each hit', async () => {
    const { cache } = backend;
    await cache.setMany({ 'getsMany:a': 1, 'getsMany:b': 2 });
    const hits = await cache.getsMany<number>(['getsMany:a', 'getsMany:none', 'getsMany:b']);
    assert.deepEqual([...hits.keys()], ['getsMany:a', 'getsMany:b']);
    assert.deepEqual(hits.get('getsMany:a'), await cache.gets('getsMany:a'));
    assert.equal(await cache.cas('getsMany:b', 3, hits.get('getsMany:b')?.cas ?? ''), 'stored');
  });

  test('getValues answers by place, with every duplicate', async () => {
    const { cache } = backend;
    await cache.set('values:a', 'x');
    const values = await cache.getValues(['values:a', 'values:none', 'values:a']);
    assert.deepEqual(values, ['x', undefined, 'x']);
  });

  test('the same bytes are one key however they are written, and one entry of a Map', async () => {
    const { cache } = backend;
    await cache.set('same:é', 'x');
    const bytes = Buffer.from('same:é');
    assert.equal(await cache.get(bytes), 'x');
    assert.deepEqual([...(await cache.getMany(['same:é', bytes, bytes]))], [['same:é', 'x']]);
    const hits = await cache.getMany([bytes, 'same:é']);
    assert.equal(hits.size, 1);
    assert.equal(hits.get(bytes), 'x');
    assert.deepEqual(await cache.getValues([bytes, 'same:é']), ['x', 'x']);
  });

  test('a read beside a write of the same key sees what was there when it was issued', async () => {
    const { cache } = backend;
    await cache.set('beside', 'old');
    const [before, , after, gone, none] = await Promise.all([
      cache.get('beside'),
      cache.set('beside', 'new'),
      cache.get('beside'),
      cache.delete('beside'),
      cache.get('beside'),
    ]);
    assert.deepEqual([before, after, gone, none], ['old', 'new', true, undefined]);
  });

  test('getMany of 5000 keys', async () => {
    const { cache } = backend;
    const keys = Array.from({ length: 5000 }, (_, i) => `5000:${i}`);
    const stored = keys.filter((_, i) => i % 3 !== 0);
    await cache.setMany(stored.map((key) => [key, `value of ${key}`] as const));
    const hits = await cache.getMany(keys);
    assert.deepEqual([...hits.keys()], stored);
    for (const [key, value] of hits) assert.equal(value, `value of ${String(key)}`);
  });
});
