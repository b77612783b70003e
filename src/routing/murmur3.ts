const MULTIPLIER_1 = 0xcc9e2d51;
const MULTIPLIER_2 = 0x1b873593;
const ADDED = 0xe6546b64 | 0;
const FINAL_1 = 0x85ebca6b;
const FINAL_2 = 0xc2b2ae35;

/** A block on its way into the state. */
function mixed(block: number): number {
  const product = Math.imul(block, MULTIPLIER_1);
  return Math.imul((product << 15) | (product >>> 17), MULTIPLIER_2);
}

function taken(state: number, mixedBlock: number): number {
  const sum = state ^ mixedBlock;
  return (Math.imul((sum << 13) | (sum >>> 19), 5) + ADDED) | 0;
}

function finished(state: number, length: number): number {
  let hash = state ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), FINAL_1);
  hash = Math.imul(hash ^ (hash >>> 13), FINAL_2);
  return hash ^ (hash >>> 16);
}

/** Up to four bytes from `start` on as a little-endian number. */
function blockAt(bytes: Uint8Array, start: number, end: number): number {
  let block = 0;
  for (let i = start; i < end; i++) block |= bytes[i] << ((i - start) * 8);
  return block;
}

const BLOCK_BYTES = 4;

interface Prefix {
  /** What has been taken of its full blocks. */
  readonly state: number;
  /** The bytes after them, and how many these are. */
  readonly rest: number;
  readonly restBytes: number;
  readonly length: number;
}

function prefixOf(bytes: Uint8Array, seed: number): Prefix {
  const { length } = bytes;
  const restBytes = length % BLOCK_BYTES;
  let state = seed | 0;
  for (let at = 0; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) {
    state = taken(state, mixed(blockAt(bytes, at, at + BLOCK_BYTES)));
  }
  return { state, rest: blockAt(bytes, length - restBytes, length), restBytes, length };
}

/** How many prefixes are worked on at once: their steps do not wait for each other. */
const ABREAST = 4;
/** For keys of up to 255 bytes. */
const FIRST_BLOCKS = 64;

/** Prefixes whose rests are as long: behind all of them a key falls into the same blocks. */
interface Alike {
  readonly restBytes: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Hashes a key behind each of many prefixes. The full blocks of a prefix are taken once and for all. The blocks of the
 * key are mixed once for all prefixes with a rest of the same length (0 to 3 bytes); what is left for each of these is
 * to take them.
 */
export class PrefixedMurmur3 {
  /**
   * The number of the prefix that each entry is for. Entries come in groups of a multiple of four, filled up with their
   * last prefix once more.
   */
  readonly numbers: Uint32Array;
  /** Of each entry the hash of the last key, as a signed number. */
  readonly hashes: Int32Array;
  readonly #states: Int32Array;
  readonly #rests: Int32Array;
  readonly #lengths: Int32Array;
  readonly #groups: readonly Alike[];
  #blocks: Int32Array = new Int32Array(FIRST_BLOCKS);

  constructor(prefixes: readonly Uint8Array[], seed: number) {
    const all = prefixes.map((bytes) => prefixOf(bytes, seed));
    const numbers: number[] = [];
    const groups: Alike[] = [];
    for (let restBytes = 0; restBytes < BLOCK_BYTES; restBytes++) {
      const alike = [...all.keys()].filter((number) => all[number].restBytes === restBytes);
      if (alike.length === 0) continue;
      const first = numbers.length;
      numbers.push(...alike);
      while (numbers.length % ABREAST > 0) numbers.push(alike[alike.length - 1]);
      groups.push({ restBytes, first, end: numbers.length });
    }
    this.numbers = Uint32Array.from(numbers);
    this.hashes = new Int32Array(numbers.length);
    this.#groups = groups;
    this.#states = Int32Array.from(numbers, (number) => all[number].state);
    this.#rests = Int32Array.from(numbers, (number) => all[number].rest);
    this.#lengths = Int32Array.from(numbers, (number) => all[number].length);
  }

