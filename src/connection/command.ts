import type { MemcacheError, Sent } from '../errors.ts';
import type { ReplySink } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import type { ErrorLine } from '../protocol/status.ts';
import type { Carrier } from './carrier.ts';

/**
 * What a slot of the ring holds: a request and the sink of its reply. Its life is: queued, written, then one of
 * answered (by the calls of ReplySink), `refused` or `fail`. Timeouts and aborts settle its callers and leave it where
 * it is: a tombstone whose reply is read and dropped.
 */
export interface Command extends ReplySink {
  /** The protocol verb, for errors. */
  readonly verb: string;
  /** When the first of its callers gives up: milliseconds of the monotonic clock. */
  readonly deadline: number;
  /** How many callers' operations it stands for, and the bytes of their keys and values. */
  readonly operations: number;
  readonly bytes: number;
  /** Nobody waits for it any more: while queued it is dropped, once written it is a tombstone. */
  readonly abandoned: boolean;
  /** A question of the client's own, on which a server depends: it makes room for nobody. */
  readonly own?: boolean;
  /** Set when its data may not be reused before the socket has let go of it. */
  readonly release?: (() => void) | undefined;
  /** Encodes it. Throws MemcacheError before its first byte when it must not be sent. */
  write(writer: RequestWriter): void;
  /** How many keys are on the wire, if it stands for several callers. */
  readonly size?: number;
  /** Its bytes have been handed to the socket. */
  written(): void;
  /** Before that, while some callers want to know what carries them. */
  carried?(by: Carrier): void;
  /** The server answered with an error line. */
  refused(error: ErrorLine): void;
  /** It gets no answer any more. */
  fail(error: MemcacheError): void;
  /** Settles the callers whose deadline is not after `now`, sets `deadline` for those that remain; how many it were. */
  expire(now: number, sent: Sent): number;
}
