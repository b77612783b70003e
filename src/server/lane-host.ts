import type { ConnectionHost, Wait } from '../connection/connection-host.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { WireKey } from '../protocol/key.ts';
import type { ServerLimits } from './limits.ts';
import type { ServerOptions } from './options.ts';

/** What a lane needs from the server it leads to. */
export interface LaneHost {
  readonly options: ServerOptions;
  readonly metrics: Metrics;
  readonly limits: ServerLimits;
  prepare: ConnectionHost['prepare'];
  changed(state: ConnectionState, error: MemcacheError | undefined): void;
  /** Callers gave up waiting. */
  late(wait: Wait): void;
  /** So many operations are failed unsent, because too much waits. */
  shed(error: MemcacheError, operations: number): void;
  /** Somebody had an answer in time. */
  served(): void;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  mayRepeat(): boolean;
  /** Commands queued, and commands gone. */
  queued(operations: number, bytes: number): void;
  misplaced(key: WireKey, bulk: boolean): void;
  /** So much waits for answers that callers had better wait, too. */
  readonly crowded: boolean;
  /** One of so many commands whose answers nobody waits for came to an error. */
  rejected(error: MemcacheError, commands: number): void;
}
