import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Codecs } from '../../../src/codec/codecs.ts';
import type { CodecOptions } from '../../../src/codec/codec-options.ts';
import { decodeLater, encodeLater, stored, valueOf, warmUp } from './pool-support.ts';

const all: Codecs[] = [];
function codecsWith(options: CodecOptions = {}): Codecs {
  const codecs = new Codecs({ workers: 1, shardTimeoutMs: 30_000, ...options });
  all.push(codecs);
  return codecs;
}
after(() => Promise.all(all.map((codecs) => codecs.close())));

const shouting = {
  encode: (value: unknown) => ({ bytes: Buffer.from(String(value).toUpperCase()), flags: 9 }),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};
const MOODY = new URL('./hooks/moody-codec.js', import.meta.url);

test('the same option is the same codec, and none is the client’s own', () => {
  const codecs = codecsWith();
  assert.equal(codecs.for(undefined), codecs.own);
  assert.equal(codecs.for('msgpack'), codecs.own);
  assert.equal(codecs.for('json'), codecs.for('json'));
  assert.notEqual(codecs.for('json'), codecs.for('v8'));
  assert.equal(codecs.for(shouting), codecs.for(shouting));
  assert.equal(codecs.for({ module: MOODY }), codecs.for({ module: String(MOODY) }));
  assert.equal(codecsWith({ codec: 'json' }).for('msgpack').encode({}, 'k').flags, 32);
  const shouts = codecsWith({ codec: shouting });
  assert.equal(shouts.for(shouting), shouts.own);
});

test('all other options are those of the client', () => {
  const codecs = codecsWith({ compressor: 'zlib', compressFromBytes: 10, checksum: true });
  const long = { text: 'x'.repeat(1000) };
  assert.equal(codecs.for('json').encode(long, 'k').flags, 128 | (4 << 8) | (1 << 11));
  const own = codecs.for(shouting).encode('a', 'k');
  assert.deepEqual(own, { flags: 9, data: Buffer.from('A') });
  const text = codecsWith({ format: 'raw' }).for('json');
  assert.deepEqual(text.encode({ a: 1 }, 'k'), { flags: 0, data: '{"a":1}' });
});

test('a codec the format has no room for is refused, as an option', () => {
  for (const [format, codec] of [
    ['pymemcache', 'v8'],
    ['swift', 'buffer'],
    ['php', 'msgpack'],
  ] as const) {
    assert.throws(() => codecsWith({ format }).for(codec), { code: 'ERR_MEMCACHE_OPTION' });
  }
  assert.throws(() => codecsWith().for('xml' as never), { code: 'ERR_MEMCACHE_OPTION' });
});

test('all count together', () => {
  const codecs = codecsWith();
  const made = [
    codecs.own,
    codecs.for('json'),
    codecs.for(shouting),
    codecs.for({ module: MOODY }),
  ];
  for (const codec of made.slice(0, 3)) codec.encode('x', 'k');
  for (const codec of made) assert.equal(codec.metrics, codecs.own.metrics);
  assert.equal(codecs.own.metrics.encodedInline, 3);
});

test('codecs by name share the workers, whatever is the client’s own', async () => {
  for (const codec of ['msgpack', { module: MOODY }] as const) {
    const codecs = codecsWith({ codec, offload: 'always' });
    await warmUp(codecs.own, { text: 'x'.repeat(5000) });
    const value = new Map([['k', { text: 'x'.repeat(5000) }]]);
    for (const [name, flags, back] of [
      ['v8', 128 | (5 << 8) | 64, value],
      ['json', 64 | (4 << 8), { k: 1, text: 'x'.repeat(5000) }],
    ] as const) {
      const before = { ...codecs.own.metrics };
      const input = name === 'v8' ? value : back;
      const item = stored(await valueOf(encodeLater(codecs.for(name), input)));
      assert.equal(item.flags, flags);
      assert.deepEqual(await valueOf(decodeLater(codecs.for(name), item.flags, item.item)), back);
      assert.equal(codecs.own.metrics.encodedInPool, before.encodedInPool + 1);
      assert.equal(codecs.own.metrics.decodedInPool, before.decodedInPool + 1);
    }
    assert.equal(codecs.own.metrics.workerFailures, 0);
  }
});

test('a module for one call has workers of its own, and is loaded here where they are not', async () => {
  const codecs = codecsWith({ offload: 'never' });
  const module = codecs.for({ module: MOODY });
  assert.ok(module.unloaded);
  const { flags, item } = stored(await valueOf(encodeLater(module, { text: 'x' })));
  assert.deepEqual(JSON.parse(item.toString()), { text: 'x' });
  assert.deepEqual(await valueOf(decodeLater(module, flags, item)), { text: 'x' });
});

test('close finishes what any of them has pending', async () => {
  const codecs = codecsWith({ offload: 'always' });
  await warmUp(codecs.own, 'text '.repeat(2000));
  const pending = [
    encodeLater(codecs.own, 'text '.repeat(2000)),
    encodeLater(codecs.for('json'), { text: 'x'.repeat(5000) }),
    encodeLater(codecs.for({ module: MOODY }), { text: 'x' }),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  await codecs.close();
  for (const outcome of pending) (await valueOf(outcome)).release?.();
});
