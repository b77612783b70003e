import { writeHashed } from '../primitives/text-hash.ts';
import type { RequestWriter } from './request-writer.ts';

const FIRST_BYTES = 512;
const WORD = 4;
const SPACE = 0x20;

/**
 * The keys of one request as they stand in it, each behind a space, and how far its answer has come. The keys of the
 * answer are compared with these bytes, a word at a time: with text it takes three times as long
 * (`npm run bench -- --scenario guards`).
 */
export class AskedKeys {
  /** Index of the key whose item comes next if the server has it. */
  next = 0;
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view: DataView = viewOf(this.#bytes);
  /** A key's space stands where the one before it ends. A key that was taken out has not even that. */
  readonly #starts: Int32Array;
  #count = 0;

  /** Room for `capacity` keys. */
  constructor(capacity: number) {
    this.#starts = new Int32Array(capacity + 1);
  }

  /** Writes a key behind the others, of which `keep` makes it one; its `textHash`. */
  put(key: string): number {
    const at = this.#starts[this.#count];
    if (at + key.length >= this.#bytes.length) this.#grow(at, key.length);
    this.#bytes[at] = SPACE;
    return writeHashed(key, this.#bytes, at + 1);
  }

  /** The key that was put last, of `length` bytes, is asked for. */
  keep(length: number): void {
    const start = this.#starts[this.#count++];
    this.#starts[this.#count] = start + 1 + length;
  }

  /** A key is not asked for after all. The others keep their index. */
  takeOut(index: number): void {
    const starts = this.#starts;
    const gap = starts[index + 1] - starts[index];
    this.#bytes.copyWithin(starts[index], starts[index + 1], starts[this.#count]);
    for (let i = index + 1; i <= this.#count; i++) starts[i] -= gap;
  }

  clear(): void {
    this.next = 0;
    this.#count = 0;
  }

  writeTo(writer: RequestWriter): void {
    writer.bytes(this.#bytes, this.#starts[this.#count]);
  }

  /** How many of the bytes at `at`..`end` are those of the next key. */
  alike(view: DataView, at: number, end: number): number {
    const start = this.#starts[this.next] + 1;
    const most = Math.min(this.nextLength, end - at);
    let count = 0;
    while (count + WORD <= most && view.getInt32(at + count) === this.#view.getInt32(start + count))
      count += WORD;
    while (count < most && view.getUint8(at + count) === this.#bytes[start + count]) count++;
    return count;
  }

  /** Bytes of the next key; none if it was the last, or has been taken out. */
  get nextLength(): number {
    const { next } = this;
    return next < this.#count ? this.#starts[next + 1] - this.#starts[next] - 1 : -1;
  }

  #grow(used: number, more: number): void {
    const bytes = Buffer.allocUnsafeSlow(2 * (used + more));
    this.#bytes.copy(bytes, 0, 0, used);
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

/** The same memory, to be read in words. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
