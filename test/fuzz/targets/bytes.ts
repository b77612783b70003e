/** Takes an input apart from its front: choices first, the rest is what they are about. */
export class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  uint32(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.byte() % list.length];
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

/** Where to cut `length` bytes, as one byte says: every so many, from every single one on; 0 for nowhere. */
export function cutsOf(choice: number, length: number): number[] {
  if (choice === 0) return [];
  return Array.from({ length: Math.ceil(length / choice) }, (_, i) => i * choice);
}

/** Nothing of a hostile input may stay behind on what all objects share. */
export function assertNothingPolluted(): void {
  if (Object.keys(Object.prototype).length > 0) throw new Error('Object.prototype was changed');
}
