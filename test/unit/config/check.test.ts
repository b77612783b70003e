import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  boolean,
  bytes,
  callable,
  check,
  decimal,
  either,
  group,
  integer,
  list,
  notInText,
  object,
  oneOf,
  text,
} from '../../../src/config/check.ts';
import type { Rule } from '../../../src/config/check.ts';
import { IllegalInputError } from '../../../src/errors.ts';

const RULES = {
  timeoutMs: integer({ min: 1, max: 100, unit: 'milliseconds' }),
  keepAliveMs: integer({ min: 10, zero: 'none' }),
  onError: oneOf('throw', 'miss'),
  maxQueued: group({ operations: integer({ min: 1 }), bytes: integer({ min: 1 }) }),
};

function refusal(options: object): string {
  try {
    check(options, RULES);
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    return error.message;
  }
  return assert.fail('not refused');
}

const TABLE: [rule: Rule, accepted: unknown[], refused: unknown[]][] = [
  [integer({ min: 2, max: 4 }), [2, 3, 4], [1, 5, 2.5, Number.NaN, Infinity, '3', 3n, null]],
  [integer({ min: 2 }), [2, Number.MAX_SAFE_INTEGER], [1, 2 ** 53]],
  [integer({ min: 5, zero: 'off' }), [0, 5], [1, 4, -0.5, false]],
  [decimal({ min: 0, max: 1 }), [0, 0.1, 1], [-0.1, 1.1, Number.NaN, '0.1']],
  [boolean, [true, false], ['true', 0, 1, null]],
  [oneOf('a', 'b'), ['a', 'b'], ['c', '', ['a'], { toString: () => 'a' }]],
  [text, ['', 'x'], [1, null, Buffer.from('x')]],
  [bytes, [Buffer.from('x'), new Uint8Array(1)], ['x', [1], new Uint16Array(1)]],
  [callable, [() => {}, Date], [{}, 'f', null]],
  [object, [{}, new Map()], [[], null, 'x', () => {}, new Uint8Array(1)]],
  [list, [[], [1]], ['x', { length: 1 }, new Uint8Array(1)]],
  [either(text, bytes), ['x', new Uint8Array(1)], [1, null]],
  [group({ a: boolean }), [{}], [[], null, 1]],
];

test('each rule accepts what it says and nothing else', () => {
  for (const [rule, accepted, refused] of TABLE) {
    for (const value of accepted)
      assert.equal(rule.accepts(value), true, `${rule.allowed}: ${String(value)}`);
    for (const value of refused)
      assert.equal(rule.accepts(value), false, `${rule.allowed}: ${typeof value}`);
  }
});

test('text becomes the value it stands for, or stays for the check to refuse', () => {
  assert.equal(integer({ min: 1 }).fromText?.('12'), 12);
  assert.equal(integer({ min: 1 }).fromText?.('-1'), -1);
  assert.equal(decimal({ min: 0 }).fromText?.('0.25'), 0.25);
  for (const nonsense of ['', ' 1', '1e3', '0x10', '1_000', 'abc']) {
    assert.equal(integer({ min: 1 }).fromText?.(nonsense), nonsense);
  }
  assert.equal(boolean.fromText?.('true'), true);
  assert.equal(boolean.fromText?.('false'), false);
  assert.equal(boolean.fromText?.('yes'), 'yes');
  assert.equal(oneOf('a').fromText?.('a'), 'a');
  assert.equal(either(boolean, oneOf('auto')).fromText?.('auto'), 'auto');
  assert.equal(either(boolean, oneOf('auto')).fromText?.('false'), false);
  assert.equal(either(boolean, oneOf('auto')).fromText?.('x'), 'x');
});

test('text cannot express a function, bytes, an object, a list, a group or what is kept out of it', () => {
  for (const rule of [
    callable,
    bytes,
    object,
    list,
    group({}),
    notInText(boolean),
    either(bytes, object),
  ]) {
    assert.equal(rule.fromText, undefined);
  }
});

test('legal options pass and undefined counts as left out', () => {
  check(
    {
      timeoutMs: 1,
      keepAliveMs: 0,
      onError: undefined,
      maxQueued: { bytes: 5, operations: undefined },
    },
    RULES,
  );
});

test('a refusal names the option, what is allowed and the kind of what was given', () => {
  assert.equal(
    refusal({ timeoutMs: '200' }),
    "option 'timeoutMs' must be an integer of milliseconds from 1 to 100; got a string",
  );
  assert.equal(
    refusal({ keepAliveMs: Number.NaN }),
    "option 'keepAliveMs' must be an integer from 10 up, or 0 for none; got NaN",
  );
  assert.equal(
    refusal({ onError: ['hunter2'] }),
    "option 'onError' must be 'throw' or 'miss'; got an array",
  );
  assert.equal(
    refusal({ onError: 'hunter2' }),
    "option 'onError' must be 'throw' or 'miss'; got a string",
  );
});

test('the parts of a group are checked by their full name', () => {
  assert.equal(
    refusal({ maxQueued: 5 }),
    "option 'maxQueued' must be an object of operations, bytes; got a number",
  );
  assert.match(
    refusal({ maxQueued: { bytes: 0 } }),
    /^option 'maxQueued.bytes' must be an integer from 1 up;/,
  );
  assert.equal(
    refusal({ maxQueued: { byte: 1 } }),
    "unknown option 'maxQueued.byte': did you mean 'maxQueued.bytes'?",
  );
});

test('an unknown option is refused, with the nearest known one if it is near', () => {
  assert.equal(refusal({ timeOutMs: 5 }), "unknown option 'timeOutMs': did you mean 'timeoutMs'?");
  assert.equal(refusal({ zzzzzzzz: undefined }), "unknown option 'zzzzzzzz'");
});

test('what every object has is no option', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    assert.match(
      refusal(JSON.parse(`{"${name}":1}`) as object),
      new RegExp(`^unknown option '${name}'`),
    );
  }
});
