/** What the caller can rely on about a command that failed: were its bytes handed to a socket? */
export type Sent =
  /** Not a byte left: the command had no effect and may be issued anywhere. */
  | 'no'
  /** Some or all of it left and no answer came: it may or may not have taken effect. */
  | 'maybe'
  /** The server answered it. */
  | 'yes';

export type MemcacheErrorCode =
  | 'ERR_MEMCACHE_TIMEOUT'
  | 'ERR_MEMCACHE_ABORTED'
  | 'ERR_MEMCACHE_CONNECT'
  | 'ERR_MEMCACHE_AUTH'
  | 'ERR_MEMCACHE_UNAVAILABLE'
  | 'ERR_MEMCACHE_CLOSED'
  | 'ERR_MEMCACHE_CONNECTION_LOST'
  | 'ERR_MEMCACHE_PROTOCOL'
  | 'ERR_MEMCACHE_SERVER'
  | 'ERR_MEMCACHE_CLIENT'
  | 'ERR_MEMCACHE_UNKNOWN_COMMAND'
  | 'ERR_MEMCACHE_UNSUPPORTED'
  | 'ERR_MEMCACHE_KEY'
  | 'ERR_MEMCACHE_VALUE'
  | 'ERR_MEMCACHE_TOO_LARGE'
  | 'ERR_MEMCACHE_OPTION'
  | 'ERR_MEMCACHE_ENCODE'
  | 'ERR_MEMCACHE_DECODE'
  | 'ERR_MEMCACHE_OVERLOADED'
  | 'ERR_MEMCACHE_MANY';

/** What gives a connection away whose answers may belong to other requests than they seem to. */
export const GUARDS = [
  /** Something came while no answer was due. */
  'unsolicited',
  /** A line or a header is none. */
  'grammar',
  /** A value is longer than any the server may hold. */
  'size',
  /** A value does not end where its header says. */
  'length',
  /** An item has a key that is not due: not asked for, asked for elsewhere, or told before. */
  'key',
  /** A line is no answer to the command whose turn it is. */
  'answer',
  /** The answer carries the mark of another request, or none. */
  'opaque',
  /** An item lacks the cas token that was asked for. */
  'cas',
  /** ERROR or CLIENT_ERROR: the server may take the bytes of a value for commands. */
  'error',
  /** Too many of its answers came too late to be wanted. */
  'tombstones',
  /** An answer is due and for long no byte has come, or not the end of it although nobody waits for it any more. */
  'stall',
] as const;

export type Guard = (typeof GUARDS)[number];

/** What is known about a failure beyond its code and sentence. */
export interface ErrorDetails {
  server?: string | undefined;
  command?: string | undefined;
  sent?: Sent;
  retryable?: boolean;
  guard?: Guard | undefined;
  cause?: unknown;
}

/** Two copies of this package in one process still recognise each other's errors by this brand. */
const brandOf = (name: string): symbol => Symbol.for(`memvolley.error.${name}`);

function branded(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && brandOf(name) in value;
}

/**
 * The root of every error memvolley raises. Messages never hold a key or a value.
 * `retryable` says whether the same call may succeed if it is issued again unchanged.
 */
export class MemcacheError extends Error {
  readonly code: MemcacheErrorCode;
  /** Address of the server concerned, where one was involved. */
  readonly server: string | undefined;
  /** The protocol verb concerned, such as `get` or `set`. */
  readonly command: string | undefined;
  readonly sent: Sent;
  readonly retryable: boolean;
  /** What gave the connection away, where it was given up rather than believed. */
  readonly guard: Guard | undefined;

  constructor(code: MemcacheErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.server = details.server;
    this.command = details.command;
    this.sent = details.sent ?? 'no';
    this.retryable = details.retryable ?? false;
    this.guard = details.guard;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.hasOwn(this.prototype, 'name')
      ? branded(value, this.prototype.name)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** The request was at fault: CLIENT_ERROR from the server, or refused before it was sent. */
export class MemcacheClientError extends MemcacheError {}
/** Refused before a byte was written: an illegal key, value, number or option. */
export class IllegalInputError extends MemcacheClientError {}
/** The server answered ERROR: it does not know the command. */
export class UnknownCommandError extends MemcacheClientError {}
/** The server answered SERVER_ERROR. */
export class MemcacheServerError extends MemcacheError {}
/** The connection could not be made, was lost, or broke the protocol. */
export class MemcacheConnectionError extends MemcacheError {}
/** The deadline of a call passed. */
export class TimeoutError extends MemcacheConnectionError {}

/** Some keys of a many-key call failed: `values` holds what arrived, `errors` the failure of each other key. */
export class ManyError<K = unknown, V = unknown> extends MemcacheError {
  readonly values: Map<K, V>;
  readonly errors: Map<K, MemcacheError>;

  constructor(values: Map<K, V>, errors: Map<K, MemcacheError>) {
    const first = errors.values().next().value;
    super('ERR_MEMCACHE_MANY', `${errors.size} of ${errors.size + values.size} failed`, {
      server: first?.server,
      command: first?.command,
      sent: first?.sent ?? 'no',
      retryable: [...errors.values()].some((error) => error.retryable),
      cause: first,
    });
    this.values = values;
    this.errors = errors;
  }
}

const CLASSES = {
  MemcacheError,
  MemcacheClientError,
  IllegalInputError,
  UnknownCommandError,
  MemcacheServerError,
  MemcacheConnectionError,
  TimeoutError,
  ManyError,
};
for (const [name, Class] of Object.entries(CLASSES)) {
  Object.defineProperty(Class.prototype, 'name', { value: name, configurable: true });
  Object.defineProperty(Class.prototype, brandOf(name), { value: true });
}
