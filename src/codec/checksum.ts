import { crc32 } from 'node:zlib';
import { ChecksumMismatchError } from './codec-errors.ts';

/** crc32 of the stored bytes followed by the key's, u32 LE, in front of the stored bytes. */
export const CHECKSUM_BYTES = 4;

export type Key = string | Uint8Array;

/** The key is part of it, so that an item answered under another key is found out. */
function checksumOf(stored: Uint8Array, key: Key): number {
  return crc32(key, crc32(stored));
}

export function seal(data: string | Uint8Array, key: Key): Buffer {
  const text = typeof data === 'string';
  const sealed = Buffer.allocUnsafe(
    CHECKSUM_BYTES + (text ? Buffer.byteLength(data) : data.length),
  );
  if (text) sealed.write(data, CHECKSUM_BYTES);
  else sealed.set(data, CHECKSUM_BYTES);
  sealed.writeUInt32LE(checksumOf(sealed.subarray(CHECKSUM_BYTES), key), 0);
  return sealed;
}

/** Checks a sealed view, throws when it is broken; what it holds starts CHECKSUM_BYTES further on. */
export function checkSeal(view: Buffer, key: Key): void {
  const whole = view.length >= CHECKSUM_BYTES;
  if (!whole || view.readUInt32LE(0) !== checksumOf(view.subarray(CHECKSUM_BYTES), key)) {
    throw new ChecksumMismatchError();
  }
}
