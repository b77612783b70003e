import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeState, type ConnectionState } from '../../../src/connection/state.ts';

const STATES: readonly ConnectionState[] = [
  'idle',
  'dialing',
  'ready',
  'probing',
  'backoff',
  'closed',
];

const WAYS = new Set([
  'idle dialing',
  'idle closed',
  'dialing ready',
  'dialing backoff',
  'dialing closed',
  'ready probing',
  'ready idle',
  'ready backoff',
  'ready closed',
  'probing ready',
  'probing idle',
  'probing closed',
  'backoff idle',
  'backoff closed',
]);

for (const from of STATES) {
  for (const to of STATES) {
    const legal = WAYS.has(`${from} ${to}`);
    test(`${from} ${legal ? 'may become' : 'never becomes'} ${to}`, () => {
      if (legal) assert.equal(changeState(from, to), to);
      else assert.throws(() => changeState(from, to), /cannot go from/);
    });
  }
}
