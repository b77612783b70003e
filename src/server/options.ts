import type { FlushPolicy } from '../connection/flush-policy.ts';
import { HEALTH_DEFAULTS, type HealthOptions } from './health.ts';

/** What it takes to talk to one server. */
export interface ServerOptions {
  /**
   * Connections for small commands at most; values of `bulkBytes` and more have one of their own.
   * Default 1, 1 to 1024. Another one is opened while all have something to do, and the least busy
   * one is taken. More than one splits what could leave together, and seldom pays.
   */
  readonly connections: number;
  /** Milliseconds without use after which a connection is closed. Default 0, never. */
  readonly idleTimeoutMs: number;
  /**
   * Milliseconds after which a connection is replaced as soon as it is free, give or take a tenth.
   * Default 0, never. For load balancers that spread connections, not commands.
   */
  readonly lifetimeMs: number;
  /**
   * Keys in one volley at most. Default 100, 1 to 10 000. Beyond a hundred the saving per key is
   * spent and the server keeps other clients waiting.
   */
  readonly volleyKeys: number;
  /**
   * Bytes of one volley's request line at most. Default 16 384, 256 to 1 MiB. Keeps the line of a
   * hundred long keys within what servers and proxies take.
   */
  readonly volleyBytes: number;
  /**
   * What may wait for one server, queued or unanswered, before `whenFull` says what becomes of further operations.
   */
  readonly maxQueued: {
    /** Operations not yet answered. Default 10 000, from 1. */
    readonly operations: number;
    /** Bytes of their keys and values. Default 64 MiB, from 1. */
    readonly bytes: number;
  };
  /**
   * What becomes of an operation where `maxQueued` is reached. `reject`: it is failed with ERR_MEMCACHE_OVERLOADED.
   * `wait`: it waits for room in the order of the calls, within its deadline; how many may wait is bounded by
   * `maxPending`. `shed-oldest`: the oldest request that has not left is failed with ERR_MEMCACHE_OVERLOADED in its
   * place, with all operations that leave together in it; where everything has left, the new one is. Nothing of what is
   * failed was sent. Default `reject`.
   */
  readonly whenFull: 'reject' | 'wait' | 'shed-oldest';
  /**
   * When collected commands leave. `tick`: once the promise jobs of the moment are done, for the
   * least latency. `poll`: after the event loop has polled, for the largest volleys. Default
   * `auto`: `tick` while nothing is under way, `poll` while a volley is.
   */
  readonly flush: FlushPolicy;
  /**
   * Bytes from which a value travels on the connection for large values, so that small replies do
   * not queue behind it. Default 65 536, 1 to 1 GiB.
   */
  readonly bulkBytes: number;
  /**
   * Commands spoken. Default `auto`: asked once of each server. `classic` for proxies without meta
   * commands, which close the connection that tries one; `meta` saves the question where the answer
   * is known.
   */
  readonly dialect: 'auto' | 'classic' | 'meta';
  /**
   * Binds every answer to its request by a number that the server repeats, where it speaks the meta
   * commands: stores, deletes and counts are sent as such, beside what is so anyway. Default false:
   * plain reads are told apart by their keys, other answers by their order.
   */
  readonly opaque: boolean;
  /**
   * Bytes of the largest value a server takes, after encoding; larger ones are refused before they
   * are sent. 1 to 1 GiB. Default undefined: learned from the server's own settings.
   */
  readonly maxValueBytes: number | undefined;
  /**
   * Bytes of an encoded value beyond which storing it is told by the event `largeValue`. Default 0,
   * for none. Large values crowd out small ones before anybody notices.
   */
  readonly warnValueBytes: number;
  /** When the server is taken for lost, and when it is asked again. */
  readonly health: HealthOptions;
}

export const SERVER_DEFAULTS: ServerOptions = {
  connections: 1,
  idleTimeoutMs: 0,
  lifetimeMs: 0,
  volleyKeys: 100,
  volleyBytes: 16_384,
  maxQueued: { operations: 10_000, bytes: 64 * 1024 * 1024 },
  whenFull: 'reject',
  flush: 'auto',
  bulkBytes: 65_536,
  dialect: 'auto',
  opaque: false,
  maxValueBytes: undefined,
  warnValueBytes: 0,
  health: HEALTH_DEFAULTS,
};
