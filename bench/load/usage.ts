import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What a process has used while it was measured. */
export interface Usage {
  /** User and system time of all its threads, garbage collection and workers included. */
  readonly cpuMicros: number;
  readonly mainThreadMicros: number;
  readonly eventLoopUtilization: number;
  readonly rssMiB: number;
}

/**
 * Time the main thread has run on a core, whatever its workers did meanwhile: Linux counts it per thread. Elsewhere
 * the active time of the event loop stands in, which also counts moments when another thread had the core.
 */
function mainThreadMicros(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(
      ' ',
    );
    return Number(nanoseconds) / 1000;
  } catch {
    return performance.eventLoopUtilization().active * 1000;
  }
}

/** Measures this process from now on. */
export class UsageMeter {
  readonly #mainBefore = mainThreadMicros();
  readonly #cpuBefore = process.cpuUsage();
  readonly #loopBefore = performance.eventLoopUtilization();

  read(): Usage {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    return {
      cpuMicros: user + system,
      mainThreadMicros: mainThreadMicros() - this.#mainBefore,
      eventLoopUtilization: performance.eventLoopUtilization(this.#loopBefore).utilization,
      rssMiB: process.memoryUsage.rss() / 1024 ** 2,
    };
  }
}

/** Several processes that share one load: sums, and the mean of what their event loops had to do. */
export function usageTogether(usages: readonly Usage[]): Usage {
  const sum = (figure: (usage: Usage) => number): number =>
    usages.reduce((total, usage) => total + figure(usage), 0);
  return {
    cpuMicros: sum(({ cpuMicros }) => cpuMicros),
    mainThreadMicros: sum((usage) => usage.mainThreadMicros),
    eventLoopUtilization: sum(({ eventLoopUtilization }) => eventLoopUtilization) / usages.length,
    rssMiB: sum(({ rssMiB }) => rssMiB),
  };
}
