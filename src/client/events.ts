import type { ConnectionState } from '../connection/state.ts';
import type { Guard, MemcacheError } from '../errors.ts';
import type { TopologyChange } from '../routing/fleet.ts';
import type { HealthState } from '../server/health.ts';

/** What a client tells its listeners. None of it has to be listened to. */
export interface ClientEvents {
  /** A connection changed its state; the error is why, where there was one. */
  server: [{ server: string; state: ConnectionState; error: MemcacheError | undefined }];
  /** A server came to be trusted more or less; the error is why, where there was one. */
  health: [{ server: string; state: HealthState; error: MemcacheError | undefined }];
  /** The servers of the fleet have changed. */
  topology: [TopologyChange];
  /** No list of servers could be learned, or none to be believed: these are kept. */
  discovery: [{ error: MemcacheError; kept: readonly string[] }];
  /** An item was found that nobody here can decode. */
  unreadable: [{ flags: number; bytes: number; error: MemcacheError }];
  /** An operation is tried again. */
  retry: [{ error: MemcacheError; attempt: number }];
  /** So many operations were turned away, or failed before they were sent, because too much waits already. */
  shed: [{ error: MemcacheError; operations: number }];
  /** A value was sent that takes more than `warnValueBytes`, once for each attempt. */
  largeValue: [{ server: string; command: string; bytes: number }];
  /** The server answered one of so many commands sent with `noreply` with an error; of which, it does not say. */
  rejected: [{ server: string; error: MemcacheError; commands: number }];
  /** A connection was given up, because its answers might belong to other requests than they seem to. */
  desync: [{ server: string; guard: Guard; error: MemcacheError }];
  /** A read failed and was answered as a miss, as `onError: 'miss'` asks, or by the loader of a `fetch`. */
  guard: [{ error: MemcacheError }];
  /**
   * A `fetch` could not renew a value behind its answer, or not store what was loaded; the error is the loader's or the
   * cache's.
   */
  refresh: [{ error: unknown }];
}
