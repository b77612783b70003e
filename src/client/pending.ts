import type { Bound } from '../connection/in-flight.ts';
import { MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import type { Abortable } from './abort-watch.ts';
import type { Counted, Tally } from './tally.ts';

/** A call as it begins. */
export interface Begun extends Abortable, Counted {
  /** Where it is counted until it is settled. */
  pending: Tally | undefined;
}

/** What makes room, and is told of those for whom there is none. */
export interface PendingRoom {
  /** Fails so many operations that have not left, if `whenFull` says so and there are as many. */
  makeRoom(operations: number, error: MemcacheError): boolean;
  shed(error: MemcacheError, operations: number): void;
}

/** What has been begun and is not settled, wherever it waits. */
export class Pending implements Tally {
  readonly #bound: Bound;
  readonly #room: PendingRoom;
  #operations = 0;
  #bytes = 0;
  #tooMany: MemcacheError | undefined;
  #tooLong: MemcacheError | undefined;

  constructor(bound: Bound, room: PendingRoom) {
    this.#bound = bound;
    this.#room = room;
  }

  get operations(): number {
    return this.#operations;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a call until it is settled; gives it up, and says false, where there is no room. */
  take(call: Begun): boolean {
    if (!this.#hasRoom && !this.#makesRoom(call)) return false;
    this.#operations += call.operations;
    this.#bytes += call.bytes;
    call.pending = this;
    return true;
  }

  /** Its bound has changed. */
  retuned(): void {
    this.#tooMany = undefined;
    this.#tooLong = undefined;
  }

  settled({ operations, bytes }: Counted): void {
    this.#operations -= operations;
    this.#bytes -= bytes;
  }

  carried(): void {}

  get #hasRoom(): boolean {
    return this.#operations < this.#bound.operations && this.#bytes < this.#bound.bytes;
  }

  #makesRoom(call: Begun): boolean {
    const error = this.#overload();
    if (this.#room.makeRoom(call.operations, error) && this.#hasRoom) return true;
    this.#room.shed(error, call.operations);
    call.abandon(error);
    return false;
  }

  /** The same failure for all who meet it: to turn somebody away is to be cheap, in memory too. */
  #overload(): MemcacheError {
    const { operations, bytes } = this.#bound;
    if (this.#operations >= operations)
      return (this.#tooMany ??= overloaded(`${operations} operations`));
    return (this.#tooLong ??= overloaded(`${bytes} bytes`));
  }
}

const overloaded = (full: string): MemcacheError =>
  new MemcacheConnectionError('ERR_MEMCACHE_OVERLOADED', `the client already has ${full} pending`, {
    retryable: true,
  });

/** Bytes of a value as far as they are known before it is encoded: of text and bytes, as one per character. */
export function bytesIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.length : 0;
}
