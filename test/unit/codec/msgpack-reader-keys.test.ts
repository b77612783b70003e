// Keys that come once, or are no ordinary properties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { readMsgpack } from '../../../src/codec/msgpack-reader.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { packed, reference } from '../../support/msgpack-reference.ts';

const read = (item: Buffer): unknown => readMsgpack(item, 0, item.length);

/** Packed from a Map: that leaves no shape behind, as an object would. */
const item = (keys: readonly string[]): Buffer =>
  packed(new Map(keys.map((key, index) => [key, index])));

const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function haveSameMap(one: object, other: object): boolean {
  setFlagsFromString('--allow-natives-syntax');
  const ask = runInThisContext('(one, other) => %HaveSameMap(one, other)') as typeof haveSameMap;
  return ask(one, other);
}

test("however many keys are read, the application's own objects share their shapes", () => {
  for (const size of [1, 4, 12, 33, 100])
    for (let i = 0; i < 2000; i++) read(item(names(size, `of${size}-${i}-`)));
  for (const first of ['name of the application', 'another'])
    assert.ok(haveSameMap(made(first), made(first)), first);
  function made(first: string): object {
    const object: Record<string, number> = {};
    object[first] = 1;
    object['second'] = 2;
    return object;
  }
});

test('keys that come once, and more schemas than are remembered, are read as by msgpackr', () => {
  const schemas = Array.from({ length: 400 }, (_, i) => item(names(12, `schema${i} key `)));
  const wide = [33, 64, 65, 100, 20_000].map((size) => item(names(size, `wide${size} `)));
  for (let round = 0; round < 4; round++)
    for (const each of [...schemas, ...wide]) assert.deepEqual(read(each), reference(each));
});

test('__proto__ is another name wherever it stands, however often', () => {
  for (const size of [1, 5, 40, 70, 200]) {
    const each = item([...names(size - 1, 'p'), '__proto__']);
    for (let time = 0; time < 4; time++) {
      const value = read(each) as object;
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
      assert.equal(Object.keys(value).at(-1), '__proto_');
    }
  }
});

test('__proto__ is another name if another thread writes it while the key is read', () => {
  const bytes = Buffer.from('81a2c3a480', 'hex');
  const value = read(Object.assign(bytes, { utf8Slice: () => '__proto__' })) as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ['__proto_']);
});

test('a setter on Object.prototype is given a float once, and nothing else', () => {
  const given: unknown[] = [];
  // oxlint-disable-next-line no-extend-native -- as others do
  Object.defineProperty(Object.prototype, 'trap', {
    configurable: true,
    set(value: unknown) {
      given.push(value);
    },
  });
  try {
    assert.deepEqual(read(packed({ a: 0.5, trap: 1.5, b: 2.5 })), { a: 0.5, b: 2.5 });
  } finally {
    Reflect.deleteProperty(Object.prototype, 'trap');
  }
  assert.deepEqual(given, [1.5]);
});

test('objects with numbers for keys are no larger than others', () => {
  const keys = names(20, '');
  const each = item(keys);
  const own = (): object => {
    const object: Record<string, number> = {};
    for (const [index, key] of keys.entries()) object[key] = index;
    return object;
  };
  assert.ok(bytesOf(() => read(each)) < bytesOf(own) + 8);
  function bytesOf(make: () => unknown): number {
    for (let i = 0; i < 100; i++) make();
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 20_000 }, make);
    collectGarbage();
    return (process.memoryUsage().heapUsed - before) / kept.length;
  }
});
