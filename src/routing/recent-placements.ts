import { textHash } from '../primitives/text-hash.ts';
import type { HashKey, Placement } from './hasher.ts';

/** A power of two: slots for 4096 keys take 1 MiB, of which the operating system gives what is touched. */
const SLOTS = 4096;
/** No key is longer on the wire than 250 bytes. */
const SLOT_BYTES = 256;
const MOST_CHARACTERS = 250;
const NOTHING = -1;

/**
 * Remembers where lately placed keys are, in front of a placement that takes longer than to look there. A key shares its
 * slot with others, and the last one placed has it. Keys stand in it as bytes, so that no text is kept alive; one
 * with a character above U+00FF, a longer one and one given as bytes are not remembered.
 */
export function cached(placement: Placement): Placement {
  const recent = new RecentPlacements(placement);
  return {
    locate: (key) => recent.locate(key),
    candidates: (key) => placement.candidates(key),
    explain: (key) => placement.explain(key),
  };
}

class RecentPlacements {
  readonly #placement: Placement;
  readonly #texts: Uint8Array = new Uint8Array(SLOTS * SLOT_BYTES);
  readonly #lengths: Int16Array = new Int16Array(SLOTS).fill(NOTHING);
  /** Most other keys that share a slot are told apart by these. */
  readonly #codes: Int32Array = new Int32Array(SLOTS);
  readonly #servers: Uint32Array = new Uint32Array(SLOTS);

  constructor(placement: Placement) {
    this.#placement = placement;
  }

  locate(key: HashKey): number {
    if (typeof key !== 'string' || key.length > MOST_CHARACTERS) return this.#placement.locate(key);
    const code = textHash(key);
    const slot = code & (SLOTS - 1);
    if (this.#codes[slot] === code && this.#holds(slot, key)) return this.#servers[slot];
    const server = this.#placement.locate(key);
    this.#codes[slot] = code;
    this.#servers[slot] = server;
    this.#remember(slot, key);
    return server;
  }

  #holds(slot: number, key: string): boolean {
    if (this.#lengths[slot] !== key.length) return false;
    const texts = this.#texts;
    const start = slot * SLOT_BYTES;
    for (let i = 0; i < key.length; i++) {
      if (texts[start + i] !== key.charCodeAt(i)) return false;
    }
    return true;
  }

  #remember(slot: number, key: string): void {
    const texts = this.#texts;
    const start = slot * SLOT_BYTES;
    this.#lengths[slot] = NOTHING;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 0xff) return;
      texts[start + i] = code;
    }
    this.#lengths[slot] = key.length;
  }
}
