import type { ConnectionState } from '../connection/state.ts';
import type { Guard, MemcacheError } from '../errors.ts';
import type { TopologyChange } from '../routing/fleet.ts';
import type { HealthState } from '../server/health.ts';

/** What a client tells its listeners. None of it has to be listened to. */
export interface ClientEvents {
  /** A connection changed its state; the error is why, where there was one. */
  server: [
    {
      /** Its address. */
      server: string;
      /** The state it came to. */
      state: ConnectionState;
      /** Why, where there was an error. */
      error: MemcacheError | undefined;
    },
  ];
  /** A server came to be trusted more or less; the error is why, where there was one. */
  health: [
    {
      /** Its address. */
      server: string;
      /** What is held of it from now on. */
      state: HealthState;
      /** Why, where there was an error. */
      error: MemcacheError | undefined;
    },
  ];
  /** The servers of the fleet have changed. */
  topology: [TopologyChange];
  /** No list of servers could be learned, or none to be believed: these are kept. */
  discovery: [
    {
      /** Why. */
      error: MemcacheError;
      /** The addresses that stay in use. */
      kept: readonly string[];
    },
  ];
  /** An item was found that nobody here can decode. */
  unreadable: [
    {
      /** The item's client flags. */
      flags: number;
      /** Bytes of its value as it is stored. */
      bytes: number;
      /** Why nobody can. */
      error: MemcacheError;
    },
  ];
  /** An operation is tried again. */
  retry: [
    {
      /** Why it failed. */
      error: MemcacheError;
      /** Which attempt failed, from 1. */
      attempt: number;
    },
  ];
  /** So many operations were turned away, or failed before they were sent, because too much waits already. */
  shed: [
    {
      /** What they are rejected with. */
      error: MemcacheError;
      /** How many. */
      operations: number;
    },
  ];
  /** A value was sent that takes more than `warnValueBytes`, once for each attempt. */
  largeValue: [
    {
      /** The address it was sent to. */
      server: string;
      /** The protocol verb. */
      command: string;
      /** Bytes of the encoded value. */
      bytes: number;
    },
  ];
  /** The server answered one of so many commands sent with `noreply` with an error; of which, it does not say. */
  rejected: [
    {
      /** Its address. */
      server: string;
      /** What it answered. */
      error: MemcacheError;
      /** How many were sent together. */
      commands: number;
    },
  ];
  /** A connection was given up, because its answers might belong to other requests than they seem to. */
  desync: [
    {
      /** The address it led to. */
      server: string;
      /** What gave it away. */
      guard: Guard;
      /** What the commands it owed are rejected with. */
      error: MemcacheError;
    },
  ];
  /** A read failed and was answered as a miss, as `onError: 'miss'` asks, or by the loader of a `fetch`. */
  guard: [
    {
      /** What the read failed with. */
      error: MemcacheError;
    },
  ];
  /**
   * A `fetch` could not renew a value behind its answer, or not store what was loaded; the error is the loader's or the
   * cache's.
   */
  refresh: [
    {
      /** The loader's, or the cache's. */
      error: unknown;
    },
  ];
}
