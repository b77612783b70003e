import { writeLatin1, writeUtf8 } from '../primitives/bytes.ts';

/** Bytes up to this length are copied behind their header; longer ones are passed by reference. */
export const COPY_UP_TO_BYTES = 16_384;

const BLOCK_BYTES = 65_536;
const MOST_FREE_BLOCKS = 4;
const SHORT_TEXT = 48;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;

/** What a writer has gathered: chunks in wire order, and the blocks their memory stands in. */
export interface Gathered {
  readonly chunks: Uint8Array[];
  /** To be given back by `recycle` once the chunks have left. */
  readonly blocks: Buffer[];
}

const NO_BLOCK: Buffer = Buffer.alloc(0);

/**
 * Gathers requests into blocks of memory. Chunks are slices of those blocks and, between them, large values passed by
 * reference, which still belong to whoever passed them. A block that was taken is not written to again before it has
 * been recycled.
 */
export class RequestWriter {
  readonly #free: Buffer[] = [];
  #block: Buffer = NO_BLOCK;
  #start = 0;
  #at = 0;
  #chunks: Uint8Array[] = [];
  #blocks: Buffer[] = [];
  #chunkBytes = 0;

  /** Bytes gathered since the last `take`. */
  get length(): number {
    return this.#chunkBytes + this.#at - this.#start;
  }

  /** Makes room for `bytes` in one piece; every write below needs its room first. */
  reserve(bytes: number): void {
    if (this.#at + bytes <= this.#block.length) return;
    this.#cut();
    this.#block =
      bytes > BLOCK_BYTES
        ? Buffer.allocUnsafeSlow(bytes)
        : (this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES));
    this.#blocks.push(this.#block);
    this.#start = 0;
    this.#at = 0;
  }

  /** Everything gathered so far; the writer begins anew, in another block. */
  take(): Gathered {
    this.#cut();
    const gathered = { chunks: this.#chunks, blocks: this.#blocks };
    this.#chunks = [];
    this.#blocks = [];
    this.#chunkBytes = 0;
    this.#block = NO_BLOCK;
    this.#start = 0;
    this.#at = 0;
    return gathered;
  }

  /** Blocks whose bytes have left may be written to again. A handful is kept. */
  recycle(blocks: readonly Buffer[]): void {
    for (const block of blocks) {
      if (block.length === BLOCK_BYTES && this.#free.length < MOST_FREE_BLOCKS)
        this.#free.push(block);
    }
  }

  /** Text of one byte per character: verbs, numbers, wire keys. */
  text(text: string): this {
    const length = text.length;
    if (length > SHORT_TEXT) {
      this.#at += writeLatin1(this.#block, text, this.#at);
      return this;
    }
    // A loop beats the call into C++ for short text; `npm run bench -- --scenario get` shows it.
    const block = this.#block;
    let at = this.#at;
    for (let i = 0; i < length; i++) block[at++] = text.charCodeAt(i);
    this.#at = at;
    return this;
  }

  /** The first `length` bytes of a source that may change later. */
  bytes(source: Buffer, length: number): void {
    const block = this.#block;
    const at = this.#at;
    if (length > SHORT_TEXT) source.copy(block, at, 0, length);
    else for (let i = 0; i < length; i++) block[at + i] = source[i];
    this.#at = at + length;
  }

  space(): this {
    this.#block[this.#at++] = SPACE;
    return this;
  }

  crlf(): this {
    this.#block[this.#at++] = CR;
    this.#block[this.#at++] = LF;
    return this;
  }

  /** A data block and its CRLF; `length` is what the header said. Bytes over `COPY_UP_TO_BYTES` go by reference. */
  data(data: string | Uint8Array, length: number): void {
    this.reserve(length > COPY_UP_TO_BYTES && typeof data !== 'string' ? 2 : length + 2);
    if (typeof data === 'string') this.#at += writeUtf8(this.#block, data, this.#at);
    else if (length <= COPY_UP_TO_BYTES) this.#copy(data, length);
    else this.#refer(data);
    this.crlf();
  }

  #copy(data: Uint8Array, length: number): void {
    this.#block.set(data, this.#at);
    this.#at += length;
  }

  #refer(data: Uint8Array): void {
    this.#cut();
    this.#chunks.push(data);
    this.#chunkBytes += data.length;
  }

  #cut(): void {
    if (this.#at === this.#start) return;
    this.#chunks.push(this.#block.subarray(this.#start, this.#at));
    this.#chunkBytes += this.#at - this.#start;
    this.#start = this.#at;
  }
}
