import type { HashKey } from './hasher.ts';
import { keyBytes } from './key-bytes.ts';

// 64-bit numbers are two 32-bit halves: a BigInt would be allocated at every step.
const PRIME_1_LOW = 0x85ebca87 | 0;
const PRIME_1_HIGH = 0x9e3779b1 | 0;
const PRIME_2_LOW = 0x27d4eb4f;
const PRIME_2_HIGH = 0xc2b2ae3d | 0;
const PRIME_3_LOW = 0x9e3779f9 | 0;
const PRIME_3_HIGH = 0x165667b1;
const PRIME_4_LOW = 0xc2b2ae63 | 0;
const PRIME_4_HIGH = 0x85ebca77 | 0;
const PRIME_5_LOW = 0x165667c5;
const PRIME_5_HIGH = 0x27d4eb2f;

/** What is taken at a time from a key that is as long or longer, eight bytes into each of four lanes. */
const STRIPE_BYTES = 32;
/** How far each lane is turned when they are put together. */
const LANE_TURNS = [1, 7, 12, 18];

/** Pairs of halves, the low one first: the hash on its way, a word on its way into it, the lanes. */
const pairs: Int32Array = new Int32Array(12);
const HASH = 0;
const WORD = 2;
const LANES = 4;

/**
 * XXH64 of a key; `seed` is an unsigned 32-bit number. The first two numbers of the answer are the halves of the hash,
 * the low one first; they stand until the next call.
 */
export function xxh64(key: HashKey, seed = 0): Int32Array {
  keyBytes.load(key);
  const { bytes, length } = keyBytes;
  let at = 0;
  if (length < STRIPE_BYTES) {
    put(HASH, PRIME_5_LOW, PRIME_5_HIGH);
    add(HASH, seed | 0, 0);
  } else {
    at = length - (length % STRIPE_BYTES);
    takeStripes(bytes, at, seed | 0);
  }
  add(HASH, length, 0);
  for (; at + 8 <= length; at += 8) takeEight(wordAt(bytes, at), wordAt(bytes, at + 4));
  if (at + 4 <= length) {
    takeFour(wordAt(bytes, at));
    at += 4;
  }
  for (; at < length; at++) takeOne(bytes[at]);
  finish();
  return pairs;
}

function takeEight(low: number, high: number): void {
  const a = Math.imul(low, PRIME_2_LOW);
  putTurned(WORD, a, productHigh(low, high, PRIME_2_LOW, PRIME_2_HIGH), 31);
  putTurned(HASH, pairs[HASH] ^ pairs[WORD], pairs[HASH + 1] ^ pairs[WORD + 1], 27);
  add(HASH, PRIME_4_LOW, PRIME_4_HIGH);
}

function takeFour(word: number): void {
  const low = pairs[HASH] ^ Math.imul(word, PRIME_1_LOW);
  const high = pairs[HASH + 1] ^ productHigh(word, 0, PRIME_1_LOW, PRIME_1_HIGH);
  const a = (low << 23) | (high >>> 9);
  const b = (high << 23) | (low >>> 9);
  put(HASH, Math.imul(a, PRIME_2_LOW), productHigh(a, b, PRIME_2_LOW, PRIME_2_HIGH));
  add(HASH, PRIME_3_LOW, PRIME_3_HIGH);
}

function takeOne(byte: number): void {
  const low = pairs[HASH] ^ Math.imul(byte, PRIME_5_LOW);
  const high = pairs[HASH + 1] ^ productHigh(byte, 0, PRIME_5_LOW, PRIME_5_HIGH);
  putTurned(HASH, low, high, 11);
}

function finish(): void {
  let low = pairs[HASH];
  let high = pairs[HASH + 1];
  low ^= high >>> 1;
  const a = Math.imul(low, PRIME_2_LOW);
  const b = productHigh(low, high, PRIME_2_LOW, PRIME_2_HIGH);
  low = a ^ ((a >>> 29) | (b << 3));
  high = b ^ (b >>> 29);
  const upper = productHigh(low, high, PRIME_3_LOW, PRIME_3_HIGH);
  put(HASH, Math.imul(low, PRIME_3_LOW) ^ upper, upper);
}

function takeStripes(bytes: Uint8Array, end: number, seed: number): void {
  for (let lane = 0; lane < LANE_TURNS.length; lane++) put(LANES + lane * 2, seed, 0);
  add(LANES, PRIME_1_LOW, PRIME_1_HIGH);
  add(LANES, PRIME_2_LOW, PRIME_2_HIGH);
  add(LANES + 2, PRIME_2_LOW, PRIME_2_HIGH);
  // The last lane is one PRIME_1 below the seed.
  add(LANES + 6, -PRIME_1_LOW, ~PRIME_1_HIGH);
  for (let at = 0; at < end; at += 8) {
    const lane = LANES + ((at >>> 2) & 6);
    const low = wordAt(bytes, at);
    const high = wordAt(bytes, at + 4);
    add(lane, Math.imul(low, PRIME_2_LOW), productHigh(low, high, PRIME_2_LOW, PRIME_2_HIGH));
    putTurned(lane, pairs[lane], pairs[lane + 1], 31);
  }
  joinLanes();
}

function joinLanes(): void {
  put(HASH, 0, 0);
  for (const [lane, turn] of LANE_TURNS.entries()) {
    const low = pairs[LANES + lane * 2];
    const high = pairs[LANES + lane * 2 + 1];
    add(HASH, (low << turn) | (high >>> (32 - turn)), (high << turn) | (low >>> (32 - turn)));
  }
  for (let lane = LANES; lane < pairs.length; lane += 2) {
    const low = pairs[lane];
    const a = Math.imul(low, PRIME_2_LOW);
    putTurned(WORD, a, productHigh(low, pairs[lane + 1], PRIME_2_LOW, PRIME_2_HIGH), 31);
    putTurned(HASH, pairs[HASH] ^ pairs[WORD], pairs[HASH + 1] ^ pairs[WORD + 1], 0);
    add(HASH, PRIME_4_LOW, PRIME_4_HIGH);
  }
}

function put(at: number, low: number, high: number): void {
  pairs[at] = low;
  pairs[at + 1] = high;
}

function add(at: number, low: number, high: number): void {
  const sum = (pairs[at] + low) | 0;
  pairs[at] = sum;
  pairs[at + 1] += high + (sum >>> 0 < low >>> 0 ? 1 : 0);
}

/** Puts a number there, turned by less than 32 bits, times the first prime. */
function putTurned(at: number, low: number, high: number, turn: number): void {
  // A shift by 32 is one by 0: turned in two steps, no turn is one too.
  const a = (low << turn) | ((high >>> 1) >>> (31 - turn));
  const b = (high << turn) | ((low >>> 1) >>> (31 - turn));
  put(at, Math.imul(a, PRIME_1_LOW), productHigh(a, b, PRIME_1_LOW, PRIME_1_HIGH));
}

/** The upper half of the product of two 64-bit numbers, modulo 2^64. */
export function productHigh(
  low: number,
  high: number,
  otherLow: number,
  otherHigh: number,
): number {
  const crossed = Math.imul(low, otherHigh) + Math.imul(high, otherLow);
  return (carried(low, otherLow) + crossed) | 0;
}

/** Of the product of two unsigned 32-bit numbers the bits from 32 on, put together from 16-bit pieces. */
function carried(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const second = (Math.imul(aLow, bHigh) >>> 0) + (first & 0xffff);
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
