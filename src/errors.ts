/** What the caller can rely on about a command that failed: were its bytes handed to a socket? */
export type Sent =
  /** Not a byte left: the command had no effect and may be issued anywhere. */
  | 'no'
  /** Some or all of it left and no answer came: it may or may not have taken effect. */
  | 'maybe'
  /** The server answered it. */
  | 'yes';

/** What an error says happened; what was sent by then is in its `sent`. */
export type MemcacheErrorCode =
  /** The deadline of the call passed. */
  | 'ERR_MEMCACHE_TIMEOUT'
  /** Its signal was aborted; `cause` is the reason. */
  | 'ERR_MEMCACHE_ABORTED'
  /** The server could not be reached, or refused. */
  | 'ERR_MEMCACHE_CONNECT'
  /** The server does not take the credentials, wants some and was given none, or has forgotten them. */
  | 'ERR_MEMCACHE_AUTH'
  /** It could not be reached lately and is not tried again yet, or it is out and nobody stands in. */
  | 'ERR_MEMCACHE_UNAVAILABLE'
  /** The client is closed. */
  | 'ERR_MEMCACHE_CLOSED'
  /** The connection broke before the answer. */
  | 'ERR_MEMCACHE_CONNECTION_LOST'
  /** A reply made no sense; its connection was given up. */
  | 'ERR_MEMCACHE_PROTOCOL'
  /** The server answered SERVER_ERROR. */
  | 'ERR_MEMCACHE_SERVER'
  /** The server answered CLIENT_ERROR, as for a counter that is no number. */
  | 'ERR_MEMCACHE_CLIENT'
  /** The server answered ERROR. */
  | 'ERR_MEMCACHE_UNKNOWN_COMMAND'
  /** This server's dialect or release cannot say it, or a package that it needs is not there. */
  | 'ERR_MEMCACHE_UNSUPPORTED'
  /** No key: empty, too long, illegal bytes, another type. */
  | 'ERR_MEMCACHE_KEY'
  /** An argument is no value for its verb, or a count is past 2^53. */
  | 'ERR_MEMCACHE_VALUE'
  /** Over the server's limit; not sent, as the server would delete the old item. */
  | 'ERR_MEMCACHE_TOO_LARGE'
  /** An unknown option or a value out of range. */
  | 'ERR_MEMCACHE_OPTION'
  /** The value cannot be stored in this format. */
  | 'ERR_MEMCACHE_ENCODE'
  /** The item cannot be read, or its checksum is wrong. */
  | 'ERR_MEMCACHE_DECODE'
  /** More waits already than `maxQueued`, `maxPending` or `maxQueueMs` allow. */
  | 'ERR_MEMCACHE_OVERLOADED'
  /** Some keys, or servers, of a call failed, see `ManyError`. */
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

/** What gave a connection away that was given up rather than believed. */
export type Guard = (typeof GUARDS)[number];

/** What is known about a failure beyond its code and sentence. */
export interface ErrorDetails {
  /** Address of the server concerned. */
  server?: string | undefined;
  /** The protocol verb concerned. */
  command?: string | undefined;
  /** Default `no`. */
  sent?: Sent;
  /** Default false. */
  retryable?: boolean;
  /** What gave the connection away. */
  guard?: Guard | undefined;
  /** What lies behind it. */
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
  /** What happened. */
  readonly code: MemcacheErrorCode;
  /** Address of the server concerned, where one was involved. */
  readonly server: string | undefined;
  /** The protocol verb concerned, such as `get` or `set`. */
  readonly command: string | undefined;
  /** What became of the request. */
  readonly sent: Sent;
  /** Whether the same call may succeed if it is issued again unchanged. */
  readonly retryable: boolean;
  /** What gave the connection away, where it was given up rather than believed. */
  readonly guard: Guard | undefined;

  /** For wrappers and tests; the client makes its own. */
  constructor(code: MemcacheErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.server = details.server;
    this.command = details.command;
    this.sent = details.sent ?? 'no';
    this.retryable = details.retryable ?? false;
    this.guard = details.guard;
  }

  /** By a brand, so that two copies of this package in one process recognise each other's errors. */
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
  /** What arrived, by key, or by server for what is asked of all. */
  readonly values: Map<K, V>;
  /** Why each of the others failed. */
  readonly errors: Map<K, MemcacheError>;

  /** For wrappers and tests; the client makes its own. */
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
