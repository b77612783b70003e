import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../../bench/faults/load/tally.ts';
import { faultOf, stalledSection } from '../../../bench/scenarios/stalled.ts';
import { TimeoutError } from '../../../src/errors.ts';

test('a slice in which anything went wrong for the others is void', () => {
  const fine = new Tally();
  fine.found('right');
  fine.found('miss');
  assert.equal(faultOf(fine), undefined);
  for (const finding of ['lost', 'stale', 'wrong'] as const) {
    const tally = new Tally();
    tally.found(finding);
    assert.equal(faultOf(tally), `1 ${finding}`);
  }
  const failed = new Tally();
  failed.failed(new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'late', { sent: 'no', retryable: true }));
  failed.failed(new RangeError('foreign'));
  failed.unanswered = 2;
  assert.equal(faultOf(failed), '1 TIMEOUT, 1 RangeError, 2 unanswered');
});

test('a void slice is in no figure, in no ratio, and is told', () => {
  const { table, figures, verdicts } = stalledSection({
    calm: [{ rate: 1000 }, { rate: 2000 }, { rate: 4000 }],
    stalled: [{ rate: 900 }, { rate: 9000, void: '3 TIMEOUT' }, { rate: 2000 }],
  });
  assert.deepEqual(figures, [
    {
      kind: 'bars',
      title: 'operations per second of the others',
      unit: '/s',
      better: 'higher',
      rows: [
        { label: 'all awake', ours: false, rounds: [1000, 2000, 4000] },
        { label: 'one stalled', ours: true, rounds: [900, null, 2000] },
      ],
    },
  ]);
  assert.deepEqual(verdicts?.[0].measured, { median: 0.7, min: 0.5, max: 0.9 });
  assert.deepEqual(table.notes, ['one stalled, round 2 is void: 3 TIMEOUT']);
  assert.deepEqual(table.rows[1], ['one stalled', '1450', '900..2000']);
});

test('with nothing but void slices nothing is measured', () => {
  const { table, figures, verdicts } = stalledSection({
    calm: [{ rate: 1000 }],
    stalled: [{ rate: 1000, void: '1 lost' }],
  });
  assert.equal(verdicts?.[0].measured, undefined);
  assert.deepEqual(table.rows[1], ['one stalled', '-', '-..-']);
  assert.equal(JSON.stringify(figures).includes('one stalled'), false);
});
