import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { json, parseJson } from '../../../src/codec/json-text.ts';

const refused = { code: 'ERR_MEMCACHE_ENCODE' };

test('values are written as JSON.stringify writes them', () => {
  const values = [{ a: [1, null, 'é'] }, [], {}, null, 1.5, true, '', new Date(0), '\ud800'];
  for (const value of values) assert.equal(json(value), JSON.stringify(value));
  assert.equal(
    json({ f: () => 1, u: undefined, n: Number.NaN, m: new Map([[1, 2]]) }),
    '{"n":null,"m":{}}',
  );
  assert.equal(json([() => 1, undefined, Symbol('s')]), '[null,null,null]');
});

test('what would be lost as a whole is refused', () => {
  class Silent {
    toJSON(): undefined {
      return undefined;
    }
  }
  const lost = [
    new Map([[1, 2]]),
    new Set([1]),
    /x/,
    new ArrayBuffer(3),
    Number.NaN,
    -Infinity,
    new Date(Number.NaN),
    Promise.resolve(1),
    new Silent(),
  ];
  for (const value of lost) {
    assert.throws(
      () => json(value),
      { ...refused, message: 'the value cannot be stored: JSON keeps nothing of it' },
      inspect(value),
    );
  }
});

test('what JSON.stringify refuses is refused with its place', () => {
  const cycle: { list: unknown[] } = { list: [] };
  cycle.list.push({ cycle });
  const paths: [unknown, string][] = [
    [cycle, 'a cycle at .list[0].cycle'],
    [{ rows: [{ id: 1 }, { id: 5n }] }, 'a bigint at .rows[1].id'],
    [5n, 'a bigint'],
    [{ a: { toJSON: () => ({ inner: 1n }) } }, 'a bigint at .a.inner'],
  ];
  for (const [value, place] of paths) {
    assert.throws(() => json(value), {
      ...refused,
      message: `the value cannot be stored: ${place}`,
    });
  }
});

test('no JSON is an error that quotes nothing', () => {
  for (const text of ['', '{', 'canary', '{"a":1}canary', "{'a':1}", 'NaN']) {
    assert.throws(() => parseJson(text), {
      code: 'ERR_MEMCACHE_DECODE',
      message: 'the stored JSON cannot be read',
    });
  }
});

test('no text changes Object.prototype', () => {
  parseJson('{"__proto__":{"polluted":1}}');
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});
