import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError } from '../errors.ts';

/** How much a call counts for. */
export interface Counted {
  readonly operations: number;
  readonly bytes: number;
}

/** Where a call is counted until it is settled, and what else hears of it. */
export interface Tally {
  /** It has an answer, or else an error. */
  settled(call: Counted, answer: unknown, error: MemcacheError | undefined): void;
  /** A request with a part of it has left. */
  carried(by: Carrier): void;
}
