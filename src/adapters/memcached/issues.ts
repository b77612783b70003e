import type { MemcacheError, MemcacheErrorCode } from '../../index.ts';
import { tokensOf } from './fleet.ts';
import type { Settings } from './options.ts';

/** What the events of npm `memcached` tell of a server in trouble. */
export interface IssueDetails {
  /** `host:port`. */
  readonly server: string;
  /** `[port, host]`. */
  readonly tokens: readonly string[];
  /** What went wrong since it last was well, the oldest first; the last hundred. */
  readonly messages: readonly string[];
  /** Issues left before it is dead; while it is not. */
  readonly failures?: number;
  /** Issues so far; while it is not dead. */
  readonly totalFailures?: number;
  /** Times a dead server was dialled. */
  readonly totalReconnectsAttempted?: number;
  /** Times it was reached. */
  readonly totalReconnectsSuccess?: number;
  /** Times it was not. */
  readonly totalReconnectsFailed?: number;
  /** Milliseconds it has been dead. */
  readonly totalDownTime?: number;
}

/** The events about servers. */
export type IssueEvent = 'issue' | 'failure' | 'reconnecting' | 'reconnect' | 'remove';

const MOST_MESSAGES = 100;

const CONNECTION_CODES: ReadonlySet<MemcacheErrorCode> = new Set<MemcacheErrorCode>([
  'ERR_MEMCACHE_TIMEOUT',
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_AUTH',
  'ERR_MEMCACHE_UNAVAILABLE',
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_PROTOCOL',
]);

/** Whether an error says something of its server. */
export const isIssue = (error: MemcacheError): error is MemcacheError & { server: string } =>
  error.server !== undefined && CONNECTION_CODES.has(error.code);

/**
 * How a server is doing, counted as that package counts: `failures` issues that are `retry` milliseconds apart, and the
 * next one is its end. It is the calls that count; whether a server is asked is not decided here.
 */
export class ServerIssues {
  readonly #server: string;
  readonly #settings: Settings;
  readonly #emit: (event: IssueEvent, details: IssueDetails) => void;
  readonly #now: () => number;
  #messages: string[] = [];
  #left: number;
  #told = 0;
  #quietUntil = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #deadSince: number | undefined;
  #dialled = 0;
  #reached = 0;

  constructor(
    server: string,
    settings: Settings,
    emit: (event: IssueEvent, details: IssueDetails) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#server = server;
    this.#settings = settings;
    this.#emit = emit;
    this.#now = now;
    this.#left = settings.failures;
  }

  /** A call to it has failed. */
  failed(message: string): void {
    if (this.#deadSince !== undefined) return;
    const now = this.#now();
    if (now - this.#lastFailure > this.#settings.failuresTimeout) this.#forget();
    this.#lastFailure = now;
    if (this.#messages.push(message) > MOST_MESSAGES) this.#messages.shift();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + this.#settings.retry;
    if (this.#left > 0) {
      this.#emit('issue', this.details);
      this.#left--;
      this.#told++;
      return;
    }
    this.#deadSince = now;
    this.#emit(this.#settings.remove ? 'remove' : 'failure', this.details);
  }

  /** It has been dialled, with whatever success. */
  dialled(): void {
    if (this.#deadSince === undefined || this.#settings.remove) return;
    this.#dialled++;
    this.#emit('reconnecting', this.details);
  }

  /** It answers. */
  reached(): void {
    if (this.#deadSince === undefined || this.#settings.remove) return;
    this.#reached++;
    this.#emit('reconnect', this.details);
    this.#deadSince = undefined;
    this.#forget();
  }

  get details(): IssueDetails {
    const { server, tokens } = { server: this.#server, tokens: tokensOf(this.#server) };
    const messages = [...this.#messages];
    if (this.#deadSince === undefined)
      return { server, tokens, messages, failures: this.#left, totalFailures: this.#told };
    return {
      server,
      tokens,
      messages,
      totalReconnectsAttempted: this.#dialled,
      totalReconnectsSuccess: this.#reached,
      totalReconnectsFailed: this.#dialled - this.#reached,
      totalDownTime: Math.round(this.#now() - this.#deadSince),
    };
  }

  #forget(): void {
    this.#messages = [];
    this.#left = this.#settings.failures;
    this.#told = 0;
    this.#quietUntil = 0;
    this.#dialled = 0;
    this.#reached = 0;
  }
}
