import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

const LEGAL: Record<string, string | Uint8Array> = {
  text: 'key:text',
  punctuation: `!"#$%&'()*+,-./:;<=>?@[]^_{|}~\\`,
  'text beyond ASCII': 'schlüssel:キー:🗝',
  'one byte': 'k',
  '250 bytes': 'x'.repeat(250),
  '250 bytes of UTF-8': 'é'.repeat(125),
  bytes: Buffer.from('key:bytes'),
  'high bytes': Uint8Array.from({ length: 128 }, (_, i) => 128 + i),
  'a word of the protocol': 'END',
  digits: '0',
  'a name of an object': '__proto__',
};

const ILLEGAL: [string, unknown][] = [
  ['empty', ''],
  ['empty bytes', new Uint8Array()],
  ['a blank', 'a b'],
  ['a line end', 'a\r\nflush_all'],
  ['a zero byte', 'a\0b'],
  ['DEL', 'a\x7f'],
  ['251 bytes', 'x'.repeat(251)],
  ['252 bytes of UTF-8', 'é'.repeat(126)],
  ['half a surrogate pair', 'a\ud800'],
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['an object', { toString: () => 'k' }],
  ['too many bytes for base64', Buffer.alloc(187, 1)],
];

overEveryTransport((backend) => {
  for (const [name, key] of Object.entries(LEGAL)) {
    test(`a key of ${name} works with every verb`, async () => {
      const { cache } = backend;
      await cache.delete(key);
      assert.equal(await cache.get(key), undefined);
      assert.equal(await cache.add(key, 1), true);
      assert.equal(await cache.incr(key), 2);
      assert.equal(await cache.decr(key), 1);
      assert.equal(await cache.replace(key, 'x'), true);
      const item = await cache.gets(key);
      assert.equal(await cache.cas(key, 'y', item?.cas ?? ''), 'stored');
      assert.deepEqual([...(await cache.getMany([key, 'none']))], [[key, 'y']]);
      assert.deepEqual([...(await cache.getsMany([key])).keys()], [key]);
      assert.deepEqual(await cache.getValues(['none', key]), [undefined, 'y']);
      assert.equal(await cache.touch(key, 100), true);
      assert.equal(await cache.setMany([[key, 'z']]), true);
      assert.deepEqual(
        [...(await cache.deleteMany([key, 'none']))],
        [
          ...[
            [key, true],
            ['none', false],
          ],
        ],
      );
    });
  }

  test('an illegal key is refused before anything is sent, by every verb', async () => {
    const cache = backend.client();
    for (const [name, illegal] of ILLEGAL) {
      const key = illegal as string;
      const calls = [
        cache.get(key),
        cache.gets(key),
        cache.getMany(['fine', key]),
        cache.getsMany([key]),
        cache.getValues([key]),
        cache.set(key, 1),
        cache.setMany([[key, 1]]),
        cache.add(key, 1),
        cache.replace(key, 1),
        cache.cas(key, 1, '1'),
        cache.delete(key),
        cache.deleteMany(['fine', key]),
        cache.incr(key),
        cache.decr(key),
        cache.touch(key, 1),
        cache.get(key, { onError: 'miss' }),
      ];
      for (const call of calls) {
        const refused = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_KEY', sent: 'no' };
        await assert.rejects(call, refused, name);
      }
    }
    assert.equal(cache.metrics().connects, 0);
  });

  test('a prefix stands before every key and in no result', async () => {
    const { cache } = backend;
    const prefixed = backend.client({ keyPrefix: 'präfix:' });
    await prefixed.setMany({ a: 1, b: 2 });
    assert.deepEqual(
      await prefixed.getMany(['a', 'b', 'c']),
      new Map(Object.entries({ a: 1, b: 2 })),
    );
    assert.deepEqual(await cache.getValues(['präfix:a', 'a']), [1, undefined]);
    assert.equal(await prefixed.set('x'.repeat(242), 1), true);
    await assert.rejects(prefixed.set('x'.repeat(243), 1), { code: 'ERR_MEMCACHE_KEY' });
    assert.deepEqual(await prefixed.deleteMany(['a']), new Map([['a', true]]));
    assert.equal(await prefixed.get(Buffer.from('b')), 2);
  });

  test(
    'bytes that no text may hold make a key too, in base64',
    { skip: backend.keysOnly },
    async () => {
      const { cache } = backend;
      const keys = [
        Buffer.from('a b'),
        Buffer.from('a\r\nflush_all'),
        Buffer.alloc(186),
        Buffer.from([0x7f]),
      ];
      for (const key of keys) {
        await cache.delete(key);
        assert.equal(await cache.get(key), undefined);
        assert.equal(await cache.add(key, 5), true);
        assert.equal(await cache.add(key, 6), false);
        assert.equal(await cache.incr(key, 2), 7);
        assert.equal(await cache.decr(key, 2n), 5n);
        assert.equal(await cache.replace(key, 'text'), true);
        const item = await cache.gets(key);
        assert.equal(item?.value, 'text');
        assert.equal(await cache.cas(key, { o: 1 }, item.cas), 'stored');
        assert.equal(await cache.cas(key, 'late', item.cas), 'exists');
        assert.deepEqual([...(await cache.getMany(['none', key]))], [[key, { o: 1 }]]);
        assert.equal(await cache.touch(key, 100), true);
        assert.equal(await cache.incr(Buffer.concat([key, key]).subarray(0, 180), 1), undefined);
        assert.equal(await cache.delete(key), true);
        assert.equal(await cache.touch(key, 100), false);
        assert.equal(await cache.cas(key, 1, item.cas), 'missing');
      }
    },
  );
});
