import { setTimeout as pause } from 'node:timers/promises';
import type { Histogram } from 'hdr-histogram-js';
import type { Work } from './load-case.ts';
import type { Operation } from './operations.ts';

/** From this many callers on only one call in eight is timed: the clock and the histogram cost tenths of a us. */
const SAMPLE_FROM_CALLERS = 64;
const SAMPLE_MASK = 7;

/** hdr-histogram-js takes whole numbers only; nanoseconds keep three digits of a loopback round trip. */
function record(latencies: Histogram, startedAt: number): void {
  latencies.recordValue(Math.round((performance.now() - startedAt) * 1e6));
}

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
  let calls = 0;
  let misses = 0;
  let running = true;

  async function caller(number: number): Promise<void> {
    for (let turn = number; running; turn++) {
      const startedAt = (turn & mask) === 0 ? performance.now() : 0;
      const reply = await operation.start();
      if (startedAt !== 0) record(latencies, startedAt);
      if (!operation.answered(reply)) misses++;
      calls++;
    }
  }

  const timer = setTimeout(() => (running = false), seconds * 1000);
  try {
    await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  } finally {
    running = false;
    clearTimeout(timer);
  }
  return { operations: calls * operation.weight, misses };
}

/** `size` gets in one moment out of a quiet client, then a millisecond of rest; timed from the first to the last. */
export async function bursts(
  operation: Operation,
  size: number,
  seconds: number,
  latencies: Histogram,
): Promise<Work> {
  const endAt = performance.now() + seconds * 1000;
  let operations = 0;
  let misses = 0;
  let busySeconds = 0;
  while (performance.now() < endAt) {
    const startedAt = performance.now();
    const replies = await Promise.all(Array.from({ length: size }, () => operation.start()));
    busySeconds += (performance.now() - startedAt) / 1000;
    record(latencies, startedAt);
    for (const reply of replies) if (!operation.answered(reply)) misses++;
    operations += size;
    await pause(1);
  }
  return { operations, misses, busySeconds };
}
