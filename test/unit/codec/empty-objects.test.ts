import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { emptyObject } from '../../../src/codec/empty-objects.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const MANY = 50_000;

function bytesOfEach(make: () => unknown): number {
  for (let i = 0; i < 100; i++) make();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: MANY }, make);
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
  return bytes - 8;
}

function filled(object: Record<string, unknown>, keys: readonly string[]): object {
  for (let i = 0; i < keys.length; i++) object[keys[i]] = i;
  return object;
}

test('they are plain objects', () => {
  for (const properties of [0, 1, 5, 32, 33, 64, 65, 1000]) {
    const object = emptyObject(properties);
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    assert.deepEqual(Reflect.ownKeys(object), []);
    assert.equal(object.constructor, Object);
    assert.ok(isDeepStrictEqual(object, {}));
    assert.equal(inspect(object), '{}');
    assert.deepEqual(structuredClone(filled(object, ['b', 'a', '1'])), { b: 0, a: 1, 1: 2 });
  }
});

test('they have room for their properties in themselves, and for no more', () => {
  for (const properties of [0, 1, 4, 5, 12, 32]) {
    const keys = Array.from({ length: properties }, (_, i) => `key${i}`);
    const bytes = bytesOfEach(() => filled(emptyObject(properties), keys));
    const least = 24 + 8 * properties;
    assert.ok(bytes < least + 12, `${properties}: ${bytes} bytes`);
  }
});

test('from 33 to 64 properties they are no dictionaries', () => {
  for (const properties of [33, 64]) {
    const keys = Array.from({ length: properties }, (_, i) => `key${i}`);
    const bytes = bytesOfEach(() => filled(emptyObject(properties), keys));
    assert.ok(bytes < 100 + 8 * properties, `${properties}: ${bytes} bytes`);
  }
});

test('numbered ones have no room for others', () => {
  for (const key of ['0', '7', '10', '4294967294'])
    assert.ok(bytesOfEach(() => emptyObject(32, key)) < 24 + 12, key);
  for (const key of ['', '01', '1a', '4294967295', '4294967296', '1.5', '-1'])
    assert.ok(bytesOfEach(() => emptyObject(32, key)) >= 24 + 8 * 32, key);
});

test('more properties than there is room for are as good as others', () => {
  const keys = Array.from({ length: 100 }, (_, i) => `key${i}`);
  assert.deepEqual(filled(emptyObject(2), keys), filled({}, keys));
});
