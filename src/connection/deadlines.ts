import type { Ring } from '../primitives/ring.ts';
import type { Command } from './command.ts';

/** What a look at the deadlines of a connection has found. */
export interface Overdue {
  /** Callers that gave up, and those among them whose requests had left. */
  readonly late: number;
  readonly missed: number;
  /** Requests that have left and nobody waits for any more. */
  readonly tombstones: readonly Command[];
}

/** When the callers of a connection give up. */
export class Deadlines {
  #next = Infinity;

  note(command: Command): void {
    if (command.deadline < this.#next) this.#next = command.deadline;
  }

  /** Settles the callers whose deadline is not after `now`; undefined where there is none. */
  expire(ring: Ring<Command>, now: number): Overdue | undefined {
    if (now < this.#next) return undefined;
    // Kept by field: callers who hear that they came too late may send something meanwhile.
    this.#next = Infinity;
    let late = 0;
    let missed = 0;
    const tombstones: Command[] = [];
    ring.forEach((command, written) => {
      const expired = command.deadline <= now ? command.expire(now, written ? 'maybe' : 'no') : 0;
      late += expired;
      if (written) missed += expired;
      if (!command.abandoned) this.note(command);
      else if (written) tombstones.push(command);
    });
    return { late, missed, tombstones };
  }
}
