import { isDeepStrictEqual } from 'node:util';
import { Random } from '../support/random.ts';
import type { ValueKind } from './load-case.ts';

/**
 * Values are random, so nothing compresses and every client moves the same bytes; they carry the number of their key,
 * so a swapped answer is seen. Objects are the exception: records such as services cache, which do compress.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const blocks = new Map<number, Buffer>();

function randomText(size: number): Buffer {
  let block = blocks.get(size);
  if (block === undefined) {
    const random = new Random(size);
    block = Buffer.allocUnsafeSlow(size);
    for (let i = 0; i < size; i++) block[i] = ALPHABET.charCodeAt(random.bits() & 63);
    blocks.set(size, block);
  }
  return block;
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
