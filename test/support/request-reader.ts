/** One request as it came. */
export interface Request {
  /** Its first line, without the end of it. */
  readonly line: string;
  readonly words: readonly string[];
  readonly verb: string;
  readonly keys: readonly string[];
  /** The value of a store, else empty. */
  readonly data: Buffer;
  /** All its bytes, one character each; of a value over 64 KiB, the header alone. */
  readonly raw: string;
}

/** Which word of a store says how long its value is. */
const LENGTH_AT: Readonly<Partial<Record<string, number>>> = {
  set: 4,
  add: 4,
  replace: 4,
  append: 4,
  prepend: 4,
  cas: 4,
  ms: 2,
};
/** How many words stand before the keys of a retrieval. */
const READS: Readonly<Record<string, number>> = { get: 1, gets: 1, gat: 2, gats: 2 };
const LONGEST_RECORD = 65_536;

/** Takes requests out of a stream, with a view of the protocol of its own: it shares no code with the client. */
export class RequestReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Nothing can be whole before so many bytes have come. */
  #needed = 1;

  read(chunk: Buffer): Request[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    const bytes = Buffer.concat(this.#chunks);
    const requests: Request[] = [];
    let at = 0;
    this.#needed = 1;
    for (;;) {
      const taken = this.#take(bytes, at);
      if (taken === undefined) break;
      requests.push(taken.request);
      at = taken.end;
    }
    this.#chunks = [bytes.subarray(at)];
    this.#length = bytes.length - at;
    return requests;
  }

  #take(bytes: Buffer, at: number): { request: Request; end: number } | undefined {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const line = bytes.toString('latin1', at, lineEnd);
    const words = line.split(' ');
    const [verb] = words;
    const lengthAt = LENGTH_AT[verb];
    const stores = lengthAt !== undefined;
    const length = stores ? Number(words[lengthAt]) : 0;
    const body = lineEnd + 2;
    const end = stores ? body + length + 2 : body;
    if (end > bytes.length) {
      this.#needed = end - at;
      return undefined;
    }
    if (stores && bytes.toString('latin1', end - 2, end) !== '\r\n')
      throw new Error(`the value of '${line}' does not end where it should`);
    const keys = verb in READS ? words.slice(READS[verb]) : words.slice(1, 2);
    const data = bytes.subarray(body, stores ? end - 2 : body);
    const raw = bytes.toString('latin1', at, length > LONGEST_RECORD ? body : end);
    return { request: { line, words, verb, keys, data, raw }, end };
  }
}
