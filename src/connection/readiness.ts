import type { MemcacheError } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import type { LineVerdict, ReplySink, ReplySlots } from '../protocol/reply.ts';
import { type ErrorLine, errorFor, isUnauthenticated } from '../protocol/status.ts';
import { turnedAway, unauthenticated } from './losses.ts';

/** The request whose answer shows that a server is there: every memcached and every proxy knows it. */
export const READINESS_REQUEST: Buffer = Buffer.from('version\r\n');

/** Awaits one line on a socket that is no connection yet. */
abstract class FirstWords implements ReplySlots, ReplySink {
  readonly grammar = 'lines';
  readonly complete = true;
  #answered = false;

  get head(): ReplySink | undefined {
    return this.#answered ? undefined : this;
  }

  line(bytes: Buffer, start: number, end: number): LineVerdict {
    const next = this.understand(latin1(bytes, start, end));
    if (next === undefined) return 'foreign';
    this.#answered = true;
    next();
    return 'more';
  }

  refused(error: ErrorLine): void {
    const next = this.bear(error);
    this.#answered = true;
    next();
  }

  /** What follows from the answer; undefined if it is none. */
  protected abstract understand(line: string): (() => void) | undefined;
  /** What follows although it is an error. Throws where that is the end. */
  protected abstract bear(error: ErrorLine): () => void;

  refusedPart(): LineVerdict {
    return 'foreign';
  }
  answered(): void {}
  match(): number {
    return -1;
  }
  wants(): boolean {
    return false;
  }
  item(): void {}
  end(): void {}
}

/**
 * Awaits the one answer that makes a socket a connection: over its connection limit a server accepts and stays
 * silent, and a TLS port is silent to plain text. A SERVER_ERROR counts as an answer: through a proxy it only means
 * that one backend is away.
 */
export class Readiness extends FirstWords {
  readonly #server: string;
  readonly #ready: (version: string) => void;

  constructor(server: string, ready: (version: string) => void) {
    super();
    this.#server = server;
    this.#ready = ready;
  }

  protected understand(line: string): (() => void) | undefined {
    const version = versionIn(line);
    return version === undefined ? undefined : () => this.#ready(version);
  }

  protected bear(error: ErrorLine): () => void {
    if (error.status !== 'SERVER_ERROR') throw refusalOf(error, this.#server);
    return () => this.#ready('');
  }
}

/** Awaits the answer to the first request on a socket, which tells who is there. */
export class Login extends FirstWords {
  readonly #server: string;
  readonly #taken: () => void;

  constructor(server: string, taken: () => void) {
    super();
    this.#server = server;
    this.#taken = taken;
  }

  protected understand(line: string): (() => void) | undefined {
    return line === LOGGED_IN ? this.#taken : undefined;
  }

  protected bear(): () => void {
    throw loginRefused(this.#server);
  }
}

/** The answer to a login. */
export const LOGGED_IN = 'STORED';

const VERSION = 'VERSION ';

/** The version a line tells, or undefined if it is no answer to the request. */
export function versionIn(line: string): string | undefined {
  return line.startsWith(VERSION) ? line.slice(VERSION.length) : undefined;
}

/** Why a server that answers so is not to be used. */
export function refusalOf(error: ErrorLine, server: string): MemcacheError {
  const cause = errorFor(error, 'version', server);
  if (!isUnauthenticated(error)) return turnedAway(server, cause);
  return unauthenticated(server, "it wants to know who asks: give option 'auth'", cause);
}

/** A login was in vain. What was answered may repeat it, and is not told. */
export function loginRefused(server: string): MemcacheError {
  return unauthenticated(server, "it does not take the credentials of option 'auth'");
}
