import { getHeapStatistics } from 'node:v8';
import { measure } from 'mitata';
import type { MicroCase } from './micro-case.ts';

/** Per operation. */
export interface MicroFigures {
  /** Of the fastest hundredth of all runs the slowest: whoever shares the core only ever adds. */
  readonly nanoseconds: number;
  readonly median: number;
  readonly p99: number;
  /** Bytes of new objects on the heap; what Buffers hold beside it is not in them. */
  readonly bytes: number;
}

const LOWEST = 0.01;
const WARM_UP_SHARE = 0.25;
const LEAST_RUNS = 100;
const LOOKING_RUNS = 10_000;

const nothing: MicroCase = { name: 'nothing', operations: 1, run: () => undefined };

/** What looking at the heap costs of it, per run. */
let bytesOfLooking: number | undefined;

/**
 * Runs a case over and over, as often as the fastest runs would need so many milliseconds; each run is timed by itself.
 * Where neighbours take the core it takes longer, and counts no less.
 */
export async function measureCase(each: MicroCase, milliseconds: number): Promise<MicroFigures> {
  bytesOfLooking ??= (await runOften(nothing, { runs: LOOKING_RUNS, heap: true })).bytes;
  const runs = await warmUp(each, milliseconds);
  const { bytes, ...figures } = await runOften(each, { runs, heap: true });
  return { ...figures, bytes: Math.max(0, bytes - bytesOfLooking / each.operations) };
}

/** Its nanoseconds alone: looking at the heap takes as long as many a run. */
export async function timeCase(each: MicroCase, milliseconds: number): Promise<number> {
  const runs = await warmUp(each, milliseconds);
  return (await runOften(each, { runs, heap: false })).nanoseconds;
}

/** How many runs so many milliseconds are, once it is compiled. */
async function warmUp(each: MicroCase, milliseconds: number): Promise<number> {
  const runsIn = (ms: number, { nanoseconds }: MicroFigures): number =>
    Math.max(LEAST_RUNS, Math.ceil((ms * 1e6) / (nanoseconds * each.operations)));
  const cold = await runOften(each, { runs: LEAST_RUNS, heap: false });
  const runs = runsIn(milliseconds * WARM_UP_SHARE, cold);
  return runsIn(milliseconds, await runOften(each, { runs, heap: false }));
}

async function runOften(
  { operations, prepare = () => undefined, run }: MicroCase,
  { runs, heap: looks }: { readonly runs: number; readonly heap: boolean },
): Promise<MicroFigures> {
  function* sampled(): Generator<() => unknown> {
    // mitata hands the bench what its parameters have made, outside the time it takes.
    const parts = { 0: prepare, bench: (_prepared: unknown) => run() };
    yield parts as unknown as () => unknown;
  }
  const { samples, heap } = await measure(sampled, {
    batch_threshold: 0,
    min_cpu_time: 0,
    min_samples: runs,
    gc: looks && globalThis.gc !== undefined ? () => globalThis.gc?.() : false,
    ...(looks && { heap: () => getHeapStatistics().used_heap_size }),
  });
  const at = (share: number): number =>
    samples[Math.floor(share * (samples.length - 1))] / operations;
  return {
    nanoseconds: at(LOWEST),
    median: at(0.5),
    p99: at(0.99),
    bytes: (heap?.avg ?? 0) / operations,
  };
}
