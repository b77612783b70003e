import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';
import { rawGet } from './raw-server.ts';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);
const PROTOCOL_TEXT = 'END\r\nVALUE k 0 1\r\nx\r\nEND\r\nSTORED\r\nERROR\r\n\r\n';

/** What comes back as it was stored. */
const SAME: Record<string, unknown> = {
  'an empty text': '',
  text: 'plain',
  'text beyond ASCII': 'grüße 你好 🎈 \u0000',
  'text like a reply': PROTOCOL_TEXT,
  'a long text': 'long '.repeat(40_000),
  zero: 0,
  'minus zero': -0,
  one: 1,
  'a negative integer': -42,
  'the largest safe integer': Number.MAX_SAFE_INTEGER,
  'a fraction': 1.5,
  'a large number': 1e300,
  NaN: Number.NaN,
  infinity: -Infinity,
  null: null,
  true: true,
  false: false,
  'a large bigint': 2n ** 64n - 1n,
  'a negative bigint': -(2n ** 62n),
  'a Date': new Date('2024-02-29T12:34:56.789Z'),
  'an empty Buffer': Buffer.alloc(0),
  'a Buffer': Buffer.from(PROTOCOL_TEXT),
  'every byte': Buffer.from(ALL_BYTES),
  'random bytes': randomBytes(200_000),
  'an empty object': {},
  'an empty array': [],
  'a Set': new Set(['a', 1, null]),
  nested: {
    list: [1, 'two', [3.5, null, { deep: [true, false] }]],
    when: new Date(0),
    tags: new Set(['x']),
    text: PROTOCOL_TEXT,
    raw: Buffer.from(ALL_BYTES),
  },
  'a large object': { rows: Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}` })) },
};

overEveryTransport((backend) => {
  for (const [name, value] of Object.entries(SAME)) {
    test(`${name} comes back as it was stored`, async () => {
      const { cache } = backend;
      const key = `value:${name.replaceAll(' ', '-')}`;
      await cache.set(key, value);
      assert.deepEqual(await cache.get(key), value);
      assert.deepEqual((await cache.gets(key))?.value, value);
      assert.deepEqual((await cache.getMany([key])).get(key), value);
      assert.deepEqual(await cache.getValues([key]), [value]);
    });
  }

  test('all kinds at once, in one call', async () => {
    const { cache } = backend;
    const entries = Object.entries(SAME).map(
      ([name, value]) => [`all:${name.replaceAll(' ', '-')}`, value] as const,
    );
    await cache.setMany(entries);
    assert.deepEqual([...(await cache.getMany(entries.map(([key]) => key)))], entries);
  });

  test('what comes back as something near to it', async () => {
    const { cache } = backend;
    class Point {
      readonly x = 1;
    }
    await cache.setMany({
      'near:bytes': ALL_BYTES,
      'near:bigint': 7n,
      'near:map': new Map([['a', new Map([['b', 1]])]]),
      'near:class': new Point(),
      'near:zero': [-0],
      'near:undefined': { gone: undefined, kept: 1 },
    });
    assert.deepEqual(await cache.get('near:bytes'), Buffer.from(ALL_BYTES));
    assert.equal(await cache.get('near:bigint'), 7);
    assert.deepEqual(await cache.get('near:map'), { a: { b: 1 } });
    assert.deepEqual(await cache.get('near:class'), { x: 1 });
    assert.deepEqual(await cache.get('near:zero'), [0]);
    assert.equal((await cache.get<{ kept: number }>('near:undefined'))?.kept, 1);
  });

  test('what cannot be stored is refused before anything is sent, and nothing is lost', async () => {
    const { cache } = backend;
    await cache.set('refused', 'old');
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const value of [undefined, () => 1, Symbol('s'), 'half \ud800', circular]) {
      await assert.rejects(cache.set('refused', value), {
        name: 'IllegalInputError',
        code: 'ERR_MEMCACHE_ENCODE',
        sent: 'no',
      });
    }
    assert.equal(await cache.get('refused'), 'old');
  });

  test('bytes are what they were when the promise settles', async () => {
    const { cache } = backend;
    const sources = Array.from({ length: 50 }, (_, i) => Buffer.alloc(3000, i));
    await Promise.all(sources.map((bytes, i) => cache.set(`bytes:${i}`, bytes)));
    for (const bytes of sources) bytes.fill(0xff);
    const values = await cache.getValues(sources.map((_, i) => `bytes:${i}`));
    values.forEach((value, i) => {
      assert.deepEqual(value, Buffer.alloc(3000, i));
    });
  });

  test('text is stored as text, small integers as digits, bytes as they are', async (context) => {
    const { cache, server } = backend;
    if (backend.address !== `127.0.0.1:${server.port}`) {
      context.skip('one look at the stored bytes is enough');
      return;
    }
    await cache.setMany({ 'wire:text': 'ä', 'wire:integer': -7, 'wire:bytes': Buffer.from('b') });
    assert.deepEqual(await rawGet(server, 'wire:text'), { flags: 16, bytes: Buffer.from('ä') });
    assert.deepEqual(await rawGet(server, 'wire:integer'), { flags: 2, bytes: Buffer.from('-7') });
    assert.deepEqual(await rawGet(server, 'wire:bytes'), { flags: 0, bytes: Buffer.from('b') });
    await cache.set('wire:object', { a: 1 });
    assert.equal((await rawGet(server, 'wire:object'))?.flags, 32);
    await cache.set('wire:long', 'x'.repeat(10_000));
    const long = await rawGet(server, 'wire:long');
    assert.equal(long?.flags, 64 | (1 << 8));
    assert.ok(long.bytes.length < 1000);
  });
});
