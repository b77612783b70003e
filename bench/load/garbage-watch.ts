import { GCProfiler, getHeapStatistics } from 'node:v8';

/** What a stretch of time has left to the garbage collector. */
export interface Garbage {
  /** Allocated on the heap. What Buffers hold stands outside it and is not in them. */
  readonly bytes: number;
  readonly scavenges: number;
  /** Of the main thread, which waits for it. 0 without any. */
  readonly longestScavengeMs: number;
}

const SCAVENGE = 'Scavenge';
const MICROSECONDS = 1000;

const usedBytes = (): number => getHeapStatistics().used_heap_size;

/**
 * Watches this thread from now on. Between two collections the heap only grows, by what is allocated: the sum of these
 * growths is all there was. V8 tells both ends of every collection from within, which leaves nothing on the heap.
 */
export class GarbageWatch {
  readonly #profiler = new GCProfiler();
  readonly #usedBefore: number;

  constructor() {
    this.#profiler.start();
    this.#usedBefore = usedBytes();
  }

  /** Once. */
  read(): Garbage {
    const usedAfter = usedBytes();
    const { statistics } = this.#profiler.stop();
    let bytes = 0;
    let left = this.#usedBefore;
    for (const { beforeGC, afterGC } of statistics) {
      bytes += beforeGC.heapStatistics.usedHeapSize - left;
      left = afterGC.heapStatistics.usedHeapSize;
    }
    const scavenges = statistics.filter(({ gcType }) => gcType === SCAVENGE);
    return {
      bytes: bytes + usedAfter - left,
      scavenges: scavenges.length,
      longestScavengeMs: Math.max(0, ...scavenges.map(({ cost }) => cost)) / MICROSECONDS,
    };
  }
}
