import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import type { ItemView } from '../protocol/reply.ts';

/**
 * Who waits for something, one or many: `tag` says which of its things is meant. Each tag is told one thing, once.
 */
interface Sink {
  /** When it gives up: milliseconds of the monotonic clock. */
  readonly deadline: number;
  /** True once it wants to hear nothing more, of any tag. */
  readonly settled: boolean;
  /** Set to 'maybe' when the first of its things is handed to a socket. */
  sent: Sent;
  /** Told when one of its things is handed to a socket, as long as somebody wants to know. */
  carried?(by: Carrier): void;
  fail(tag: number, error: MemcacheError): void;
}

/** Waits for items. */
export interface ReadSink extends Sink {
  /** Its values are large: they come by the way of large values. */
  readonly bulk: boolean;
  /** The view is valid inside the call only. */
  item(tag: number, item: ItemView): void;
  miss(tag: number): void;
}

/** Waits for the answer to a command about one key, or about the server. */
export interface AnswerSink<T> extends Sink {
  /** What a server depends on: it makes room for nobody. */
  readonly own?: true;
  answer(tag: number, answer: T): void;
}

export const miss = (sink: ReadSink, tag: number): void => {
  sink.miss(tag);
};

export const fail = (sink: ReadSink, tag: number, error: MemcacheError): void => {
  sink.fail(tag, error);
};

/** One waiter of one thing, as every command takes it. */
export interface Waiting<S> {
  readonly sink: S;
  readonly tag: number;
}
