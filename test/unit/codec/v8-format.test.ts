import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import { deserializeV8, knowsV8, serializeV8 } from '../../../src/codec/v8-format.ts';

const MAX = 1 << 20;
const refused = { code: 'ERR_MEMCACHE_DECODE', message: 'the stored v8 value cannot be read' };
const roundTrip = (value: unknown): unknown => deserializeV8(serializeV8(value, MAX), MAX);

test('what structured clones keep is kept', () => {
  const graph: { self?: unknown; list: unknown[] } = { list: [] };
  graph.self = graph;
  graph.list.push(graph.list);
  const back = roundTrip(graph) as typeof graph;
  assert.equal(back.self, back);
  assert.equal(back.list[0], back.list);
  for (const value of [
    new Map<unknown, unknown>([[{ a: 1 }, new Set([1, 'x'])]]),
    [5n, -(2n ** 200n), -0, Number.NaN, undefined, null, '\ud800'],
    { u: undefined, date: new Date(1), re: /x/gi, bytes: Buffer.from('b'), f: new Float32Array(2) },
    JSON.parse('{"__proto__":{"own":1}}') as unknown,
  ]) {
    assert.deepEqual(roundTrip(value), value);
  }
  assert.ok(knowsV8());
});

test('bytes and numbers in a value stand in memory that nothing else is in', () => {
  const inner = [Buffer.from('inner'), new Uint16Array([1, 2]), new DataView(new ArrayBuffer(3))];
  const bytes = serializeV8(inner, MAX);
  const shared = Buffer.from(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  for (const view of [bytes, shared]) {
    const read = deserializeV8(view, MAX) as ArrayBufferView[];
    view.fill(0);
    assert.deepEqual(read, inner);
    for (const { buffer, byteLength } of read) {
      assert.ok(buffer instanceof ArrayBuffer);
      assert.ok(buffer.byteLength >= byteLength && buffer.byteLength <= bytes.length);
    }
  }
});

test('what cannot be cloned is refused with its place', () => {
  const paths: [unknown, string][] = [
    [{ run: [() => 1] }, 'a function at .run[0]'],
    [new Map([['s', Symbol('canary')]]), 'a symbol at .s'],
    [{ p: Promise.resolve(1) }, 'an object that cannot be cloned at .p'],
    [[new WeakMap()], 'an object that cannot be cloned at [0]'],
    [{ shared: new SharedArrayBuffer(1) }, 'an object that cannot be cloned at .shared'],
    [{ proxy: new Proxy({}, {}) }, 'an object that cannot be cloned at .proxy'],
  ];
  for (const [value, place] of paths) {
    assert.throws(() => serializeV8(value, MAX), {
      code: 'ERR_MEMCACHE_ENCODE',
      message: `the value cannot be stored: ${place}`,
    });
  }
});

test('what could not be read again is not written', () => {
  const holes = new Array(1000);
  assert.equal((deserializeV8(serializeV8(holes, 8000), 8000) as unknown[]).length, 1000);
  assert.throws(() => serializeV8(holes, 7999), { code: 'ERR_MEMCACHE_ENCODE' });
});

test('what is not sound, or not v8 at all, is an error that quotes nothing', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('canary'),
    Buffer.concat([serialize('canary'), Buffer.from('canary')]),
    // A RegExp that does not compile.
    Buffer.from([0xff, 15, 82, 34, 1, 40, 0]),
    // A view of a type Node does not know.
    Buffer.from([0xff, 15, 92, 99, 0]),
  ]) {
    assert.throws(() => deserializeV8(bytes, MAX), refused);
  }
});
