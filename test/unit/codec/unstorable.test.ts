import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstRefused, type Limits, unstorable } from '../../../src/codec/unstorable.ts';

const limits: Limits = {
  cycles: false,
  refuses: (value) => (typeof value === 'function' ? 'a function' : undefined),
  standsFor: (value) => ('instead' in value ? value.instead : value),
};
const bad = (): void => undefined;
const found = (value: unknown): string | undefined => firstRefused(value, limits);

test('the first that is refused is named with the way to it', () => {
  const paths: [unknown, string][] = [
    [bad, 'a function'],
    [{ user: { callbacks: [1, 2, bad] } }, 'a function at .user.callbacks[2]'],
    [[[bad]], 'a function at [0][0]'],
    [{ é_1: bad }, 'a function at .é_1'],
    [{ 'a b': { '': [bad] } }, 'a function at ["a b"][""][0]'],
    [{ 'line\nbreak"': bad }, 'a function at ["line\\nbreak\\""]'],
    [new Map([['key', { f: bad }]]), 'a function at .key.f'],
    [{ map: new Map([[1, bad]]) }, 'a function at .map[…]'],
    [{ set: new Set([1, bad]) }, 'a function at .set[…]'],
    [new Error('x', { cause: [bad] }), 'a function at .cause[0]'],
    [{ instead: { f: bad } }, 'a function at .f'],
    [Object.assign(new Array(4_000_000_000), { 3_000_000_000: bad }), 'a function at [3000000000]'],
  ];
  for (const [value, text] of paths) assert.equal(found(value), text);
});

test('what is not refused is not found, however often it is met', () => {
  const shared = { text: 'x' };
  let tower: object = shared;
  // Without a memory for what it has seen the walk would take 2^60 steps.
  for (let height = 0; height < 60; height++) tower = { left: tower, right: tower };
  for (const value of [null, 1, 'text', [shared, shared], tower, new Uint8Array(3), new Date(0)]) {
    assert.equal(found(value), undefined);
  }
});

test('a cycle is named where it closes, unless cycles are no trouble', () => {
  const ring: { next: { back?: unknown }[] } = { next: [{}] };
  ring.next[0].back = ring;
  assert.equal(found(ring), 'a cycle at .next[0].back');
  assert.equal(firstRefused(ring, { ...limits, cycles: true }), undefined);
});

test('no depth, no getter and no proxy makes the search fail', () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assert.equal(found(deep), 'it is nested too deeply');
  const throwing = {
    get secret(): never {
      throw new Error('canary');
    },
  };
  assert.equal(found({ a: throwing }), 'a property that throws when it is read at .a.secret');
  const hostile = new Proxy({}, { ownKeys: () => assert.fail('canary') });
  assert.equal(found(hostile), undefined);
  const endless: Limits = { ...limits, standsFor: () => ({ again: {} }) };
  assert.equal(firstRefused({}, endless), 'it is nested too deeply');
});

test('a path is as long as one can read, and a name too', () => {
  const name = 'n'.repeat(1000);
  assert.ok((found({ [name]: bad }) as string).length < 120);
  let long: unknown = bad;
  for (let depth = 0; depth < 1000; depth++) long = { step: long };
  const text = found({ first: long }) as string;
  assert.ok(text.length < 400, text);
  assert.match(text, /^a function at \.first\.step.*…/);
});

test('the error says so, or what else can be said', () => {
  const code = 'ERR_MEMCACHE_ENCODE';
  const errors: [Error, string][] = [
    [unstorable({ a: bad }, new Error('canary'), limits), 'a function at .a'],
    [unstorable({}, new RangeError('canary'), limits), 'it is nested too deeply'],
    [unstorable({}, new Error('canary'), limits), 'something in it has no place in its format'],
  ];
  for (const [error, reason] of errors) {
    assert.equal(error.message, `the value cannot be stored: ${reason}`);
    assert.equal((error as Error & { code: string }).code, code);
    assert.equal(error.cause, undefined);
  }
});
