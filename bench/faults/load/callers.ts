import { setTimeout as pause } from 'node:timers/promises';
import { TICK_MS } from '../../../src/primitives/ticker.ts';
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
const WATCH_MS = 50;
/** So that neighbours ask for other keys. */
const STRIDE = 31;

/** Callers that go on whatever happens, and a watch over calls that do not settle. */
export class Callers {
  readonly #options: CallersOptions;
  readonly #since: Float64Array;
  readonly #running: Promise<void>[] = [];
  #watch: NodeJS.Timeout | undefined;
  #watchedAt = 0;
  #lagMs = 0;
  #over = false;

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#since = new Float64Array(options.count).fill(Infinity);
  }

  /** Milliseconds this process was held up at worst: what no client can do anything about. */
  get lagMs(): number {
    return this.#lagMs;
  }

  start(): void {
    this.#watchedAt = performance.now();
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    for (let i = 0; i < this.#options.count; i++) this.#running.push(this.#run(i));
  }

  /** Resolves when all calls have settled, or should have. */
  async stop(): Promise<void> {
    this.#over = true;
    const settled = Promise.all(this.#running);
    const patience = this.#options.deadlineMs + TOLERANCE_MS + this.#lagMs + 2 * WATCH_MS;
    const giveUp = new AbortController();
    await Promise.race([settled, pause(patience, undefined, { signal: giveUp.signal })]).finally(
      () => giveUp.abort(),
    );
    this.#look();
    clearInterval(this.#watch);
  }

  async #run(number: number): Promise<void> {
    const { call, tally, pauseMs, deadlineMs } = this.#options;
    for (let step = number * STRIDE; !this.#over; step += STRIDE) {
      const began = performance.now();
      this.#since[number] = began;
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
    const now = performance.now();
    this.#lagMs = Math.max(this.#lagMs, now - this.#watchedAt - WATCH_MS);
    this.#watchedAt = now;
    const overdue = now - deadlineMs - TOLERANCE_MS - this.#lagMs;
    this.#since.forEach((since, number) => {
      if (since > overdue) return;
      this.#since[number] = Infinity;
      tally.settled(now - since, deadlineMs);
      tally.unanswered++;
    });
  }
}
