import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeIntoCompressedBase64, HistogramLogReader } from 'hdr-histogram-js';
import { newLatencies, record } from '../../../bench/load/latencies.ts';
import type { Slice } from '../../../bench/load/load-case.ts';
import { memjs } from '../../../bench/contenders/memjs.ts';
import { memvolley } from '../../../bench/contenders/memvolley.ts';
import type { Lane, Outcome } from '../../../bench/race.ts';
import { Histograms } from '../../../bench/report/histograms.ts';
import { openRatio, openTable, standing, voidOf } from '../../../bench/report/open-table.ts';
import { figuresOf } from '../../../bench/report/bars.ts';
import { barsOf, raceFigures } from '../../../bench/report/race-figures.ts';
import { tail } from '../../../bench/report/race-table.ts';
import { neighbourFigures } from '../../../bench/scenarios/neighbours.ts';
import {
  type Climb,
  sweepCurve,
  sweepTable,
  sweepVerdict,
} from '../../../bench/report/sweep-section.ts';
import { climbersOf, stepped } from '../../../bench/scenarios/sweep.ts';
import { KneeSearch } from '../../../bench/scenarios/knee-search.ts';

/** Slices by their p99; those that are void are negative. */
function outcomeOf(label: string, ...tails: readonly number[]): Outcome {
  const slices = tails.map((p99): Slice => ({
    operations: 1000,
    misses: 0,
    seconds: 1,
    operationsPerSecond: 1000,
    latency: { p50: 1, p99: Math.abs(p99), p999: 2 * Math.abs(p99), percentiles: [] },
    cpuMicrosPerOperation: 1,
    mainThreadMicrosPerOperation: 1,
    eventLoopUtilization: 1,
    rssMiB: 1,
    ...(p99 < 0 && { void: { reason: 'fell behind', late: true } }),
  }));
  const load = { operation: 'get', size: 1, kind: 'string', concurrency: 1 } as const;
  return { entry: { label, contender: memvolley, load }, slices };
}

function rivalEntry(label: string): Outcome['entry'] {
  return { ...outcomeOf(label).entry, contender: memjs };
}

test('a point is void when more than half of its slices are', () => {
  assert.equal(voidOf(outcomeOf('a', 1, -1, -1))?.reason, 'fell behind');
  assert.equal(voidOf(outcomeOf('a', 1, 1, -1)), undefined);
  assert.deepEqual(standing(outcomeOf('a', 1, 1, -50)).slices.map(tail), [1, 1]);
  assert.deepEqual(standing(outcomeOf('a', 1, -50, -50)).slices.map(tail), [1, 50, 50]);
});

test('a point with a wrong answer is void, however many slices are not', () => {
  const { entry, slices } = outcomeOf('a', 1, 1, 1);
  const wrong = { reason: '1 values were missing or wrong', late: false };
  const [first, ...others] = slices;
  const outcome = { entry, slices: [...others, { ...first, misses: 1, void: wrong }] };
  assert.deepEqual(voidOf(outcome), wrong);
});

test('a void slice leaves a hole in its row, and is in no line', () => {
  const outcome = outcomeOf('a', 1, -50, 3);
  const [row] = barsOf({ title: 'p99', unit: ' ms' }, [outcome], tail).rows;
  assert.deepEqual(row.rounds, [1, null, 3]);
  assert.deepEqual(figuresOf(row), [1, 3]);
  assert.deepEqual(raceFigures([outcomeOf('a', -1, -2)]), []);
});

test('neighbours: a race is a figure of its own', () => {
  const races = ['memvolley', 'rival'].map((client) => ({
    client,
    outcomes: [outcomeOf(`${client} alone`, 1, 2), outcomeOf(`${client} large get`, 3, 4)],
  }));
  const gone = { client: 'gone', outcomes: [outcomeOf('gone alone')] };
  assert.deepEqual(
    neighbourFigures([...races, gone]).map(({ title, rows }) => [title, rows.length]),
    [
      ['p99 of the small gets, memvolley', 2],
      ['p99 of the small gets, rival', 2],
    ],
  );
});

