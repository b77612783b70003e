import type { Address, Contender } from './contenders/contender.ts';
import { type Assignment, keysOf } from './load/assignment.ts';
import { describeLoad, type LoadCase, type Slice } from './load/load-case.ts';
import { roundOff } from './report/spread.ts';
import type { Bench } from './bench.ts';
import { ContenderHandle } from './support/contender-handle.ts';

/** A contender with what it is to do; usually all entries of a race do the same. */
export interface Entry {
  readonly label: string;
  readonly contender: Contender;
  readonly load: LoadCase;
  /** Where it is done. Default: those of the bench. */
  readonly servers?: readonly Address[];
}

/** What came of an entry: a slice for each round, or the reason why there is none. */
export interface Outcome {
  readonly entry: Entry;
  readonly slices: readonly Slice[];
  readonly failure?: string;
}

/** Why a client takes no part in a case, if so. */
function refusal(contender: Contender, load: LoadCase): string | undefined {
  if (contender.role === 'codec') return undefined;
  const { performs } = contender;
  if (performs !== undefined) {
    const special = load.beside ?? load.workload ?? load.open;
    const able = performs.includes(load.operation) && special === undefined;
    if (!able) return 'has no such load';
  }
  return contender.accepts.includes(load.kind) ? undefined : `does not store ${load.kind}s`;
}

/**
 * All do the same, those that cannot do everything where they can. Only memvolley runs a many-key race twice, answering
 * a Map and answering an array.
 */
export function entriesOf(contenders: readonly Contender[], load: LoadCase): Entry[] {
  return contenders.flatMap((contender) => {
    if (contender.performs !== undefined && refusal(contender, load) !== undefined) return [];
    const entry = { label: contender.name, contender, load };
    if (load.operation !== 'getMany' || contender.role !== 'subject') return [entry];
    const values = { ...load, operation: 'getValues' as const };
    return [entry, { ...entry, label: `${contender.name}, getValues`, load: values }];
  });
}

/** An entry whose process is ready. */
export interface Lane {
  readonly entry: Entry;
  readonly handle: Pick<ContenderHandle, 'run' | 'end'>;
  readonly slices: Slice[];
  failure?: string;
}

export const missingText = (misses: number): string => `${misses} values were missing or wrong`;

async function prepare(bench: Bench, entry: Entry, number: number): Promise<Lane | Outcome> {
  const failed = (failure: string): Outcome => ({ entry, slices: [], failure });
  const refused = refusal(entry.contender, entry.load);
  if (refused !== undefined) return failed(refused);
  const usual = bench.serversFor(entry.contender);
  if (usual === undefined) return failed('no server of Redis');
  const { contender, load, servers = usual } = entry;
  const { manners, tidying } = bench.guest ?? {};
  const assignment: Assignment = {
    servers,
    load,
    entry: number,
    seed: bench.selection.seed,
    ...(manners && { manners }),
  };
  tidying?.expect(keysOf(assignment));
  const handle = new ContenderHandle({
    // A cluster is to scale: it gets all cores.
    core: (entry.load.service?.processes ?? 1) > 1 ? undefined : bench.pinning.client,
    nodeArgs: [...(entry.contender.nodeArgs ?? []), ...bench.nodeArgsFor(entry.contender)],
  });
  try {
    await handle.prepare({
      type: 'prepare',
      contender: contender.name,
      ...assignment,
    });
    const { misses } = await handle.run({ seconds: bench.selection.warmUpSeconds });
    if (misses > 0) throw new Error(`${missingText(misses)} while it was warmed up`);
    return { entry, handle, slices: [] };
  } catch (error) {
    await handle.end();
    return failed((error as Error).message);
  }
}

/** `perSecond`: in the open loop, another rate than the load's own. Undefined once the entry has failed. */
export async function runSlice(
  bench: Pick<Bench, 'selection' | 'histograms'>,
  lane: Lane,
  perSecond?: number,
): Promise<Slice | undefined> {
  if (lane.failure !== undefined) return undefined;
  const { seconds, histograms } = bench.selection;
  const asked = {
    seconds,
    histogram: histograms,
    garbage: lane.entry.load.garbage ?? false,
    ...(perSecond !== undefined && { perSecond }),
  };
  try {
    const { histogram, ...slice } = await lane.handle.run(asked);
    if (slice.misses > 0 && slice.void === undefined) lane.failure = missingText(slice.misses);
    lane.slices.push(slice);
    const stands = slice.void === undefined && slice.misses === 0;
    if (stands && histogram !== undefined) {
      bench.histograms.keep(pointOf(lane.entry, perSecond), histogram);
    }
    return slice;
  } catch (error) {
    lane.failure = (error as Error).message;
    return undefined;
  }
}

function pointOf({ label, load }: Entry, perSecond?: number): string {
  const { open } = load;
  const at = open === undefined || perSecond === undefined ? {} : { open: { ...open, perSecond } };
  return `${describeLoad({ ...load, ...at })}, ${label}`;
}

/** Starts, fills and warms a process for each entry; those that cannot take part have their reason. */
export async function prepareAll(
  bench: Bench,
  title: string,
  entries: readonly Entry[],
): Promise<(Lane | Outcome)[]> {
  const results: (Lane | Outcome)[] = [];
  for (const [number, entry] of entries.entries()) {
    bench.progress.show(`${title}: preparing ${entry.label}`);
    results.push(await prepare(bench, entry, number));
  }
  return results;
}

export const isLane = (result: Lane | Outcome): result is Lane => 'handle' in result;

/**
 * Rounds of one short slice each, one entry at a time while the others are quiet. Every round starts with another
 * entry, so none is always the first. A ratio is taken within a round and never across.
 */
export async function race(
  bench: Bench,
  title: string,
  entries: readonly Entry[],
): Promise<Outcome[]> {
  const { rounds } = bench.selection;
  const results = await prepareAll(bench, title, entries);
  const lanes = results.filter(isLane);
  for (let round = 0; round < rounds; round++) {
    const order = lanes.map((_, i) => lanes[(i + round) % lanes.length]);
    for (const lane of order) await runSlice(bench, lane);
    const figures = lanes.map(({ entry, slices }) => {
      const latest = slices[round];
      return `${entry.label} ${latest === undefined ? '-' : `${roundOff(latest.operationsPerSecond / 1000)}k/s`}`;
    });
    bench.progress.show(`${title}: round ${round + 1}/${rounds}  ${figures.join('  ')}`);
  }
  await Promise.all(lanes.map(({ handle }) => handle.end()));
  return results.map((result) => {
    if (!isLane(result)) return result;
    const { entry, slices, failure } = result;
    if (failure !== undefined) bench.histograms.drop(pointOf(entry));
    return failure === undefined ? { entry, slices } : { entry, slices: [], failure };
  });
}