  take(key: Uint8Array, length: number): void {
    if (length >= this.#blocks.length * BLOCK_BYTES) this.#blocks = new Int32Array(length);
    for (let i = 0; i < this.#groups.length; i++) {
      const group = this.#groups[i];
      // The first bytes of the key fill up the block that the prefix began.
      const lead = Math.min(BLOCK_BYTES - group.restBytes, length);
      const begun = blockAt(key, 0, lead) << (group.restBytes * 8);
      if (group.restBytes + lead < BLOCK_BYTES) this.#finishWithin(group, begun, length);
      else {
        const count = this.#mixBlocks(key, lead, length);
        this.#begin(group, begun);
        this.#takeBlocks(group, count);
        this.#finish(group, this.#blocks[count], length);
      }
    }
  }

  /** Mixes the key's blocks from `start` on and its tail, and returns how many blocks these are, the tail not counted. */
  #mixBlocks(key: Uint8Array, start: number, end: number): number {
    const blocks = this.#blocks;
    const count = (end - start) >>> 2;
    let at = start;
    for (let i = 0; i < count; i++, at += BLOCK_BYTES) {
      blocks[i] = mixed(key[at] | (key[at + 1] << 8) | (key[at + 2] << 16) | (key[at + 3] << 24));
    }
    blocks[count] = mixed(blockAt(key, at, end));
    return count;
  }

  // The three that follow are written out: they run once for each server and key, and whether a call in them is
  // inlined would depend on what else the compiler has taken into their callers.

  #begin({ first, end }: Alike, begun: number): void {
    const { hashes } = this;
    const states = this.#states;
    const rests = this.#rests;
    for (let i = first; i < end; i++) {
      const product = Math.imul(rests[i] | begun, MULTIPLIER_1);
      const sum = states[i] ^ Math.imul((product << 15) | (product >>> 17), MULTIPLIER_2);
      hashes[i] = Math.imul((sum << 13) | (sum >>> 19), 5) + ADDED;
    }
  }

  #takeBlocks({ first, end }: Alike, count: number): void {
    const { hashes } = this;
    const blocks = this.#blocks;
    for (let i = first; i < end; i += ABREAST) {
      let a = hashes[i];
      let b = hashes[i + 1];
      let c = hashes[i + 2];
      let d = hashes[i + 3];
      for (let block = 0; block < count; block++) {
        const next = blocks[block];
        a ^= next;
        b ^= next;
        c ^= next;
        d ^= next;
        a = (Math.imul((a << 13) | (a >>> 19), 5) + ADDED) | 0;
        b = (Math.imul((b << 13) | (b >>> 19), 5) + ADDED) | 0;
        c = (Math.imul((c << 13) | (c >>> 19), 5) + ADDED) | 0;
        d = (Math.imul((d << 13) | (d >>> 19), 5) + ADDED) | 0;
      }
      hashes[i] = a;
      hashes[i + 1] = b;
      hashes[i + 2] = c;
      hashes[i + 3] = d;
    }
  }

  #finish({ first, end }: Alike, tail: number, length: number): void {
    const { hashes } = this;
    const lengths = this.#lengths;
    for (let i = first; i < end; i++) {
      let hash = hashes[i] ^ tail ^ (lengths[i] + length);
      hash = Math.imul(hash ^ (hash >>> 16), FINAL_1);
      hash = Math.imul(hash ^ (hash >>> 13), FINAL_2);
      hashes[i] = hash ^ (hash >>> 16);
    }
  }

  /** The key ends before the block does that the prefix began. */
  #finishWithin({ first, end }: Alike, begun: number, length: number): void {
    for (let i = first; i < end; i++) {
      const state = this.#states[i] ^ mixed(this.#rests[i] | begun);
      this.hashes[i] = finished(state, this.#lengths[i] + length);
    }
  }
}

/** MurmurHash3_x86_32, signed. */
export function murmur3(bytes: Uint8Array, length: number, seed: number): number {
  let state = seed | 0;
  let at = 0;
  for (; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) {
    const block = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    state = taken(state, mixed(block));
  }
  return finished(state ^ mixed(blockAt(bytes, at, length)), length);
}
