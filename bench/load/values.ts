import { isDeepStrictEqual } from 'node:util';
import { Random } from '../support/random.ts';

/** What a value is in the caller's hands. */
export type ValueKind = 'string' | 'buffer' | 'object';
export const VALUE_KINDS: readonly ValueKind[] = ['string', 'buffer', 'object'];

/**
 * Values are random, so nothing compresses and every client moves the same bytes; they carry the number of their key,
 * so a swapped answer is seen. Objects are the exception: records such as services cache, which do compress.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

let text: Buffer = Buffer.alloc(0);

/** Longer ones begin with the shorter ones. */
function randomText(size: number): Buffer {
  if (text.length < size) {
    const random = new Random(1);
    text = Buffer.allocUnsafeSlow(size);
    for (let i = 0; i < size; i++) text[i] = ALPHABET.charCodeAt(random.bits() & 63);
  }
  return text.subarray(0, size);
}

export function bytesOfSize(size: number, index: number): Buffer {
  const bytes = Buffer.from(randomText(size));
  bytes.write(String(index).padStart(Math.min(8, size), '0').slice(-size), 'latin1');
  return bytes;
}

/** A record that is about `size` bytes as JSON. */
export function recordOfSize(size: number, index: number): object {
  const random = new Random(index + 1);
  const row = (): object => {
    const id = random.bits();
    return {
      id,
      name: `product ${id % 1000}`,
      price: (id % 10_000) / 100,
      inStock: id % 3 > 0,
      tags: ['new', 'sale'],
    };
  };
  const rows = Math.max(0, Math.round((size - 50) / JSON.stringify(row()).length));
  return { id: index, email: `user${index}@example.org`, rows: Array.from({ length: rows }, row) };
}

export function valueFor(kind: ValueKind, size: number, index: number): unknown {
  if (kind === 'object') return recordOfSize(size, index);
  const bytes = bytesOfSize(size, index);
  return kind === 'buffer' ? bytes : bytes.toString('latin1');
}

export function sameValue(stored: unknown, answered: unknown): boolean {
  if (Buffer.isBuffer(stored)) return answered instanceof Uint8Array && stored.equals(answered);
  return isDeepStrictEqual(stored, answered);
}

/** How much of a value is looked at while it is timed: its number, for that it was compared whole before. */
const NAME = 8;

/** Whether an answer is as long as the value stored, and bears the number of its key. */
export function namesItsKey(stored: unknown, answered: unknown): boolean {
  if (typeof stored === 'string') {
    if (typeof answered !== 'string' || answered.length !== stored.length) return false;
    for (let i = 0; i < NAME && i < stored.length; i++)
      if (answered.charCodeAt(i) !== stored.charCodeAt(i)) return false;
    return true;
  }
  if (Buffer.isBuffer(stored)) {
    if (!(answered instanceof Uint8Array) || answered.length !== stored.length) return false;
    for (let i = 0; i < NAME && i < stored.length; i++) if (answered[i] !== stored[i]) return false;
    return true;
  }
  return (answered as { id?: unknown } | null)?.id === (stored as { id?: unknown }).id;
}
