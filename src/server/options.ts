import type { FlushPolicy } from '../connection/flush-policy.ts';
import { HEALTH_DEFAULTS, type HealthOptions } from './health.ts';

/** What it takes to talk to one server. */
export interface ServerOptions {
  /**
   * Connections to each server for small commands at most; values of `bulkBytes` and more have one
   * of their own. Default 1, 1 to 1024.
   *
   * Another one is opened while all have something to do, and the least busy one is taken. More
   * than one splits what could leave together, and seldom pays.
   */
  readonly connections: number;
  /** Milliseconds without use after which a connection is closed; 0: never. Default 0. */
  readonly idleTimeoutMs: number;
  /**
   * Milliseconds, give or take a tenth, after which a connection is replaced as soon as it is free;
   * 0: never. Default 0.
   *
   * For load balancers that spread connections, not commands.
   */
  readonly lifetimeMs: number;
  /**
   * Keys in one request at most. Default 100, 1 to 10 000.
   *
   * Beyond a hundred the saving per key is spent and the server keeps other clients waiting.
   */
  readonly volleyKeys: number;
  /**
   * Bytes of one request line at most. Default 16 384, 256 to 1 MiB.
   *
   * Keeps the line of a hundred long keys within what servers and proxies take.
   */
  readonly volleyBytes: number;
  /**
   * What may wait for one server, queued or unanswered, before `whenFull` says what becomes of further operations.
   */
  readonly maxQueued: {
    /**
     * Operations that may wait for one server, queued or unanswered, before `whenFull` says what
     * becomes of more. Default 10 000, from 1.
     */
    readonly operations: number;
    /** Bytes of their keys and values. Default 64 MiB, from 1. */
    readonly bytes: number;
  };
  /**
   * What becomes of an operation beyond `maxQueued`. `'reject'`: it fails with
   * ERR_MEMCACHE_OVERLOADED. `'wait'`: it waits for room in the order of the calls, within its
   * deadline. `'shed-oldest'`: the oldest request that has not left fails in its place. Default
   * `'reject'`.
   *
   * How many may wait is bounded by `maxPending`. A request is shed with ERR_MEMCACHE_OVERLOADED
   * and with all operations that leave together in it; where everything has left, the new operation
   * fails. Nothing of what fails so was sent.
   */
  readonly whenFull: 'reject' | 'wait' | 'shed-oldest';
  /**
   * When collected commands leave. `'tick'`: once the promise jobs of the moment are done, for the
   * least latency. `'poll'`: after the event loop has polled, for the largest volleys. `'auto'`:
   * `'tick'` while nothing is under way, `'poll'` while a volley is. Default `'auto'`.
   */
  readonly flush: FlushPolicy;
  /**
   * Bytes from which a value travels on the connection for large values, so that small replies do
   * not queue behind it. Default 65 536, 1 to 1 GiB.
   */
  readonly bulkBytes: number;
  /**
   * Commands spoken. `'auto'`: asked once of each server. `'classic'`: for proxies without meta
   * commands, which close the connection that tries one. `'meta'`: saves the question where the
   * answer is known. Default `'auto'`.
   */
  readonly dialect: 'auto' | 'classic' | 'meta';
  /**
   * Binds every answer but that of a plain read to its request by a number that the server repeats,
   * where it speaks the meta commands. Default false.
   *
   * Without it plain reads are told apart by their keys, other answers by their order.
   */
  readonly opaque: boolean;
  /**
   * Bytes of the largest value a server takes, after encoding; larger ones are refused before they
   * are sent. None: learned from the server's own settings. Default undefined, 1 to 1 GiB.
   */
  readonly maxValueBytes: number | undefined;
  /**
   * Bytes of an encoded value beyond which storing it is told by the event `largeValue`; 0: none.
   * Default 0.
   *
   * Large values crowd out small ones before anybody notices.
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