test('a ratio is taken of the rounds in which both stand; of a void point, of all', () => {
  const rival = outcomeOf('rival', 10, -99, 30);
  assert.deepEqual(openRatio(outcomeOf('a', 1, 1, 1), rival, tail), {
    median: (1 / 10 + 1 / 30) / 2,
    min: 1 / 30,
    max: 1 / 10,
  });
  const late = outcomeOf('late', -10, -20, -40);
  assert.equal(openRatio(outcomeOf('a', 1, 1, 1), late, tail)?.median, 1 / 20);
  assert.equal(openRatio(outcomeOf('a', -1, 1, 1), outcomeOf('b', 1, -1, -1), tail)?.min, 1);
});

test('the table says why a point is void', () => {
  const subject = outcomeOf('memvolley', 1, 1);
  const { rows } = openTable('title', [subject, outcomeOf('rival', -10, -10)], subject);
  assert.equal(rows[0].at(-1), '');
  assert.equal(rows[1].at(-1), 'void: fell behind');
  assert.equal(rows[1][4], '10.0x');
});

test('a sweep is judged by the highest rates, against whoever holds the most, broken or not', () => {
  const climbing = (outcome: Outcome, knees: number[], failure?: string): Climb => {
    const points = new Map([
      [2000, [...outcome.slices]],
      [1000, [...outcome.slices]],
    ]);
    return { entry: outcome.entry, points, knees, ...(failure !== undefined && { failure }) };
  };
  const climbs = [
    climbing(outcomeOf('memvolley', 1), [900, 1100]),
    climbing({ ...outcomeOf('slow', -2), entry: rivalEntry('slow') }, [50, 60]),
    climbing({ ...outcomeOf('broken', 3), entry: rivalEntry('broken') }, [90, 100], 'it ended'),
  ];
  const verdict = sweepVerdict('sweep', climbs);
  assert.equal(verdict.against, 'broken');
  assert.deepEqual(verdict.measured, { median: 10.5, min: 10, max: 11 });
  const { rows, notes } = sweepTable('sweep', climbs);
  assert.deepEqual(
    rows.map(([label, rate]) => [label, rate]),
    ['memvolley', 'slow', 'broken'].flatMap((label) => [
      [label, '1,000'],
      ['', '2,000'],
    ]),
  );
  assert.ok(notes?.includes('broken: it ended'));
  const [ours, slow] = sweepCurve(climbs).series;
  assert.deepEqual(ours.points[0], { rate: 1000, p50: 1, p99: 1, void: false });
  assert.equal(slow.points[0].void, true);
});

function climbOf(label: string, knees: number[], ...tails: readonly number[]): Climb {
  const { entry, slices } = outcomeOf(label, ...tails);
  const contender = label === 'memvolley' ? memvolley : memjs;
  return { entry: { ...entry, contender }, points: new Map([[1000, [...slices]]]), knees };
}

test('a point of a sweep is shown without its void slices, as long as it stands', () => {
  const climbs = [climbOf('memvolley', [1], 1, 3, -90, -90, 2)];
  assert.deepEqual(sweepCurve(climbs).series[0].points, [
    { rate: 1000, p50: 1, p99: 2, void: false },
  ]);
  assert.equal(sweepTable('sweep', climbs).rows[0][4], '2.00');
});

test('highest rates are compared in the rounds in which both took part', () => {
  const subject = climbOf('memvolley', [1000, 100, 3000], 1);
  const rival = climbOf('rival', [Number.NaN, 50, 1000], 1);
  const { measured } = sweepVerdict('sweep', [subject, rival]);
  assert.deepEqual(measured, { median: 2.5, min: 2, max: 3 });
  const apart = climbOf('rival', [1, Number.NaN, Number.NaN], 1);
  const never = { ...subject, knees: [Number.NaN, 1, 1] };
  assert.equal(sweepVerdict('sweep', [never, apart]).measured, undefined);
});

test('who answered wrongly has no highest rate', () => {
  const wrongly = (climb: Climb): Climb => {
    const slices = [...(climb.points.get(1000) ?? [])];
    return { ...climb, points: new Map([[1000, slices.map((one) => ({ ...one, misses: 1 }))]]) };
  };
  const [subject, rival] = [climbOf('memvolley', [9], 1), climbOf('rival', [3], 1)];
  assert.equal(sweepVerdict('sweep', [subject, rival]).measured?.median, 3);
  assert.equal(sweepVerdict('sweep', [wrongly(subject), rival]).measured, undefined);
  assert.equal(sweepVerdict('sweep', [subject, wrongly(rival)]).measured, undefined);
  assert.deepEqual(sweepTable('sweep', [wrongly(subject)]).notes, []);
});

