import type { Bench, Section } from '../bench.ts';
import { describeLoad, type LoadCase, loadOf, workloadOf } from '../load/load-case.ts';
import { WORKLOAD_NAMES, type WorkloadName, WORKLOADS } from '../load/workloads.ts';
import { race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { FASTEST, faster, type Target, verdictOf } from '../report/targets.ts';
import { clientEntries, openSection } from './open.ts';

const MOST_SECONDS = 0.4;
const TARGETS: Readonly<Partial<Record<WorkloadName, readonly Target[]>>> = {
  feed: [faster(FASTEST, 3)],
};

/** Each for a short while: by callers that wait for their answers, or at the rates that were asked for. */
export async function* workloads(bench: Bench): AsyncGenerator<Section> {
  const { selection } = bench;
  const seconds = Math.min(selection.seconds, MOST_SECONDS);
  const short = { ...bench, selection: { ...selection, seconds, warmUpSeconds: seconds } };
  const names = selection.workloads ?? WORKLOAD_NAMES.filter((name) => isWithin(bench, name));
  const { concurrencies = [undefined], rates = [] } = selection;
  for (const name of names) {
    for (const perSecond of rates) {
      const load = { ...loadOf(name), open: { arrivals: selection.arrivals, perSecond } };
      yield await openSection(short, load);
    }
    if (rates.length > 0) continue;
    for (const callers of concurrencies) yield await closedSection(short, loadOf(name, callers));
  }
}

/** No server is started beside those that are somebody's. */
const isWithin = ({ selection }: Bench, name: WorkloadName): boolean =>
  selection.servers === undefined || WORKLOADS[name].servers <= selection.servers.length;

async function closedSection(bench: Bench, load: LoadCase): Promise<Section> {
  const title = `${describeLoad(load)}: ${workloadOf(load).about}`;
  const outcomes = await race(bench, title, await clientEntries(bench, load));
  const targets = (load.workload !== undefined && TARGETS[load.workload]) || [];
  const verdicts = targets.map((target) => verdictOf(load, target, outcomes));
  return { ...raceSection(title, outcomes), verdicts };
}
