import { MemcacheError } from '../../src/errors.ts';
import { AskedKeys } from '../../src/protocol/asked-keys.ts';
import type { ItemFacts } from '../../src/protocol/meta-flags.ts';
import type {
  Grammar,
  ItemsSink,
  ItemView,
  LineVerdict,
  ReplySink,
  ReplySlots,
} from '../../src/protocol/reply.ts';
import type { ErrorLine } from '../../src/protocol/status.ts';
import { ResponseParser } from '../../src/protocol/response-parser.ts';

/** What a parser is to expect for one command. */
export interface Awaited {
  readonly grammar: Grammar;
  /** One character per byte. With grammar 'meta', the keys of the answers in their order; '' stands for any. */
  readonly keys?: readonly string[];
  /** Keys that nobody waits for any more. */
  readonly unwanted?: readonly string[];
  /** Lines after which the answer goes on; others that are `lastLines` end it, all the rest are foreign. */
  readonly moreLines?: RegExp;
  readonly lastLines?: RegExp;
  /** Of a command of several meta answers, one for each key. */
  readonly several?: true;
}

/** What a parser said, in order; bytes as text of one character each. */
export type Call =
  | readonly ['item', key: string, value: string, flags: number, cas: string, facts: string]
  /** An item nobody waits for: whether its bytes are shown is left open. */
  | readonly ['unwanted', key: string, flags: number, cas: string, facts: string]
  | readonly ['refused part', status: string, text: string]
  | readonly ['line', text: string]
  | readonly ['end']
  | readonly ['answered']
  | readonly ['refused', status: string, text: string];

export interface Outcome {
  readonly calls: Call[];
  /** The code of the error that ended it, if one did. */
  readonly error: string | undefined;
}

/** A buffer that was given away, and what it held then. */
interface Given {
  readonly bytes: Buffer;
  readonly held: Buffer;
}

/** The commands a stream answers, and a record of every call. */
export class ReplyRecorder implements ReplySlots, ItemsSink {
  readonly calls: Call[] = [];
  /** Buffers that were handed over for good. */
  readonly given: Given[] = [];
  readonly #awaited: Awaited[];
  asked: AskedKeys;

  constructor(awaited: readonly Awaited[]) {
    this.#awaited = [...awaited];
    this.asked = askedFor(awaited[0]?.keys);
  }

  get head(): ReplySink | undefined {
    return this.#awaited.length === 0 ? undefined : this;
  }

  get grammar(): Grammar {
    return this.#awaited[0].grammar;
  }

  /** Whether each answer that is due has come. */
  get complete(): boolean {
    return this.#awaited[0].several !== true || this.asked.next === this.#keys.length;
  }

  refusedPart({ status, text }: ErrorLine): LineVerdict {
    if (this.#awaited[0].several !== true) return 'foreign';
    this.calls.push(['refused part', status, text]);
    return this.#took();
  }

  answered(): void {
    this.calls.push(['answered']);
    this.#next();
  }

  refused({ status, text }: ErrorLine): void {
    this.calls.push(['refused', status, text]);
    this.#next();
  }

  match(bytes: Buffer, start: number, end: number): number {
    const key = bytes.toString('latin1', start, end);
    if (this.grammar === 'items') return this.#keys.indexOf(key, this.asked.next);
    return ['', key].includes(this.#keys[this.asked.next]) ? this.asked.next : -1;
  }

  wants(index: number): boolean {
    const [{ unwanted = [] }] = this.#awaited;
    return !unwanted.includes(this.#keys[index]);
  }

  item(index: number, { bytes, start, end, flags, cas, owned, facts }: ItemView): void {
    const said = factsText(facts);
    const key = this.#keys[index] ?? '';
    this.asked.next = index + 1;
    if (owned) this.given.push({ bytes, held: Buffer.from(bytes) });
    if (!this.wants(index)) this.calls.push(['unwanted', key, flags, cas, said]);
    else this.calls.push(['item', key, bytes.toString('latin1', start, end), flags, cas, said]);
  }

  end(): void {
    this.calls.push(['end']);
  }

  line(bytes: Buffer, start: number, end: number): LineVerdict {
    const [{ moreLines, lastLines }] = this.#awaited;
    const text = bytes.toString('latin1', start, end);
    this.calls.push(['line', text]);
    if (moreLines?.test(text) === true) return 'more';
    return lastLines?.test(text) === true ? this.#took() : 'foreign';
  }

  #took(): LineVerdict {
    this.asked.next++;
    return this.complete ? 'last' : 'more';
  }

  get #keys(): readonly string[] {
    return this.#awaited[0].keys ?? [];
  }

  #next(): void {
    this.#awaited.shift();
    this.asked = askedFor(this.#awaited[0]?.keys);
  }
}

/** The keys of a request. */
export function askedFor(keys: readonly string[] = []): AskedKeys {
  const asked = new AskedKeys(keys.length);
  for (const key of keys) {
    asked.put(key);
    asked.keep(key.length);
  }
  return asked;
}

/** What an answer says beside value, flags and token, as a server would spell it; '' for a classic one. */
function factsText({ size, ttl, idle, hit, won, stale, lost, opaque }: ItemFacts): string {
  const told = (letter: string, number: number): string[] =>
    Number.isNaN(number) ? [] : [`${letter}${number}`];
  return [
    ...told('s', size),
    ...told('t', ttl),
    ...told('l', idle),
    ...told('h', hit),
    ...(won ? ['W'] : []),
    ...(stale ? ['X'] : []),
    ...(lost ? ['Z'] : []),
    ...(opaque === '' ? [] : [`O${opaque}`]),
  ].join(' ');
}

export interface Reading {
  readonly readBufferBytes?: number;
  readonly maxValueBytes?: number;
  /** How the bytes reach the parser: copied by `feed`, or read to `space` and told by `advance`. */
  readonly by?: 'feed' | 'space';
  /** Where the stream is cut, in ascending order; a piece also ends where the space given for it does. */
  readonly cuts?: Iterable<number>;
}

/** One read of a socket: as much of the piece as there is space for. */
function read(parser: ResponseParser, piece: Buffer): void {
  for (let at = 0; at < piece.length;) {
    const space = parser.space();
    if (space.length === 0) throw new Error('the parser gives no space: a socket would hang');
    const count = piece.copy(space, 0, at);
    parser.advance(count);
    at += count;
  }
}

/** Parses a whole stream and says what came of it. */
export function parse(
  stream: Buffer,
  awaited: readonly Awaited[],
  reading: Reading = {},
): Outcome & { readonly given: readonly Given[] } {
  const { readBufferBytes = 131_072, maxValueBytes = 1_048_576, by = 'feed', cuts = [] } = reading;
  const recorder = new ReplyRecorder(awaited);
  const parser = new ResponseParser(recorder, { readBufferBytes, maxValueBytes });
  const { calls, given } = recorder;
  let from = 0;
  try {
    for (const cut of [...cuts, stream.length]) {
      const piece = stream.subarray(from, cut);
      if (by === 'feed') parser.feed(piece);
      else read(parser, piece);
      from = cut;
    }
  } catch (error) {
    if (!(error instanceof MemcacheError)) throw error;
    return { calls, given, error: error.code };
  }
  return { calls, given, error: undefined };
}

/** Cuts after every byte. */
export const everyByte = (stream: Buffer): number[] => Array.from(stream.keys());
