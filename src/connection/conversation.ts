import type { Duplex } from 'node:stream';
import { type MemcacheError, type Sent, TimeoutError } from '../errors.ts';
import { onAbort } from '../primitives/on-abort.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import { type ErrorLine, errorLine } from '../protocol/status.ts';
import type { ServerAddress } from './address.ts';
import { openSocket } from './dial.ts';
import { askTerms, type DialTerms } from './dial-terms.ts';
import { lost, overlong, turnedAway, unreachable } from './losses.ts';
import type { ConnectionOptions } from './options.ts';
import { LOGGED_IN, loginRefused, READINESS_REQUEST, refusalOf, versionIn } from './readiness.ts';

/** Bytes of one read, and bytes that may wait for the reader before the peer is held up. */
const READ_BYTES = 65_536;

/** No line of any answer is longer: a key of 250 bytes, each written as three characters, and its facts. */
const LONGEST_LINE_BYTES = 4096;

/**
 * A connection of its own, for one exchange whose end only its caller can tell: dialled as every other, read with
 * backpressure, and closed again. What it fails with are MemcacheErrors.
 */
export class Conversation {
  readonly server: string;
  /** Kept by its owner: whether what its caller wants done has been handed to the socket. */
  sent: Sent = 'no';
  /** Rejects when it is made to fail, so that a wait for something else can end with it. Never resolves. */
  readonly failed: Promise<never>;
  readonly #address: ServerAddress;
  readonly #options: ConnectionOptions;
  readonly #memory = Buffer.allocUnsafe(READ_BYTES);
  readonly #chunks: Buffer[] = [];
  #held = 0;
  #paused = false;
  #socket: Duplex | undefined;
  #connected = false;
  /** What has to be said first. */
  #login: Buffer | undefined;
  /** True once what goes wrong is a connection lost, not one that could not be made. */
  #made = false;
  #over = false;
  /** Why it is over, if not in good order. */
  #error: MemcacheError | undefined;
  /** Goes on with whoever waits for the next thing to happen. */
  #happened: () => void = () => {};
  #rejectFailed: (error: MemcacheError) => void = () => {};

  constructor(address: ServerAddress, options: ConnectionOptions) {
    this.server = address.name;
    this.#address = address;
    this.#options = options;
    this.failed = new Promise((_, reject) => {
      this.#rejectFailed = reject;
    });
    // It may fail where nobody waits.
    this.failed.catch(() => {});
  }

  /** Dials, and logs in. Resolves when it is connected; with TLS, when the server has shown who it is. */
  async open(): Promise<void> {
    await this.#dial();
    this.#made = true;
  }

