import type { Command } from './command.ts';
import type { Window } from './window.ts';

/** So much of something at most. */
export interface Bound {
  /** Callers' operations; a request for a hundred keys is a hundred. */
  readonly operations: number;
  /** Bytes of their keys and values. */
  readonly bytes: number;
}

/** What one connection has written and not been answered: no more than its bound, and its share of the client's window. */
export class InFlight {
  readonly #bound: Bound;
  readonly #window: Window | undefined;
  readonly #resume: () => void;
  #operations = 0;
  #bytes = 0;
  #isHeld = false;
  /** Requests whose callers have given up: the window counts them as lost. Empty without a window. */
  readonly #lost = new Set<Command>();

  /** `resume` is called when there may be room for what was not admitted. */
  constructor(bound: Bound, window: Window | undefined, resume: () => void) {
    this.#bound = bound;
    this.#window = window;
    this.#resume = resume;
  }

  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a request may be written now. One that is larger than the bound goes alone. */
  admits({ operations, bytes }: Command): boolean {
    const over =
      this.#operations + operations > this.#bound.operations ||
      this.#bytes + bytes > this.#bound.bytes;
    if (over && this.#operations > 0) {
      this.#isHeld = true;
      return false;
    }
    return this.#window === undefined || this.#window.admits(operations, this.#resume);
  }

  add({ operations, bytes }: Command): void {
    this.#operations += operations;
    this.#bytes += bytes;
    this.#window?.add(operations);
  }

  /** It has been answered, or is lost with its connection. */
  remove(command: Command, isAnswered: boolean): void {
    this.#operations -= command.operations;
    this.#bytes -= command.bytes;
    if (this.#window !== undefined && !this.#lost.delete(command))
      this.#window.remove(command.operations, isAnswered);
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#resume();
  }

  /**
   * So many callers did not get their answers in time; of what is under way nobody waits for `tombstones`. A server that
   * is silent is not to keep the window from the others.
   */
  missed(callers: number, tombstones: readonly Command[]): void {
    if (this.#window === undefined) return;
    if (callers > 0) this.#window.missed();
    for (const tombstone of tombstones) {
      if (this.#lost.has(tombstone)) continue;
      this.#lost.add(tombstone);
      this.#window.remove(tombstone.operations, false);
    }
  }
}