test('a wrong answer ends a climb at once, a late one is tried again', () => {
  const climb = climbOf('memvolley', []);
  const knees = new KneeSearch(1000);
  const lane: Pick<Lane, 'failure'> = {};
  const [late, fine] = outcomeOf('memvolley', -9, 1).slices;
  stepped({ climb, lane, search: knees }, 1000, late);
  assert.deepEqual([knees.rate, lane.failure], [1000, undefined]);
  stepped({ climb, lane, search: knees }, 1000, fine);
  assert.deepEqual([knees.rate, lane.failure], [2000, undefined]);
  stepped({ climb, lane, search: knees }, 2000, { ...fine, misses: 2 });
  assert.equal(lane.failure, '2 values were missing or wrong at 2,000/s');
  assert.equal(knees.knee, 1000);
});

test('a client that was not ready for a round has none of it', () => {
  const climb = climbOf('rival', [5]);
  const refused = { entry: climb.entry, slices: [], failure: 'no server' };
  assert.deepEqual(climbersOf([refused], [climb], 1000), []);
  assert.deepEqual(climb.knees, [5, Number.NaN]);
  assert.equal(climb.failure, 'no server');
});

/** Runs a search to its end over a client that holds rates up to a limit. */
function search(
  first: number,
  holds: (rate: number) => boolean,
): { knee: number; tried: number[] } {
  const knees = new KneeSearch(first);
  const tried: number[] = [];
  while (knees.rate !== undefined) {
    tried.push(knees.rate);
    knees.tell(holds(knees.rate));
  }
  return { knee: knees.knee, tried };
}

test('a knee is found by doubling, then by halving what lies between', () => {
  const { knee, tried } = search(10_000, (rate) => rate <= 137_000);
  assert.deepEqual(tried.slice(0, 5), [10_000, 20_000, 40_000, 80_000, 160_000]);
  assert.ok(knee <= 137_000 && knee > 137_000 - 5_001, `${knee}`);
});

test('a rate is given up only when it is missed twice', () => {
  let once = true;
  const { knee } = search(1000, (rate) => {
    if (rate === 4000 && once) return (once = false);
    return rate <= 50_000;
  });
  assert.ok(knee > 45_000);
});

test('a search ends, whatever is held', () => {
  assert.equal(search(1000, () => true).tried.length, 11);
  const none = search(1000, () => false);
  assert.equal(none.knee, 0);
  assert.equal(none.tried.length, 10);
});

test('histograms are kept as other tools read them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    const histograms = new Histograms();
    assert.equal(histograms.write(join(folder, 'none.json')), undefined);
    for (const milliseconds of [1, 3]) {
      const latencies = newLatencies();
      for (let i = 0; i < 100; i++) record(latencies, milliseconds);
      histograms.keep('get 100 B at 1,000/s, memvolley', encodeIntoCompressedBase64(latencies));
    }
    const written = histograms.write(join(folder, 'figures.json'));
    assert.equal(written, join(folder, 'figures-histograms'));
    const name = 'get-100-b-at-1-000-s-memvolley';
    assert.deepEqual(readdirSync(written).toSorted(), [`${name}.hgrm`, `${name}.hlog`]);
    const plotted = readFileSync(join(written, `${name}.hgrm`), 'utf8');
    assert.match(plotted, /^ +1\.00\d 0\.50*\d* +100 /m);
    assert.match(plotted, /#\[Max .*Total count += +200\]/);
    const log = new HistogramLogReader(readFileSync(join(written, `${name}.hlog`), 'utf8'));
    const intervals = [log.nextIntervalHistogram(), log.nextIntervalHistogram()];
    assert.deepEqual(
      intervals.map((interval) => Math.round((interval?.mean ?? 0) / 1e6)),
      [1, 3],
    );
    assert.equal(log.nextIntervalHistogram(), null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
