import { keepFreedMemory } from '../primitives/kept-memory.ts';
import type { ValueHeader } from './value-header.ts';

/**
 * Gathers the one large value that is on its way into a buffer of its own. It is used again for the next one and
 * forgets the buffer with its delivery: an object per value, grown old, would keep its buffer until the next full
 * collection (`npm run bench -- --scenario get --size 100000 --kind buffer`).
 */
export class ValueAssembler {
  /** A value is being gathered, or passed over. */
  active = false;
  index = 0;
  flags = 0;
  cas = '';
  length = 0;
  #filled = 0;
  #bytes: Buffer | undefined;

  /** `wanted` is false when nobody waits for it any more: its bytes are then passed over, not gathered. */
  begin(header: ValueHeader, index: number, wanted: boolean): void {
    this.active = true;
    this.index = index;
    this.flags = header.flags;
    this.cas = header.cas;
    this.length = header.length;
    this.#filled = 0;
    if (wanted) keepFreedMemory();
    this.#bytes = wanted ? Buffer.allocUnsafeSlow(header.length) : undefined;
  }

  /** Whether reads may go straight to `rest`. */
  get gathering(): boolean {
    return this.#bytes !== undefined && this.#filled < this.length;
  }

  get complete(): boolean {
    return this.#filled === this.length;
  }

  /** What is still to be filled. */
  get rest(): Buffer {
    return (this.#bytes as Buffer).subarray(this.#filled);
  }

  /** So many bytes have been read to where `rest` says. */
  advance(count: number): void {
    this.#filled += count;
  }

  /** Takes what a read brought of it from `start` on; returns how many bytes it were. */
  absorb(source: Buffer, start: number, end: number): number {
    const count = Math.min(this.length - this.#filled, end - start);
    if (this.#bytes !== undefined) source.copy(this.#bytes, this.#filled, start, start + count);
    this.#filled += count;
    return count;
  }

  /** The whole value, which is its receiver's from now on; undefined when it was passed over. */
  finish(): Buffer | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    this.active = false;
    return bytes;
  }
}
