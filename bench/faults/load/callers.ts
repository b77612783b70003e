import { setTimeout as pause } from 'node:timers/promises';
import { TICK_MS } from '../../../src/primitives/ticker.ts';
import { HeldUp } from './held-up.ts';
import type { Tally } from './tally.ts';

export interface CallersOptions {
  /** One call of the caller with this number; resolves when it is answered and judged. */
  readonly call: (step: number) => Promise<void>;
  readonly tally: Tally;
  readonly count: number;
  /** Milliseconds within which a call has to settle. */
  readonly deadlineMs: number;
  /** Milliseconds between two calls of a caller. 0: none, each asks as soon as it is answered. */
  readonly pauseMs: number;
}

/** What a busy machine takes beyond that until a call counts as unanswered. Clients keep deadlines to a tick or two. */
const TOLERANCE_MS = 2 * TICK_MS + 500;
/** After a failure: a server that refuses at once must not be asked a hundred thousand times a second. */
const FAILURE_PAUSE_MS = 4;
/** Between two looks at whether the last calls have settled. */
const SETTLING_MS = 10;
/** So that neighbours ask for other keys. */
const STRIDE = 31;

/** Callers that go on whatever happens, and a watch over calls that do not settle. */
export class Callers {
  readonly #options: CallersOptions;
  /** When the call under way began, Infinity without one; on the clock that stands still while the process is held up. */
  readonly #since: Float64Array;
  #heldUp: HeldUp | undefined;
  #over = false;

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#since = new Float64Array(options.count).fill(Infinity);
  }

  /** Milliseconds this process was held up at worst. */
  get lagMs(): number {
    return this.#heldUp?.worstMs ?? 0;
  }

  start(): void {
    this.#heldUp = new HeldUp(() => this.#look());
    for (let i = 0; i < this.#options.count; i++) void this.#run(i);
  }

  /** Resolves when all calls have settled, or were given up. */
  async stop(): Promise<void> {
    this.#over = true;
    while (this.#since.some((since) => since !== Infinity)) await pause(SETTLING_MS);
    this.#heldUp?.stop();
  }

  get #now(): number {
    return performance.now() - (this.#heldUp?.totalMs ?? 0);
  }

  async #run(number: number): Promise<void> {
    const { call, tally, pauseMs, deadlineMs } = this.#options;
    for (let step = number * STRIDE; !this.#over; step += STRIDE) {
      const began = performance.now();
      this.#since[number] = this.#now;
      let wait = pauseMs;
      try {
        await call(step);
      } catch (error) {
        tally.failed(error);
        wait = Math.max(pauseMs, FAILURE_PAUSE_MS);
      }
      // Infinity: it was given up as unanswered, and counted then.
      if (this.#since[number] !== Infinity) tally.settled(performance.now() - began, deadlineMs);
      this.#since[number] = Infinity;
      if (wait > 0) await pause(wait);
    }
  }

  #look(): void {
    const { tally, deadlineMs } = this.#options;
    const now = this.#now;
    this.#since.forEach((since, number) => {
      if (now - since <= deadlineMs + TOLERANCE_MS) return;
      this.#since[number] = Infinity;
      tally.settled(now - since, deadlineMs);
      tally.unanswered++;
    });
  }
}
