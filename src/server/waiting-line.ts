import type { MemcacheError } from '../errors.ts';
import { Ring } from '../primitives/ring.ts';
import type { Sweeper, Ticker } from '../primitives/ticker.ts';
import type { Entrant } from './entrants.ts';

export interface WaitingLineParts {
  readonly ticker: Ticker;
  /** Milliseconds one may stand in it; 0 for as long as its deadline allows. */
  readonly maxQueueMs: number;
  /**
   * Makes, and tells of, the failure of so many whose deadlines came first. One for all of them: a stack for each would
   * take more memory than they do.
   */
  readonly late: (verb: string, callers: number) => MemcacheError;
  /** The same for so many who have stood in it for too long. */
  readonly shed: (callers: number) => MemcacheError;
  /** Nobody waits any more. */
  readonly emptied: () => void;
}

/** One who waits, and the time it came at; Infinity where nobody asks for it. */
interface Standing {
  readonly entrant: Entrant;
  readonly since: number;
}

/** Operations that wait for room at their server, in the order they came. */
export class WaitingLine implements Sweeper {
  readonly #parts: WaitingLineParts;
  #standing = new Ring<Standing>();
  #size = 0;
  #bytes = 0;
  #nextDeadline = Infinity;

  constructor(parts: WaitingLineParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#size;
  }

  /** Of the keys and values of those who wait. */
  get bytes(): number {
    return this.#bytes;
  }

  get busy(): boolean {
    return this.#size > 0;
  }

  get first(): Entrant | undefined {
    return this.#standing.next?.entrant;
  }

  add(entrant: Entrant): void {
    this.#join({ entrant, since: this.#parts.maxQueueMs > 0 ? performance.now() : Infinity });
    this.#parts.ticker.wake(this);
  }

  /** Takes the first away; undefined if nobody waits. */
  shift(): Entrant | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.#standing.skip();
    this.#bytes -= first.bytes;
    if (--this.#size === 0) this.#parts.emptied();
    return first;
  }

  failAll(error: MemcacheError): void {
    for (let one = this.shift(); one !== undefined; one = this.shift()) one.fail(error);
  }

  sweep(now: number): void {
    const { maxQueueMs } = this.#parts;
    if (now >= this.#nextDeadline) this.#expire(now);
    if (maxQueueMs > 0) this.#shedOld(now - maxQueueMs);
  }

  #join(one: Standing): void {
    this.#standing.push(one);
    this.#size++;
    this.#bytes += one.entrant.bytes;
    this.#nextDeadline = Math.min(this.#nextDeadline, one.entrant.deadline);
  }

  /** Whoever is failed may ask again, and stand behind those who stay. */
  #expire(now: number): void {
    const standing = this.#standing;
    this.#standing = new Ring();
    this.#size = 0;
    this.#bytes = 0;
    this.#nextDeadline = Infinity;
    const late: Entrant[] = [];
    for (let one = standing.next; one !== undefined; one = standing.next) {
      standing.skip();
      if (one.entrant.deadline > now && !one.entrant.abandoned) this.#join(one);
      else late.push(one.entrant);
    }
    for (const [verb, entrants] of byVerb(late)) {
      const error = this.#parts.late(verb, callersOf(entrants));
      for (const entrant of entrants) entrant.fail(error);
    }
    if (this.#size === 0) this.#parts.emptied();
  }

  /** Who came at this time or before it. */
  #shedOld(at: number): void {
    const standing = this.#standing;
    const old: Entrant[] = [];
    for (let { next } = standing; next !== undefined && next.since <= at; { next } = standing) {
      old.push(next.entrant);
      this.shift();
    }
    if (old.length === 0) return;
    const error = this.#parts.shed(callersOf(old));
    for (const entrant of old) entrant.fail(error);
  }
}

const callersOf = (entrants: readonly Entrant[]): number =>
  entrants.filter(({ abandoned }) => !abandoned).length;

function byVerb(entrants: readonly Entrant[]): Map<string, Entrant[]> {
  const groups = new Map<string, Entrant[]>();
  for (const entrant of entrants) {
    const group = groups.get(entrant.verb);
    if (group === undefined) groups.set(entrant.verb, [entrant]);
    else group.push(entrant);
  }
  return groups;
}
