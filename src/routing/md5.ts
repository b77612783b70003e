import type { HashKey } from './hasher.ts';
import { keyBytes } from './key-bytes.ts';

const BLOCK_BYTES = 64;
/** Where the length stands in the last block, in words. */
const LENGTH_AT = 14;
const MOST_OF_ONE_BLOCK = 55;

const words: Int32Array = new Int32Array(BLOCK_BYTES / 4);
/** The digest so far; as four little-endian words, the digest. */
const state: Int32Array = new Int32Array(4);

/**
 * MD5 (RFC 1321) of a key, as four words whose bytes in little-endian order are the digest. They stand until the next
 * call. For the length of a key this takes a fifth of the time of node:crypto, and it is there where a policy forbids
 * MD5 to node:crypto. It says where a key is stored; it guards nothing.
 */
export function md5Words(key: HashKey): Int32Array {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  if (typeof key !== 'string' || !fillFrom(key)) takeBytes(key);
  mix();
  return state;
}

/** The only block of a short text of ASCII, without a way through bytes; false where the key is something else. */
function fillFrom(text: string): boolean {
  const { length } = text;
  if (length > MOST_OF_ONE_BLOCK) return false;
  const whole = length >>> 2;
  let seen = 0;
  for (let i = 0; i < whole; i++) {
    const at = i * 4;
    const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
    const [c, d] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)];
    seen |= a | b | c | d;
    words[i] = a | (b << 8) | (c << 16) | (d << 24);
  }
  let last = 0x80 << ((length & 3) * 8);
  for (let i = whole * 4; i < length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    last |= code << ((i & 3) * 8);
  }
  words[whole] = last;
  for (let i = whole + 1; i < words.length; i++) words[i] = 0;
  words[LENGTH_AT] = length << 3;
  return seen < 0x80;
}

/** All but the last block are mixed in, and that is left in the words. */
function takeBytes(key: HashKey): void {
  keyBytes.load(key);
  const { bytes, length } = keyBytes;
  let offset = 0;
  for (; offset + BLOCK_BYTES <= length; offset += BLOCK_BYTES) {
    for (let i = 0; i < words.length; i++) words[i] = wordAt(bytes, offset + i * 4);
    mix();
  }
  fillLast(bytes, offset, length - offset);
  words[LENGTH_AT] = length << 3;
  words[LENGTH_AT + 1] = length >>> 29;
}

/** The rest of the key, the marker of its end, zeros. Where no room is left for the length it is mixed as a block of its own. */
function fillLast(bytes: Uint8Array, offset: number, rest: number): void {
  const whole = rest >>> 2;
  for (let i = 0; i < whole; i++) words[i] = wordAt(bytes, offset + i * 4);
  let last = 0x80 << ((rest & 3) * 8);
  for (let i = whole * 4; i < rest; i++) last |= bytes[offset + i] << ((i & 3) * 8);
  words[whole] = last;
  for (let i = whole + 1; i < words.length; i++) words[i] = 0;
  if (whole < LENGTH_AT) return;
  mix();
  for (let i = 0; i < LENGTH_AT; i++) words[i] = 0;
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);

