import { signed32, unsigned32, unsigned64 } from './c-numbers.ts';

/** One request as it came. */
export interface FakeRequest {
  /** Of which connection, 0 the first ever made. */
  readonly connection: number;
  /** Its first word, such as `get`. */
  readonly verb: string;
  /** Its first line without the end of it, one character a byte. */
  readonly line: string;
  /** Its first line by words, the verb first. */
  readonly words: readonly string[];
  /** As they are written, base64 included. */
  readonly keys: readonly string[];
  /** What is to be stored, else empty. */
  readonly data: Buffer;
}

/** What the reader knows beside. */
export interface ReadRequest extends Omit<FakeRequest, 'connection'> {
  /** All its bytes. */
  readonly bytes: Buffer;
  /** The data ended where it should. */
  readonly terminated: boolean;
}

export const LONGEST_KEY_BYTES = 250;
const LONGEST_DATA_BYTES = 2 ** 31 - 3;
/** More words than these are no store. */
const STORE_WORDS: Readonly<Record<string, readonly number[]>> = {
  set: [5, 6],
  add: [5, 6],
  replace: [5, 6],
  append: [5, 6],
  prepend: [5, 6],
  cas: [6, 7],
};
/** With the verb and the key. */
export const MOST_META_WORDS = 19;
/** How many words stand before the keys of a retrieval. */
const READS: Readonly<Record<string, number>> = { get: 1, gets: 1, gat: 2, gats: 2 };
const LF = 10;
/** A line that has not ended by then ends the connection, unless it asks for many keys. */
const LONGEST_LINE_BYTES = 2048;

function wordsOf(line: string): string[] {
  const nul = line.indexOf('\0');
  return (nul < 0 ? line : line.slice(0, nul)).split(' ').filter((word) => word !== '');
}

/**
 * Bytes of data that follow this line; undefined for none. A classic line has no data where one of its numbers is none,
 * a meta line has it whatever its flags are.
 */
export function dataBytesAfter(words: readonly string[]): number | undefined {
  const [verb = '', key = '', ...rest] = words;
  if (key.length > LONGEST_KEY_BYTES) return undefined;
  if (verb === 'ms') return words.length > MOST_META_WORDS ? undefined : dataBytes(rest[0]);
  if (!Object.hasOwn(STORE_WORDS, verb) || !STORE_WORDS[verb].includes(words.length))
    return undefined;
  const [flags, ttl, bytes, cas] = rest;
  const numbers = [unsigned32(flags), signed32(ttl), verb === 'cas' ? unsigned64(cas) : 0];
  return numbers.includes(undefined) ? undefined : dataBytes(bytes);
}

function dataBytes(word: string | undefined): number | undefined {
  const bytes = signed32(word);
  return bytes !== undefined && bytes >= 0 && bytes <= LONGEST_DATA_BYTES ? bytes : undefined;
}

/** A line is too long to be one. */
export class EndlessLine extends Error {}

/** Takes requests out of a stream. It shares no code with the client: it is a view of the protocol of its own. */
export class RequestReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Nothing can be whole before so many bytes have come. */
  #needed = 1;

  /** Throws `EndlessLine`, after the requests before it have been handed on. */
  *read(chunk: Buffer): Generator<ReadRequest, void, void> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = 1;
    for (;;) {
      const request = this.#take(bytes, at);
      if (request === undefined) break;
      at += request.bytes.length;
      this.#keep(bytes, at);
      yield request;
    }
    this.#keep(bytes, at);
    const beginning = bytes.toString('latin1', at, at + 5);
    if (this.#needed === 1 && this.#length > LONGEST_LINE_BYTES && !/^gets? /.test(beginning))
      throw new EndlessLine();
  }

  #keep(bytes: Buffer, at: number): void {
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#length = bytes.length - at;
  }

  #take(bytes: Buffer, at: number): ReadRequest | undefined {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0) return undefined;
    const hasCr = lf - at > 1 && bytes[lf - 1] === 13;
    const line = bytes.toString('latin1', at, hasCr ? lf - 1 : lf);
    const words = wordsOf(line);
    const [verb = ''] = words;
    const body = lf + 1;
    const length = dataBytesAfter(words);
    const end = length === undefined ? body : body + length + 2;
    if (end > bytes.length) {
      this.#needed = end - at;
      return undefined;
    }
    const keys = Object.hasOwn(READS, verb) ? words.slice(READS[verb]) : words.slice(1, 2);
    return {
      line,
      words,
      verb,
      keys,
      data: length === undefined ? Buffer.alloc(0) : bytes.subarray(body, end - 2),
      bytes: bytes.subarray(at, end),
      terminated: length === undefined || bytes.toString('latin1', end - 2, end) === '\r\n',
    };
  }
}
