import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { memvolley } from '../../../bench/contenders/memvolley.ts';
import { newLatencies, record } from '../../../bench/load/latencies.ts';
import { latencyOf } from '../../../bench/load/measure.ts';
import type { LoadCase, Slice } from '../../../bench/load/load-case.ts';
import { type Lane, type Outcome, runSlice } from '../../../bench/race.ts';
import { Histograms } from '../../../bench/report/histograms.ts';
import { voidOf } from '../../../bench/report/open-table.ts';
import { raceData, raceTable } from '../../../bench/report/race-table.ts';
import { inTime } from '../../../bench/scenarios/open.ts';
import { selectionFrom } from '../../../bench/selection.ts';

const GET: LoadCase = { operation: 'get', size: 1, kind: 'string', concurrency: 1 };
const OPEN: LoadCase = { ...GET, open: { arrivals: 'poisson', perSecond: 1000 } };

const latencies = newLatencies();
record(latencies, 1);

const SLICE: Slice = {
  operations: 1000,
  misses: 0,
  seconds: 1,
  operationsPerSecond: 1000,
  cpuMicrosPerOperation: 1,
  mainThreadMicrosPerOperation: 1,
  eventLoopUtilization: 1,
  rssMiB: 1,
  histogram: encodeIntoCompressedBase64(latencies),
};

const voidSlice = (late: boolean): Slice => ({ ...SLICE, void: { reason: `late ${late}`, late } });

const entryOf = (load: LoadCase): Outcome['entry'] => ({
  label: 'memvolley',
  contender: memvolley,
  load,
});

/** Whether files are written of what is kept. */
function writes(histograms: Histograms): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    return histograms.write(join(folder, 'figures.json')) !== undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('of a slice that is void, or has wrong answers, no latencies are kept', async () => {
  const selection = selectionFrom(['--histograms'], []);
  assert.ok(selection !== undefined);
  const histograms = new Histograms();
  const keeps = async (slice: Slice): Promise<boolean> => {
    const handle = { run: () => Promise.resolve(slice), end: () => Promise.resolve() };
    const lane: Lane = { entry: entryOf(OPEN), handle, slices: [] };
    await runSlice({ selection, histograms }, lane);
    assert.equal(lane.slices.length, 1);
    return writes(histograms);
  };
  assert.equal(await keeps(voidSlice(true)), false);
  assert.equal(await keeps({ ...SLICE, misses: 1 }), false);
  assert.equal(await keeps(SLICE), true);
});

test('what was kept of a point can be dropped', () => {
  const histograms = new Histograms();
  histograms.keep('a', SLICE.histogram ?? '');
  histograms.drop('a');
  assert.equal(writes(histograms), false);
});

test('a point with failures is not one that was only late', () => {
  assert.deepEqual(voidOf({ slices: [voidSlice(true), voidSlice(false), voidSlice(false)] }), {
    reason: 'late false',
    late: false,
  });
  assert.equal(voidOf({ slices: [voidSlice(true), SLICE, voidSlice(true)] })?.late, true);
});

test('of fewer than a thousand calls there is no p99.9, and none in the median of the rounds', () => {
  const few = newLatencies();
  for (let i = 0; i < 999; i++) record(few, 1);
  const [without, least] = [latencyOf(few), (record(few, 9), latencyOf(few))];
  assert.equal(without.p999, undefined);
  assert.ok((least.p999 ?? 0) >= 1);
  const shown = (...latency: (typeof least)[]): string => {
    const slices = latency.map((one) => ({ ...SLICE, latency: one }));
    const { head, rows } = raceTable('get', [{ entry: entryOf(GET), slices }]);
    return rows[0][head.indexOf('p99.9 ms')];
  };
  assert.match(shown(least, least), /^\d/);
  assert.equal(shown(without, least, least), '-');
});

test('a target that is a time is held against no client', () => {
  const slices = [{ ...SLICE, latency: latencyOf(latencies) }];
  const { against, measured } = inTime('get', { entry: entryOf(OPEN), slices });
  assert.equal(against, 'a fixed time');
  assert.ok(measured !== undefined);
});

test('a rival that is none is answered with all that can be given', () => {
  assert.throws(
    () => selectionFrom(['--rival', 'foo'], []),
    /does not know foo; it takes .*memjs.*, none, all$/,
  );
});

test('rates are compared in the closed loop only', () => {
  const ratios = (load: LoadCase): boolean => {
    const outcome = { entry: entryOf(load), slices: [SLICE] };
    return JSON.stringify(raceData([outcome, outcome])).includes('is faster by');
  };
  assert.equal(ratios(GET), true);
  assert.equal(ratios(OPEN), false);
});