  /**
   * Dials and asks for the version, as every connection does: over its connection limit a server accepts and stays
   * silent. Answers what the version is said to be, '' where a proxy cannot say. Rejects with ERR_MEMCACHE_CONNECT, at
   * the latest after `connectTimeoutMs`.
   */
  async greet(): Promise<string> {
    const { connectTimeoutMs, unref } = this.#options;
    const timer = new PatientTimer(connectTimeoutMs, () => this.fail(this.#noAnswer()));
    if (unref) timer.unref();
    try {
      await this.#dial();
      this.#socket?.write(READINESS_REQUEST);
      const version = this.#versionIn(await this.line());
      this.#made = true;
      return version;
    } finally {
      timer.stop();
    }
  }

  /** Sends a request. */
  say(request: string | Uint8Array): void {
    if (!this.#over) this.#socket?.write(request);
  }

  /** The next bytes, to be kept by whoever takes them; undefined when the server has ended it in good order. */
  async next(): Promise<Buffer | undefined> {
    while (this.#chunks.length === 0 && !this.#over) await this.#somethingHappens();
    const chunk = this.#chunks.shift();
    if (chunk === undefined) {
      if (this.#error !== undefined) throw this.#error;
      return undefined;
    }
    this.#held -= chunk.length;
    if (this.#paused && this.#held < READ_BYTES) {
      this.#paused = false;
      this.#socket?.resume();
    }
    return chunk;
  }

  /** The next line, without its end; undefined when the server has ended it before that. */
  async line(): Promise<string | undefined> {
    let bytes = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.next();
      if (chunk === undefined) return undefined;
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\n');
      if (end === -1 && bytes.length > LONGEST_LINE_BYTES) throw overlong(this.server);
      if (end === -1) continue;
      this.#putBack(bytes.subarray(end + 1));
      return bytes.toString('latin1', 0, end).replace(/\r$/, '');
    }
  }

  /** Ends it at once: who reads, now or later, gets this error. */
  fail(error: MemcacheError): void {
    // First of all: who waits for both hears of it by the word it was given.
    this.#rejectFailed(error);
    this.#chunks.length = 0;
    this.#end(error);
    this.#error = error;
  }

  close(): void {
    this.#end(undefined);
  }

  async #dial(): Promise<void> {
    if (!this.#over)
      askTerms(this.#address, this.#options, {
        agreed: (terms) => this.#listen(terms),
        failed: (error) => this.#end(error),
      });
    while (!this.#connected && !this.#over) await this.#somethingHappens();
    if (this.#over) throw this.#error ?? unreachable(this.server, undefined);
    if (this.#login !== undefined) await this.#logIn(this.#login);
  }

  async #logIn(login: Buffer): Promise<void> {
    this.#socket?.write(login);
    const line = await this.line();
    if (line === LOGGED_IN) return;
    const refused = errorIn(line) !== undefined;
    throw refused ? loginRefused(this.server) : turnedAway(this.server, undefined);
  }

  #listen({ tls, login }: DialTerms): void {
    // It may have been ended while it was asked.
    if (this.#over) return;
    this.#login = login;
    const { connect, unref } = this.#options;
    const own = connect === undefined;
    let socket: Duplex & { connecting?: boolean };
    try {
      const reader = {
        space: () => this.#memory,
        advance: (bytes: number) => this.#receive(this.#memory.subarray(0, bytes)),
      };
      socket = openSocket(this.#address, this.#options, { reader, tls });
    } catch (cause) {
      this.#end(unreachable(this.server, cause));
      return;
    }
    this.#socket = socket;
    if (unref && 'unref' in socket) (socket as Duplex & { unref(): void }).unref();
    if (!own) socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', (cause) => this.#end(this.#broken(cause)));
    socket.on('end', () => this.#end(undefined));
    socket.on('close', () => this.#end(undefined));
    const opened = (): void => {
      this.#connected = true;
      this.#happened();
    };
    if (own || socket.connecting === true)
      socket.once(own && tls !== undefined ? 'secureConnect' : 'connect', opened);
    else process.nextTick(opened);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#chunks.push(Buffer.from(bytes));
    this.#held += bytes.length;
    if (this.#held >= READ_BYTES && !this.#paused) {
      this.#paused = true;
      this.#socket?.pause();
    }
    this.#happened();
  }

  #putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.unshift(bytes);
    this.#held += bytes.length;
  }

  /** What has come is still there to be read. */
  #end(error: MemcacheError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    // An end in good order before there was an answer is none.
    this.#error = error ?? (this.#made ? undefined : unreachable(this.server, undefined));
    this.#socket?.destroy();
    this.#happened();
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      this.#happened = resolve;
    });
  }

  #versionIn(line: string | undefined): string {
    const version = versionIn(line ?? '');
    if (version !== undefined) return version;
    const error = errorIn(line);
    if (error?.status === 'SERVER_ERROR') return '';
    throw error === undefined ? turnedAway(this.server, undefined) : refusalOf(error, this.server);
  }

  #broken(cause: unknown): MemcacheError {
    if (!this.#made) return unreachable(this.server, cause);
    return lost(this.server, `the connection to ${this.server} failed`, cause);
  }

  #noAnswer(): MemcacheError {
    const message = `${this.server} gave no answer within ${this.#options.connectTimeoutMs} ms`;
    const details = { server: this.server, retryable: true };
    return new TimeoutError('ERR_MEMCACHE_CONNECT', message, details);
  }
}

function errorIn(line: string | undefined): ErrorLine | undefined {
  const bytes = Buffer.from(line ?? '', 'latin1');
  return errorLine(bytes, 0, bytes.length);
}

/** When a conversation is given up. */
export interface ConversationLimits {
  readonly timeoutMs: number;
  /** What it fails with after that. */
  late(): MemcacheError;
  readonly signal: AbortSignal | undefined;
  /** What it fails with when the signal is aborted. */
  aborted(reason: unknown): MemcacheError;
  /** Its time does not keep the process. */
  readonly unref: boolean;
}

/** Has a conversation within its limits, and closes it whatever comes of it. */
export async function within<R>(
  conversation: Conversation,
  limits: ConversationLimits,
  talk: (conversation: Conversation) => Promise<R>,
): Promise<R> {
  const { signal, timeoutMs } = limits;
  if (signal?.aborted === true) throw limits.aborted(signal.reason);
  const timer = new PatientTimer(timeoutMs, () => conversation.fail(limits.late()));
  if (limits.unref) timer.unref();
  const ignore =
    signal === undefined
      ? (): void => {}
      : onAbort(signal, () => conversation.fail(limits.aborted(signal.reason)));
  try {
    return await Promise.race([talk(conversation), conversation.failed]);
  } finally {
    timer.stop();
    ignore();
    conversation.close();
  }
}
