import { setTimeout as pause } from 'node:timers/promises';
import type { Manners } from './manners.ts';

/** Nothing is waited for in less: timers are no finer. */
const SHORTEST_MS = 1;

/** Lets calls go at a steady rate, whoever makes them. What was not used is lost: there are no bursts after a rest. */
export class Pace {
  readonly #msPerKey: number;
  #freeAt = 0;

  /** `valueBytes`: of a value as a rule, for the bytes are limited, too. */
  constructor(limits: NonNullable<Manners['limits']>, valueBytes: number) {
    const { operationsPerSecond, bytesPerSecond } = limits;
    this.#msPerKey = 1000 / Math.min(operationsPerSecond, bytesPerSecond / Math.max(1, valueBytes));
  }

  /** Milliseconds that a call for so many keys has to wait from now on; its place in the line is taken. */
  delay(keys: number, now: number): number {
    const goesAt = Math.max(now, this.#freeAt);
    this.#freeAt = goesAt + keys * this.#msPerKey;
    return goesAt - now;
  }

  async turn(keys: number): Promise<void> {
    const delay = this.delay(keys, performance.now());
    if (delay >= SHORTEST_MS) await pause(delay);
  }
}
