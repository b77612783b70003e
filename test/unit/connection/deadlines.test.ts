import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines } from '../../../src/connection/deadlines.ts';
import { Ring } from '../../../src/primitives/ring.ts';
import { LineAsker } from '../../support/line-asker.ts';

/** A ring with commands of these deadlines, of which so many are written. */
function ringOf(deadlines: Deadlines, ends: readonly number[], written: number): Ring<LineAsker> {
  const ring = new Ring<LineAsker>();
  for (const end of ends) {
    const command = new LineAsker(`until ${end}`, end);
    ring.push(command);
    deadlines.note(command);
  }
  for (let i = 0; i < written; i++) ring.advance();
  return ring;
}

test('nothing is looked at before the earliest deadline', () => {
  const deadlines = new Deadlines();
  const ring = ringOf(deadlines, [30, 20, 40], 3);
  assert.equal(deadlines.expire(ring, 19), undefined);
  assert.equal(deadlines.expire(ring, 20)?.late, 1);
  assert.equal(deadlines.expire(ring, 29), undefined, 'the next one is known');
  assert.equal(deadlines.expire(ring, 45)?.late, 2);
});

test('those who waited for what has left are told apart from those whose request has not', () => {
  const deadlines = new Deadlines();
  const ring = ringOf(deadlines, [10, 50, 10, 10], 2);
  const overdue = deadlines.expire(ring, 10);
  assert.deepEqual(
    [overdue?.late, overdue?.missed, overdue?.tombstones.map((one) => (one as LineAsker).fate)],
    [3, 1, [['expired maybe']]],
  );
});

test('a deadline noted by somebody who hears that he came too late is kept', () => {
  const deadlines = new Deadlines();
  const ring = ringOf(deadlines, [10], 1);
  const next = new LineAsker('next', 12);
  const first = ring.head as LineAsker;
  first.expire = () => {
    ring.push(next);
    deadlines.note(next);
    first.deadline = Infinity;
    return 1;
  };
  deadlines.expire(ring, 10);
  assert.equal(deadlines.expire(ring, 12)?.late, 1);
});
