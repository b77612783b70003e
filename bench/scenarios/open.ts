import type { Bench, Section } from '../bench.ts';
import { describeLoad, type LoadCase, loadOf, workloadOf } from '../load/load-case.ts';
import { type Entry, type Outcome, race } from '../race.ts';
import { LONGEST_P99_MS, openRatio, openTable, standing, voidOf } from '../report/open-table.ts';
import { raceFigures } from '../report/race-figures.ts';
import { medianOf, raceData, tail } from '../report/race-table.ts';
import { spreadOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const RATES = [60_000, 100_000];
const SHARE_OF_RIVAL = 0.1;

/** Gets of 100 B, or what `--workload` names. */
export function openLoads({ selection }: Bench, perSecond: number): LoadCase[] {
  const small: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512 };
  const loads = selection.workloads?.map((name) => loadOf(name)) ?? [small];
  const { arrivals } = selection;
  return loads.map((load) => ({ ...load, open: { arrivals, perSecond } }));
}

/** The clients, on as many servers as the load is for. A Redis is one server. */
export async function clientEntries(bench: Bench, load: LoadCase): Promise<Entry[]> {
  const { servers: count } = workloadOf(load);
  const several = count > 1 ? await bench.fleet(count) : undefined;
  return bench.contenders
    .filter(({ performs }) => performs === undefined)
    .filter(({ role }) => count === 1 || role !== 'redis client')
    .map((contender) => ({
      label: contender.name,
      contender,
      load,
      ...(several !== undefined && { servers: several }),
    }));
}

/** Latency at a given rate of calls, from when each was due. */
export async function* open(bench: Bench): AsyncGenerator<Section> {
  for (const perSecond of bench.selection.rates ?? RATES) {
    for (const load of openLoads(bench, perSecond)) yield await openSection(bench, load);
  }
}

const hasTarget = ({ workload, open: asked }: LoadCase): boolean =>
  workload === undefined && asked !== undefined && RATES.includes(asked.perSecond);

export async function openSection(bench: Bench, load: LoadCase): Promise<Section> {
  const title = describeLoad(load);
  const outcomes = await race(bench, title, await clientEntries(bench, load));
  const [subject, ...rivals] = outcomes;
  return {
    table: openTable(title, outcomes, subject),
    figures: raceFigures(outcomes.filter((outcome) => voidOf(outcome) === undefined)),
    data: raceData(outcomes),
    ...(hasTarget(load) && {
      verdicts: [againstRival(title, subject, bestOf(rivals)), inTime(title, subject)],
    }),
  };
}

/**
 * Whoever has the lowest p99 of those that kept up. If none did, of those that were only late: what was measured of them
 * is less than a longer slice would show, so the ratio is at most this.
 */
function bestOf(rivals: readonly Outcome[]): Outcome | undefined {
  const ran = rivals.filter(({ slices }) => slices.length > 0);
  const keptUp = ran.filter((rival) => voidOf(rival) === undefined);
  const late = ran.filter((rival) => voidOf(rival)?.late === true);
  const p99 = (rival: Outcome): number => medianOf(standing(rival), tail);
  return (keptUp.length > 0 ? keptUp : late).toSorted((a, b) => p99(a) - p99(b))[0];
}

function againstRival(title: string, subject: Outcome, rival: Outcome | undefined): Verdict {
  const fellBehind = rival !== undefined && voidOf(rival) !== undefined;
  const compared = rival !== undefined && voidOf(subject) === undefined;
  return {
    target: `${title}: p99`,
    against: `${rival?.entry.label ?? 'best rival'}${fellBehind ? ', which fell behind' : ''}`,
    required: { atMost: SHARE_OF_RIVAL },
    unit: 'x',
    measured: compared ? openRatio(subject, rival, tail) : undefined,
  };
}

export function inTime(title: string, subject: Outcome): Verdict {
  const { slices } = standing(subject);
  const measurable = slices.length > 0 && voidOf(subject) === undefined;
  return {
    target: `${title}: p99`,
    against: 'a fixed time',
    required: { atMost: LONGEST_P99_MS },
    unit: ' ms',
    measured: measurable ? spreadOf(slices.map(tail)) : undefined,
  };
}
