import type { Bench, Section } from '../bench.ts';
import { describeLoad, type LoadCase, type Slice } from '../load/load-case.ts';
import { isLane, type Lane, missingText, type Outcome, prepareAll, runSlice } from '../race.ts';
import { LONGEST_P99_MS } from '../report/open-table.ts';
import { tail } from '../report/race-table.ts';
import { roundOff } from '../report/spread.ts';
import {
  type Climb,
  sweepCurve,
  sweepData,
  sweepTable,
  sweepVerdict,
} from '../report/sweep-section.ts';
import { KneeSearch } from './knee-search.ts';
import { clientEntries, openLoads } from './open.ts';

const FIRST_RATE = 10_000;

/** Throughput against latency: rates that rise until the p99 is too long, for each client its own. */
export async function* sweep(bench: Bench): AsyncGenerator<Section> {
  const [first = FIRST_RATE] = bench.selection.rates ?? [];
  for (const load of openLoads(bench, first)) yield await sweepSection(bench, load, first);
}

async function sweepSection(bench: Bench, load: LoadCase, first: number): Promise<Section> {
  const { open: _rate, ...what } = load;
  const { arrivals, rounds } = bench.selection;
  const title = `sweep: ${describeLoad(what).replace(/,[^,]*$/, '')}, ${arrivals} arrivals`;
  const entries = await clientEntries(bench, load);
  const climbs = entries.map((entry): Climb => ({ entry, points: new Map(), knees: [] }));
  for (let round = 0; round < rounds; round++) {
    // Another client is the first each time.
    const order = climbs.map((_, i) => climbs[(i + round) % climbs.length]);
    await climbAll(bench, `${title}: round ${round + 1}/${rounds}`, order, first);
  }
  return {
    table: sweepTable(title, climbs),
    figures: [sweepCurve(climbs)],
    data: sweepData(climbs),
    ...(load.workload === undefined && { verdicts: [sweepVerdict(title, climbs)] }),
  };
}

/** A client on its way up, in one round. */
interface Climber {
  readonly climb: Climb;
  readonly lane: Lane;
  readonly search: KneeSearch;
}

/**
 * A round: all clients side by side, each a slice at its own next rate while the others are quiet. Each round has new
 * processes, for a client may break at a rate that is too high for it.
 */
async function climbAll(
  bench: Bench,
  title: string,
  climbs: readonly Climb[],
  first: number,
): Promise<void> {
  const results = await prepareAll(
    bench,
    title,
    climbs.map(({ entry }) => entry),
  );
  const climbers = climbersOf(results, climbs, first);
  for (let left = climbers; left.length > 0; left = left.filter(isClimbing)) {
    bench.progress.show(`${title}: ${left.map(rateText).join('  ')}`);
    for (const climber of left) await step(bench, climber);
  }
  for (const { climb, lane, search } of climbers) {
    climb.knees.push(search.knee);
    if (lane.failure !== undefined) climb.failure = lane.failure;
    await lane.handle.end();
  }
}

/** Those whose process is ready. The others have no part in this round. */
export function climbersOf(
  results: readonly (Lane | Outcome)[],
  climbs: readonly Climb[],
  first: number,
): Climber[] {
  return results.flatMap((result, at): Climber[] => {
    const climb = climbs[at];
    if (isLane(result)) return [{ climb, lane: result, search: new KneeSearch(first) }];
    climb.knees.push(Number.NaN);
    if (result.failure !== undefined) climb.failure = result.failure;
    return [];
  });
}

const isClimbing = ({ lane, search }: Climber): boolean =>
  search.rate !== undefined && lane.failure === undefined;

function rateText({ climb, search }: Climber): string {
  return `${climb.entry.label} ${roundOff((search.rate ?? 0) / 1000)}k/s`;
}

async function step(bench: Bench, climber: Climber): Promise<void> {
  const { rate } = climber.search;
  if (rate === undefined) return;
  const slice = await runSlice(bench, climber.lane, rate);
  if (slice !== undefined) stepped(climber, rate, slice);
}

/** What was lost or late at a rate may have been the machine; a wrong answer never is, and nothing is tried again. */
export function stepped(
  {
    climb,
    lane,
    search,
  }: Pick<Climber, 'climb' | 'search'> & { readonly lane: Pick<Lane, 'failure'> },
  rate: number,
  slice: Slice,
): void {
  climb.points.set(rate, [...(climb.points.get(rate) ?? []), slice]);
  if (slice.misses > 0)
    lane.failure = `${missingText(slice.misses)} at ${rate.toLocaleString('en-US')}/s`;
  else search.tell(slice.void === undefined && tail(slice) < LONGEST_P99_MS);
}
