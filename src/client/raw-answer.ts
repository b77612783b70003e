import { MemcacheClientError, type MemcacheError } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import { errorFor, errorLine } from '../protocol/status.ts';

/** What ends an answer. */
export type Terminator = Buffer | RegExp;

const STATUSES = ['ERROR', 'CLIENT_ERROR', 'SERVER_ERROR'];
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const FIRST_BYTES = 4096;

/** Collects an answer until its terminator has come, however it is cut on its way. */
export class RawAnswer {
  readonly #until: Terminator;
  readonly #maxBytes: number;
  readonly #of: { readonly server: string; readonly command: string };
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  /** The same, one character per byte, for a RegExp. */
  #text = '';
  /** Bytes that the terminator has been looked for in. */
  #searched = 0;
  /** Until its first line is known to be none, it may be an error. */
  #mayBeError = true;

  constructor(
    ending: { readonly until: Terminator; readonly maxBytes: number },
    of: { readonly server: string; readonly command: string },
  ) {
    this.#until = ending.until;
    this.#maxBytes = ending.maxBytes;
    this.#of = of;
  }

  /** The answer without its terminator, once that has come. Throws for an error line, and for an answer too long. */
  feed(chunk: Buffer): Buffer | undefined {
    this.#append(chunk);
    if (this.#mayBeError) this.#lookForError();
    const [start, end] = this.#mayBeError ? NOWHERE : this.#terminator();
    if (end > this.#maxBytes || (start === -1 && this.#length > this.#maxBytes))
      throw this.#tooLong();
    return start === -1 ? undefined : Buffer.from(this.#bytes.subarray(0, start));
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    if (this.#until instanceof RegExp) this.#text += latin1(chunk, 0, chunk.length);
  }

  #lookForError(): void {
    const all = this.#bytes.subarray(0, this.#length);
    const feed = all.indexOf(LINE_FEED);
    if (feed === -1) {
      const text = latin1(all, 0, Math.min(all.length, 16));
      this.#mayBeError = STATUSES.some((word) => text.startsWith(word) || word.startsWith(text));
      return;
    }
    this.#mayBeError = false;
    const line = errorLine(all, 0, feed > 0 && all[feed - 1] === CARRIAGE_RETURN ? feed - 1 : feed);
    if (line !== undefined) throw errorFor(line, this.#of.command, this.#of.server);
  }

  /** Where the terminator begins and ends. */
  #terminator(): readonly [start: number, end: number] {
    const until = this.#until;
    if (until instanceof RegExp) {
      const match = until.exec(this.#text);
      return match === null ? NOWHERE : [match.index, match.index + match[0].length];
    }
    const from = Math.max(0, this.#searched - until.length + 1);
    this.#searched = this.#length;
    const start = this.#bytes.subarray(0, this.#length).indexOf(until, from);
    return start === -1 ? NOWHERE : [start, start + until.length];
  }

  #tooLong(): MemcacheError {
    const { server, command } = this.#of;
    const message = `the answer of ${server} to ${command} is over ${this.#maxBytes} bytes`;
    const details = { server, command, sent: 'yes' as const };
    return new MemcacheClientError('ERR_MEMCACHE_TOO_LARGE', message, details);
  }
}

const NOWHERE = [-1, -1] as const;
