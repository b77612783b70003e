import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OperationResult, resultReader } from '../../../src/observability/results.ts';

const CASES: readonly (readonly [OperationResult, string, unknown, number?])[] = [
  ['hit', 'get', 0],
  ['hit', 'get', null],
  ['hit', 'get', new Map(), 1],
  ['miss', 'get', undefined],
  ['hit', 'getMany', new Map([['a', 1]]), 1],
  ['partial', 'getMany', new Map([['a', 1]]), 2],
  ['miss', 'getMany', new Map(), 2],
  ['partial', 'getValues', [1, undefined], 2],
  ['hit', 'getValues', [1, 2], 2],
  ['miss', 'getValues', [], 0],
  ['hit', 'get', [undefined]],
  ['stored', 'set', true],
  ['sent', 'set', undefined],
  ['not stored', 'add', false],
  ['exists', 'cas', 'exists'],
  ['missing', 'cas', 'missing'],
  ['missing', 'meta.set', { status: 'missing' }],
  ['hit', 'delete', true],
  ['miss', 'touch', false],
  ['sent', 'delete', undefined],
  [
    'partial',
    'deleteMany',
    new Map([
      ['a', true],
      ['b', false],
    ]),
    2,
  ],
  ['hit', 'deleteMany', new Map([['a', true]]), 2],
  ['sent', 'deleteMany', new Map([['a', undefined]]), 1],
  ['exists', 'meta.delete', 'exists'],
  ['hit', 'meta.delete', 'deleted'],
  ['miss', 'meta.delete', 'missing'],
  ['hit', 'incr', 7],
  ['miss', 'decr', undefined],
  ['ok', 'fetch', undefined],
  ['ok', 'stats', new Map()],
];

test('what an answer says of its operation', () => {
  for (const [result, verb, answer, size = 1] of CASES)
    assert.equal(resultReader(verb)(answer, size), result, `${verb} ${String(answer)}`);
});

test('an item that is itself a Map or a list is one item', () => {
  assert.equal(resultReader('gets')({ value: [], cas: '1' }, 1), 'hit');
  assert.equal(resultReader('get')([], 1), 'hit');
});
