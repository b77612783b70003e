import type { ServerAddress } from '../connection/address.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { Telling } from '../connection/telling.ts';
import type { Window } from '../connection/window.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Ticker } from '../primitives/ticker.ts';
import type { HealthState } from './health.ts';
import type { ServerOptions } from './options.ts';

/** What a server tells the rooms above it, and asks them. */
export interface ServerEvents {
  /** A connection to it has been made, lost or refused. */
  connection(server: string, state: ConnectionState, error: MemcacheError | undefined): void;
  health(server: string, state: HealthState, error: MemcacheError | undefined): void;
  /** So many operations were turned away, or failed unsent, because too much waits. */
  shed(error: MemcacheError, operations: number): void;
  /** A value is stored that takes more than `warnValueBytes`. */
  large(server: string, verb: string, bytes: number): void;
  /** One of so many commands whose answers nobody waits for came to an error. */
  rejected(server: string, error: MemcacheError, commands: number): void;
  /** A connection was given up rather than believed; the error's `guard` says what gave it away. */
  desync(server: string, error: MemcacheError): void;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  mayRepeat(): boolean;
  /** It is closed, and counts nothing any more. */
  closed?(): void;
}

export interface ServerParts {
  readonly address: ServerAddress;
  readonly options: ConnectionOptions & ServerOptions;
  readonly ticker: Ticker;
  readonly metrics: Metrics;
  /** What all servers of a client may have under way, if that is bounded. */
  readonly window?: Window | undefined;
  readonly events: ServerEvents;
  /** Who is told of its connections, if anybody may want to know. */
  readonly telling?: Telling | undefined;
  /** Seconds its items live at most; undefined for as long as they are given. */
  readonly maxTtl?: number | undefined;
}
