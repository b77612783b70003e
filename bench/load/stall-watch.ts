import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const TICK_MS = 1;
const NANOSECONDS = 1e6;

/**
 * The longest time between two turns of the event loop. A timer within libuv looks once a millisecond and runs no
 * JavaScript: setImmediate after setImmediate would keep the loop turning, on a core that workers and server need, and
 * timers of ours would leave garbage. So a loop that nothing holds up shows a millisecond or two.
 */
export class StallWatch {
  readonly #delays = monitorEventLoopDelay({ resolution: TICK_MS });

  /** Starts anew. Resolves once it looks: only from its second tick on there is a time between two. */
  async begin(): Promise<void> {
    this.#delays.reset();
    this.#delays.enable();
    await this.#tick();
  }

  /** Milliseconds, since `begin`; the turn that is running counts. */
  async end(): Promise<number> {
    await this.#tick();
    this.#delays.disable();
    return this.#delays.max / NANOSECONDS;
  }

  async #tick(): Promise<void> {
    const before = this.#delays.count;
    while (this.#delays.count === before) await pause(TICK_MS);
  }
}
