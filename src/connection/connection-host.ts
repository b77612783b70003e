import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Ticker } from '../primitives/ticker.ts';
import type { ServerAddress } from './address.ts';
import type { Command } from './command.ts';
import type { FlushPolicy } from './flush-policy.ts';
import type { LinkEvents, LinkParts } from './link.ts';
import type { ConnectionOptions } from './options.ts';
import type { ConnectionState } from './state.ts';
import type { Telling } from './telling.ts';
import type { Window } from './window.ts';

/** What callers have waited for in vain. */
export interface Wait {
  /** Milliseconds for which no byte has come. */
  readonly silentMs: number;
  /** A large value is on its way. */
  readonly arriving: boolean;
}

/** What a connection needs from the room above it. */
export interface ConnectionHost extends Pick<LinkEvents, 'prepare'> {
  /** Queues what has been collected but not queued yet, such as an open volley. */
  seal(): void;
  /** True while something collected is not queued yet. */
  readonly collecting: boolean;
  /** A command leaves the connection. Told before its callers hear that it failed: one tried again is to find room. */
  leaving(command: Command): void;
  /** So many operations are failed with this error before they were sent, because too much waits. */
  shed(error: MemcacheError, operations: number): void;
  /** It has left, whatever became of it, and is not used any more. */
  released(command: Command): void;
  changed(state: ConnectionState, error: MemcacheError | undefined, version?: string): void;
  /** Callers gave up waiting. */
  late(wait: Wait): void;
}

export interface ConnectionParts extends Pick<LinkParts, 'guarded'> {
  readonly address: ServerAddress;
  readonly options: ConnectionOptions & { readonly flush: FlushPolicy };
  readonly host: ConnectionHost;
  readonly ticker: Ticker;
  readonly metrics: Metrics;
  /** Who is told of it, if anybody may want to know. */
  readonly telling?: Telling | undefined;
  /** What all connections of a client may have under way, if that is bounded. */
  readonly window?: Window | undefined;
}
