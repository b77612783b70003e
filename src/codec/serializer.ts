import { C1, Packr } from 'msgpackr';
import { decodeError, encodeError } from './codec-errors.ts';

// int64AsType 'auto' (missing from the types): integers of other writers come as numbers while they are safe ones.
const OPTIONS = {
  useRecords: false,
  variableMapSize: true,
  moreTypes: true,
  copyBuffers: true,
  int64AsType: 'auto',
} as unknown as ConstructorParameters<typeof Packr>[0];

const packr = new Packr(OPTIONS);

/** msgpackr packs into one buffer of its module, value after value, and grows it for good. */
const TARGET_BYTES = 8192;
/** float64 -0; msgpackr writes the integer 0. */
const NEGATIVE_ZERO = Uint8Array.of(0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0);

/**
 * Packs a value. A bigint within the safe integers is read back as a number; a Map as a plain object; a lone
 * surrogate inside an object as U+FFFD characters; a class instance as a plain object.
 */
export function pack(value: unknown): Uint8Array {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  let packed: Uint8Array;
  try {
    packed = packr.pack(value);
  } catch {
    throw encodeError('the value cannot be packed as msgpack');
  }
  return packed.buffer.byteLength > TARGET_BYTES ? detachTarget(packed) : packed;
}

/** Small results would otherwise keep the whole grown target alive. */
function detachTarget(packed: Uint8Array): Uint8Array {
  const exact = Buffer.allocUnsafeSlow(packed.length);
  exact.set(packed);
  packr.useBuffer(Buffer.allocUnsafeSlow(TARGET_BYTES));
  return exact;
}

const view = { start: 0, end: 0 };

/** Unpacks a view; nothing in the value aliases it. */
export function unpack(bytes: Uint8Array, start: number, end: number): unknown {
  if (start === end) throw decodeError('the stored msgpack is empty');
  view.start = start;
  view.end = end;
  let value: unknown;
  try {
    value = packr.unpack(bytes, view);
  } catch {
    throw decodeError('the stored msgpack cannot be read');
  }
  // The byte that msgpack never uses is not refused by msgpackr, but handed out as an object of its own.
  if (value === C1) throw decodeError('the stored msgpack cannot be read');
  return value;
}
