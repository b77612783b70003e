/** `item`: one value with its header, or one line. `reply`: everything that answers one request. */
export type StreamUnit = 'item' | 'reply';

/** A stretch of a stream that lies within one line or one block of data. */
export interface Frame {
  readonly bytes: Buffer;
  /** It begins an item, and perhaps a reply with it. */
  readonly begins: StreamUnit | undefined;
  /** It ends an item, and perhaps a reply with it. */
  readonly ends: StreamUnit | undefined;
  /** It is a whole header line, and so many bytes of data follow; else -1. */
  readonly dataBytes: number;
}

/** What a line says about what comes after it. */
export interface LineMeaning {
  /** Bytes of data after this line, without their terminator; -1 for none. */
  dataBytes(line: string): number;
  /** Whether the reply goes on after this item. */
  goesOn(line: string): boolean;
}

const LF = 10;
const TERMINATOR_BYTES = 2;
/** Of a line with many keys, no more than this is needed to understand it. */
const ENOUGH_CHARACTERS = 1024;

function lengthAt(line: string, index: number): number {
  const word = line.split(' ', index + 1)[index] as string | undefined;
  return word !== undefined && /^\d{1,10}\s*$/.test(word) ? Number.parseInt(word, 10) : -1;
}

/** What a server says, in either dialect. */
export const REPLIES: LineMeaning = {
  dataBytes(line) {
    if (line.startsWith('VALUE ') || line.startsWith('CONFIG ')) return lengthAt(line, 3);
    return line.startsWith('VA ') ? lengthAt(line, 1) : -1;
  },
  goesOn: (line) => /^(VALUE|CONFIG|STAT|ITEM) |^key=/.test(line),
};

/** What a client says. */
export const REQUESTS: LineMeaning = {
  dataBytes(line) {
    if (line.startsWith('ms ')) return lengthAt(line, 2);
    return /^(set|add|replace|append|prepend|cas) /.test(line) ? lengthAt(line, 4) : -1;
  },
  goesOn: () => false,
};

/** Follows a stream of the protocol, in whatever pieces it comes, and tells where in it one is. */
export class StreamFrames {
  readonly #meaning: LineMeaning;
  /** The line under way, as far as it matters, and its bytes where they have not been handed on. */
  #line = '';
  #held: Buffer[] = [];
  #handedOn = false;
  #inReply = false;
  /** Of the item under way: data still to come with its terminator, and whether its reply goes on after it. */
  #data = 0;
  #goesOn = false;

  constructor(meaning: LineMeaning) {
    this.#meaning = meaning;
  }

  /** With `wholeLines`, the beginning of a line waits here for its end. */
  read(chunk: Buffer, wholeLines: boolean): Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length;) {
      if (this.#data > 0) {
        const bytes = chunk.subarray(at, at + this.#data);
        this.#data -= bytes.length;
        at += bytes.length;
        frames.push({ bytes, begins: undefined, ends: this.#endOf(this.#data), dataBytes: -1 });
        continue;
      }
      const end = chunk.indexOf(LF, at) + 1;
      const bytes = chunk.subarray(at, end === 0 ? chunk.length : end);
      at += bytes.length;
      const frame = end === 0 ? this.#beginning(bytes, wholeLines) : this.#lineWith(bytes);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  /** What waits for the end of its line. */
  release(): Buffer | undefined {
    if (this.#held.length === 0) return undefined;
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#handedOn = true;
    return bytes;
  }

  #remember(bytes: Buffer): void {
    if (this.#line.length < ENOUGH_CHARACTERS) {
      this.#line += bytes.toString('latin1', 0, ENOUGH_CHARACTERS);
    }
  }

  #beginning(bytes: Buffer, wholeLines: boolean): Frame | undefined {
    const begins = this.#handedOn ? undefined : this.#startOf();
    this.#remember(bytes);
    this.#held.push(bytes);
    if (wholeLines && !this.#handedOn) return undefined;
    const all = this.release() ?? bytes;
    return { bytes: all, begins, ends: undefined, dataBytes: -1 };
  }

  #lineWith(bytes: Buffer): Frame {
    const begins = this.#handedOn ? undefined : this.#startOf();
    this.#remember(bytes);
    const dataBytes = this.#meaning.dataBytes(this.#line);
    this.#goesOn = this.#meaning.goesOn(this.#line);
    this.#data = dataBytes < 0 ? 0 : dataBytes + TERMINATOR_BYTES;
    const all = this.#held.length === 0 ? bytes : Buffer.concat([...this.#held, bytes]);
    const wasWhole = !this.#handedOn;
    this.#line = '';
    this.#held = [];
    this.#handedOn = false;
    return {
      bytes: all,
      begins,
      ends: this.#endOf(this.#data),
      dataBytes: wasWhole ? dataBytes : -1,
    };
  }

  #startOf(): StreamUnit {
    return this.#inReply ? 'item' : 'reply';
  }

  #endOf(rest: number): StreamUnit | undefined {
    if (rest > 0) return undefined;
    this.#inReply = this.#goesOn;
    return this.#goesOn ? 'item' : 'reply';
  }
}
