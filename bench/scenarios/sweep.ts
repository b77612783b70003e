import type { Bench, Section } from '../bench.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase, type Slice } from '../load/load-case.ts';
import { isLane, type Lane, type Outcome, prepareAll, runSlice } from '../race.ts';
import type { Curve } from '../report/figure.ts';
import { lag, voidOf } from '../report/open-table.ts';
import { failuresOf, medianOf, middle, tail, throughput } from '../report/race-table.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from '../report/spread.ts';
import type { Table } from '../report/table.ts';
import type { Verdict } from '../report/verdict.ts';
import { KneeSearch } from './knee-search.ts';
import { clientEntries, openLoads } from './open.ts';

const FIRST_RATE = 10_000;
const LONGEST_P99_MS = 5;
const TIMES_RIVAL = 5;

/** What a client did at each rate, and the highest that it held in each round. */
interface Climb {
  readonly lane: Lane;
  readonly points: Map<number, Slice[]>;
  readonly knees: number[];
}

/** Throughput against latency: rates that rise until the p99 is too long, for each client its own. */
export async function* sweep(bench: Bench): AsyncGenerator<Section> {
  const [first = FIRST_RATE] = bench.selection.rates ?? [];
  for (const load of openLoads(bench, first)) yield await sweepSection(bench, load, first);
}

async function sweepSection(bench: Bench, load: LoadCase, first: number): Promise<Section> {
  const { open: _rate, ...what } = load;
  const { arrivals, rounds } = bench.selection;
  const title = `sweep: ${describeLoad(what).replace(/,[^,]*$/, '')}, ${arrivals} arrivals`;
  const results = await prepareAll(bench, title, await clientEntries(bench, load));
  const climbs = results
    .filter(isLane)
    .map((lane): Climb => ({ lane, points: new Map(), knees: [] }));
  for (let round = 0; round < rounds; round++) {
    const order = climbs.map((_, i) => climbs[(i + round) % climbs.length]);
    bench.progress.show(`${title}: round ${round + 1}/${rounds}`);
    await climbAll(bench, order, first);
  }
  await Promise.all(climbs.map(({ lane }) => lane.handle.end()));
  return {
    table: sweepTable(title, climbs, results),
    figures: [curveOf(climbs)],
    data: climbs.map(dataOf),
    ...(load.workload === undefined && { verdicts: [verdictOf(title, climbs)] }),
  };
}

/** All at once, rate by rate: each client has a slice at its next rate, then the next client has. */
async function climbAll(bench: Bench, climbs: readonly Climb[], first: number): Promise<void> {
  const searches = climbs.map((climb) => ({ climb, search: new KneeSearch(first) }));
  for (let left = searches; left.length > 0;) {
    for (const { climb, search } of left) await step(bench, climb, search);
    left = left.filter(({ climb, search }) => {
      const going = search.rate !== undefined && climb.lane.failure === undefined;
      if (!going) climb.knees.push(search.knee);
      return going;
    });
  }
}

async function step(bench: Bench, { lane, points }: Climb, search: KneeSearch): Promise<void> {
  const { rate } = search;
  if (rate === undefined) return;
  const slice = await runSlice(bench, lane, rate);
  if (slice === undefined) return;
  points.set(rate, [...(points.get(rate) ?? []), slice]);
  search.tell(slice.void === undefined && tail(slice) < LONGEST_P99_MS);
}

const outcomeOf = ({ lane }: Climb, slices: readonly Slice[]): Outcome => ({
  entry: lane.entry,
  slices,
});

const byRate = ({ points }: Climb): [number, Slice[]][] =>
  [...points].toSorted(([a], [b]) => a - b);

function sweepTable(
  title: string,
  climbs: readonly Climb[],
  results: readonly (Lane | Outcome)[],
): Table {
  const refused = results.flatMap((result) => (isLane(result) ? [] : [result]));
  const broken = climbs.map((climb) => {
    const { failure } = climb.lane;
    return { ...outcomeOf(climb, []), ...(failure !== undefined && { failure }) };
  });
  return {
    title: `${title}: up to the highest rate with a p99 under ${LONGEST_P99_MS} ms`,
    head: ['', 'asked/s', 'answers/s', 'p50 ms', 'p99 ms', 'lag p99 ms', ''],
    rows: climbs.flatMap((climb) => rowsOf(climb)),
    remarks: true,
    notes: [...climbs.map(kneeText), ...failuresOf([...refused, ...broken])],
  };
}

function kneeText({ lane, knees }: Climb): string {
  const highest = spreadText(spreadOf(knees.map((rate) => rate / 1000)));
  return `${lane.entry.label}: highest rate with a p99 under ${LONGEST_P99_MS} ms ${highest} k/s`;
}

function rowsOf(climb: Climb): string[][] {
  return byRate(climb).map(([rate, slices], at) => {
    const outcome = outcomeOf(climb, slices);
    const nothing = voidOf(outcome);
    return [
      at === 0 ? climb.lane.entry.label : '',
      rate.toLocaleString('en-US'),
      Math.round(medianOf(outcome, throughput)).toLocaleString('en-US'),
      ...[middle, tail, lag].map((figure) => roundOff(medianOf(outcome, figure))),
      nothing === undefined ? '' : `void: ${nothing.reason}`,
    ];
  });
}

function curveOf(climbs: readonly Climb[]): Curve {
  const series = climbs.map((climb) => ({
    label: climb.lane.entry.label,
    ours: climb.lane.entry.contender === SUBJECT,
    points: byRate(climb)
      .map(([rate, slices]) => ({ rate, outcome: outcomeOf(climb, slices) }))
      .map(({ rate, outcome }) => ({
        rate,
        p50: medianOf(outcome, middle),
        p99: medianOf(outcome, tail),
        void: voidOf(outcome) !== undefined,
      }))
      // Where every call failed there is no latency.
      .filter(({ p99 }) => p99 > 0),
  }));
  return { kind: 'curve', title: 'latency over rate', series };
}

const dataOf = (climb: Climb): object => ({
  contender: climb.lane.entry.label,
  load: climb.lane.entry.load,
  highestRates: climb.knees,
  points: byRate(climb).map(([perSecond, slices]) => ({ perSecond, slices })),
});

function verdictOf(title: string, climbs: readonly Climb[]): Verdict {
  const ran = climbs.filter(({ lane }) => lane.failure === undefined);
  const subject = ran.find(({ lane }) => lane.entry.contender === SUBJECT);
  const middleOf = ({ knees }: Climb): number => spreadOf(knees).median;
  const [rival] = ran
    .filter((climb) => climb !== subject && middleOf(climb) > 0)
    .toSorted((a, b) => middleOf(b) - middleOf(a));
  return {
    target: `${title}: highest rate with a p99 under ${LONGEST_P99_MS} ms`,
    against: rival?.lane.entry.label ?? 'best rival',
    required: { atLeast: TIMES_RIVAL },
    unit: 'x',
    measured:
      subject === undefined || rival === undefined
        ? undefined
        : ratioOf(subject.knees, rival.knees),
  };
}
