import { setTimeout as pause } from 'node:timers/promises';
import type { Histogram } from 'hdr-histogram-js';
import { record } from './latencies.ts';
import type { Work } from './load-case.ts';
import type { Operation } from './operations.ts';
import type { StallWatch } from './stall-watch.ts';

/** From this many callers on only one call in eight is timed: the clock and the histogram cost tenths of a us. */
const SAMPLE_FROM_CALLERS = 64;
const SAMPLE_MASK = 7;

/**
 * Callers as services have them: each awaits its answer, then asks again. The load thus follows the client's speed
 * (coordinated omission included): good for ratios of throughput, no picture of a fixed arrival rate.
 */
export async function closedLoop(
  operation: Operation,
  callers: number,
  seconds: number,
  latencies: Histogram,
): Promise<Work> {
  const mask = callers >= SAMPLE_FROM_CALLERS ? SAMPLE_MASK : 0;
  let next = 0;
  let operations = 0;
  let misses = 0;
  let running = true;

  async function caller(number: number): Promise<void> {
    for (let turn = number; running; turn++) {
      const call = next++;
      if (operation.turn !== undefined) await operation.turn(call);
      const startedAt = (turn & mask) === 0 ? performance.now() : 0;
      const reply = await operation.start(call);
      if (startedAt !== 0) record(latencies, performance.now() - startedAt);
      if (!operation.answered(reply, call)) misses++;
      operations += operation.keysOf(call);
    }
  }

  const timer = setTimeout(() => (running = false), seconds * 1000);
  try {
    await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  } finally {
    running = false;
    clearTimeout(timer);
  }
  return { operations, misses };
}

/** Calls in one moment, then rest. */
export interface Bursts {
  readonly calls: number;
  readonly restMs: number;
  /** Looks how long the event loop stands still in each. */
  readonly watch?: StallWatch;
  /** Waits until a burst may be made. Default: at once. */
  turn?(): Promise<void>;
  /** Part of what is timed: a client that is made for each burst is made in it. */
  begin(): Operation | Promise<Operation>;
  end(): unknown;
}

/** Each burst is timed from its first call to its last answer. */
export async function burstLoop(
  { calls, restMs, watch, turn, begin, end }: Bursts,
  seconds: number,
  latencies: Histogram,
): Promise<Work> {
  const stallsMs: number[] = [];
  const endAt = performance.now() + seconds * 1000;
  const work = { operations: 0, misses: 0, busySeconds: 0 };
  for (let first = 0; performance.now() < endAt; first += calls) {
    if (turn !== undefined) await turn();
    await watch?.begin();
    const startedAt = performance.now();
    const operation = await begin();
    const replies = await Promise.all(
      Array.from({ length: calls }, (_, i) => operation.start(first + i)),
    );
    const elapsed = performance.now() - startedAt;
    record(latencies, elapsed);
    work.busySeconds += elapsed / 1000;
    if (watch !== undefined) stallsMs.push(await watch.end());
    for (const [i, reply] of replies.entries()) {
      if (!operation.answered(reply, first + i)) work.misses++;
      work.operations += operation.keysOf(first + i);
    }
    await end();
    await pause(restMs);
  }
  return watch === undefined ? work : { ...work, stallsMs };
}
