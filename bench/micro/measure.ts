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
const LOOKING_MS = 50;

const nothing: MicroCase = { name: 'nothing', operations: 1, run: () => undefined };

/** What looking at the heap costs of it, per run. */
let bytesOfLooking: number | undefined;

/** Runs a case over and over for so long; each run is timed by itself. */
export async function measureCase(each: MicroCase, milliseconds: number): Promise<MicroFigures> {
  bytesOfLooking ??= (await measured(nothing, LOOKING_MS)).bytes;
  await measured(each, milliseconds * WARM_UP_SHARE);
  const { bytes, ...figures } = await measured(each, milliseconds);
  return { ...figures, bytes: Math.max(0, bytes - bytesOfLooking / each.operations) };
}

async function measured(
  { operations, prepare = () => undefined, run }: MicroCase,
  milliseconds: number,
): Promise<MicroFigures> {
  function* sampled(): Generator<() => unknown> {
    // mitata hands the bench what its parameters have made, outside the time it takes.
    const parts = { 0: prepare, bench: (_prepared: unknown) => run() };
    yield parts as unknown as () => unknown;
  }
  const { samples, heap } = await measure(sampled, {
    batch_threshold: 0,
    min_cpu_time: milliseconds * 1e6,
    heap: () => getHeapStatistics().used_heap_size,
    gc: globalThis.gc === undefined ? false : () => globalThis.gc?.(),
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
