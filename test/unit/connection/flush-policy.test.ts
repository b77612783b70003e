import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentFor } from '../../../src/connection/flush-policy.ts';
import { afterPoll, afterPromises } from '../../../src/primitives/once-per-turn.ts';

const IDLE = { head: undefined };
const DUE = { head: {} };

test('tick and poll are what they say, whatever is due', () => {
  for (const ring of [IDLE, DUE]) {
    assert.equal(momentFor({ flush: 'tick' }, ring), afterPromises);
    assert.equal(momentFor({ flush: 'poll' }, ring), afterPoll);
  }
});

test('auto waits for the poll only while an answer is due', () => {
  assert.equal(momentFor({ flush: 'auto' }, IDLE), afterPromises);
  assert.equal(momentFor({ flush: 'auto' }, DUE), afterPoll);
});