function mix(): void {
  const a = state[0];
  const b = state[1];
  const c = state[2];
  const d = state[3];
  round1();
  round2();
  round3();
  round4();
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

// The numbers are those of the RFC: step i adds the integer part of 2^32 times |sin(i + 1)|. Written out, a step has
// nothing to look up but its word.
const turn = (sum: number, shift: number, onto: number): number =>
  (((sum << shift) | (sum >>> (32 - shift))) + onto) | 0;

function round1(): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  a = turn(((d ^ (b & (c ^ d))) + ((a + words[0] + 0xd76aa478) | 0)) | 0, 7, b);
  d = turn(((c ^ (a & (b ^ c))) + ((d + words[1] + 0xe8c7b756) | 0)) | 0, 12, a);
  c = turn(((b ^ (d & (a ^ b))) + ((c + words[2] + 0x242070db) | 0)) | 0, 17, d);
  b = turn(((a ^ (c & (d ^ a))) + ((b + words[3] + 0xc1bdceee) | 0)) | 0, 22, c);
  a = turn(((d ^ (b & (c ^ d))) + ((a + words[4] + 0xf57c0faf) | 0)) | 0, 7, b);
  d = turn(((c ^ (a & (b ^ c))) + ((d + words[5] + 0x4787c62a) | 0)) | 0, 12, a);
  c = turn(((b ^ (d & (a ^ b))) + ((c + words[6] + 0xa8304613) | 0)) | 0, 17, d);
  b = turn(((a ^ (c & (d ^ a))) + ((b + words[7] + 0xfd469501) | 0)) | 0, 22, c);
  a = turn(((d ^ (b & (c ^ d))) + ((a + words[8] + 0x698098d8) | 0)) | 0, 7, b);
  d = turn(((c ^ (a & (b ^ c))) + ((d + words[9] + 0x8b44f7af) | 0)) | 0, 12, a);
  c = turn(((b ^ (d & (a ^ b))) + ((c + words[10] + 0xffff5bb1) | 0)) | 0, 17, d);
  b = turn(((a ^ (c & (d ^ a))) + ((b + words[11] + 0x895cd7be) | 0)) | 0, 22, c);
  a = turn(((d ^ (b & (c ^ d))) + ((a + words[12] + 0x6b901122) | 0)) | 0, 7, b);
  d = turn(((c ^ (a & (b ^ c))) + ((d + words[13] + 0xfd987193) | 0)) | 0, 12, a);
  c = turn(((b ^ (d & (a ^ b))) + ((c + words[14] + 0xa679438e) | 0)) | 0, 17, d);
  b = turn(((a ^ (c & (d ^ a))) + ((b + words[15] + 0x49b40821) | 0)) | 0, 22, c);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function round2(): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  a = turn(((c ^ (d & (b ^ c))) + ((a + words[1] + 0xf61e2562) | 0)) | 0, 5, b);
  d = turn(((b ^ (c & (a ^ b))) + ((d + words[6] + 0xc040b340) | 0)) | 0, 9, a);
  c = turn(((a ^ (b & (d ^ a))) + ((c + words[11] + 0x265e5a51) | 0)) | 0, 14, d);
  b = turn(((d ^ (a & (c ^ d))) + ((b + words[0] + 0xe9b6c7aa) | 0)) | 0, 20, c);
  a = turn(((c ^ (d & (b ^ c))) + ((a + words[5] + 0xd62f105d) | 0)) | 0, 5, b);
  d = turn(((b ^ (c & (a ^ b))) + ((d + words[10] + 0x02441453) | 0)) | 0, 9, a);
  c = turn(((a ^ (b & (d ^ a))) + ((c + words[15] + 0xd8a1e681) | 0)) | 0, 14, d);
  b = turn(((d ^ (a & (c ^ d))) + ((b + words[4] + 0xe7d3fbc8) | 0)) | 0, 20, c);
  a = turn(((c ^ (d & (b ^ c))) + ((a + words[9] + 0x21e1cde6) | 0)) | 0, 5, b);
  d = turn(((b ^ (c & (a ^ b))) + ((d + words[14] + 0xc33707d6) | 0)) | 0, 9, a);
  c = turn(((a ^ (b & (d ^ a))) + ((c + words[3] + 0xf4d50d87) | 0)) | 0, 14, d);
  b = turn(((d ^ (a & (c ^ d))) + ((b + words[8] + 0x455a14ed) | 0)) | 0, 20, c);
  a = turn(((c ^ (d & (b ^ c))) + ((a + words[13] + 0xa9e3e905) | 0)) | 0, 5, b);
  d = turn(((b ^ (c & (a ^ b))) + ((d + words[2] + 0xfcefa3f8) | 0)) | 0, 9, a);
  c = turn(((a ^ (b & (d ^ a))) + ((c + words[7] + 0x676f02d9) | 0)) | 0, 14, d);
  b = turn(((d ^ (a & (c ^ d))) + ((b + words[12] + 0x8d2a4c8a) | 0)) | 0, 20, c);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function round3(): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  a = turn(((b ^ c ^ d) + ((a + words[5] + 0xfffa3942) | 0)) | 0, 4, b);
  d = turn(((a ^ b ^ c) + ((d + words[8] + 0x8771f681) | 0)) | 0, 11, a);
  c = turn(((d ^ a ^ b) + ((c + words[11] + 0x6d9d6122) | 0)) | 0, 16, d);
  b = turn(((c ^ d ^ a) + ((b + words[14] + 0xfde5380c) | 0)) | 0, 23, c);
  a = turn(((b ^ c ^ d) + ((a + words[1] + 0xa4beea44) | 0)) | 0, 4, b);
  d = turn(((a ^ b ^ c) + ((d + words[4] + 0x4bdecfa9) | 0)) | 0, 11, a);
  c = turn(((d ^ a ^ b) + ((c + words[7] + 0xf6bb4b60) | 0)) | 0, 16, d);
  b = turn(((c ^ d ^ a) + ((b + words[10] + 0xbebfbc70) | 0)) | 0, 23, c);
  a = turn(((b ^ c ^ d) + ((a + words[13] + 0x289b7ec6) | 0)) | 0, 4, b);
  d = turn(((a ^ b ^ c) + ((d + words[0] + 0xeaa127fa) | 0)) | 0, 11, a);
  c = turn(((d ^ a ^ b) + ((c + words[3] + 0xd4ef3085) | 0)) | 0, 16, d);
  b = turn(((c ^ d ^ a) + ((b + words[6] + 0x04881d05) | 0)) | 0, 23, c);
  a = turn(((b ^ c ^ d) + ((a + words[9] + 0xd9d4d039) | 0)) | 0, 4, b);
  d = turn(((a ^ b ^ c) + ((d + words[12] + 0xe6db99e5) | 0)) | 0, 11, a);
  c = turn(((d ^ a ^ b) + ((c + words[15] + 0x1fa27cf8) | 0)) | 0, 16, d);
  b = turn(((c ^ d ^ a) + ((b + words[2] + 0xc4ac5665) | 0)) | 0, 23, c);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function round4(): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  a = turn(((c ^ (b | ~d)) + ((a + words[0] + 0xf4292244) | 0)) | 0, 6, b);
  d = turn(((b ^ (a | ~c)) + ((d + words[7] + 0x432aff97) | 0)) | 0, 10, a);
  c = turn(((a ^ (d | ~b)) + ((c + words[14] + 0xab9423a7) | 0)) | 0, 15, d);
  b = turn(((d ^ (c | ~a)) + ((b + words[5] + 0xfc93a039) | 0)) | 0, 21, c);
  a = turn(((c ^ (b | ~d)) + ((a + words[12] + 0x655b59c3) | 0)) | 0, 6, b);
  d = turn(((b ^ (a | ~c)) + ((d + words[3] + 0x8f0ccc92) | 0)) | 0, 10, a);
  c = turn(((a ^ (d | ~b)) + ((c + words[10] + 0xffeff47d) | 0)) | 0, 15, d);
  b = turn(((d ^ (c | ~a)) + ((b + words[1] + 0x85845dd1) | 0)) | 0, 21, c);
  a = turn(((c ^ (b | ~d)) + ((a + words[8] + 0x6fa87e4f) | 0)) | 0, 6, b);
  d = turn(((b ^ (a | ~c)) + ((d + words[15] + 0xfe2ce6e0) | 0)) | 0, 10, a);
  c = turn(((a ^ (d | ~b)) + ((c + words[6] + 0xa3014314) | 0)) | 0, 15, d);
  b = turn(((d ^ (c | ~a)) + ((b + words[13] + 0x4e0811a1) | 0)) | 0, 21, c);
  a = turn(((c ^ (b | ~d)) + ((a + words[4] + 0xf7537e82) | 0)) | 0, 6, b);
  d = turn(((b ^ (a | ~c)) + ((d + words[11] + 0xbd3af235) | 0)) | 0, 10, a);
  c = turn(((a ^ (d | ~b)) + ((c + words[2] + 0x2ad7d2bb) | 0)) | 0, 15, d);
  b = turn(((d ^ (c | ~a)) + ((b + words[9] + 0xeb86d391) | 0)) | 0, 21, c);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}
