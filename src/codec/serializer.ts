import type { Packr, Unpackr } from 'msgpackr';
import { isMap } from 'node:util/types';
import { asBuffer } from '../primitives/bytes.ts';
import { cannotStore, decodeError } from './codec-errors.ts';
import { latePackage } from './late-package.ts';
import { GAVE_UP, readMsgpack } from './msgpack-reader.ts';
import { firstRefused, type Limits, unstorable } from './unstorable.ts';

// int64AsType 'auto' (missing from the types): integers of other writers come as numbers while they are safe ones.
const OPTIONS = {
  useRecords: false,
  variableMapSize: true,
  moreTypes: true,
  copyBuffers: true,
  int64AsType: 'auto',
} as unknown as ConstructorParameters<typeof Packr>[0];

interface Msgpack {
  readonly packr: Packr;
  readonly unpackr: Unpackr;
  readonly C1: unknown;
}

let loaded: Msgpack | undefined;

/** Loaded at the first value that needs it: with its addon it takes about as long as the rest of this package. */
const msgpack = (): Msgpack => (loaded ??= load());

/** Loads it now, so that no value has to wait for it. */
export function prepareMsgpack(): void {
  msgpack();
}

function load(): Msgpack {
  const { C1, Packr, Unpackr } = latePackage('msgpackr') as typeof import('msgpackr');
  const packr = new Packr(OPTIONS);
  // Functions would be written as undefined. msgpackr asks this, which its types do not know, for each it meets.
  Object.assign(packr, {
    writeFunction() {
      throw new TypeError('a function');
    },
  });
  Object.defineProperty(packr, 'mapAsEmptyObject', {
    get() {
      mapsMet++;
      return false;
    },
  });
  // msgpackr makes functions from text for records, which only it writes, and we do not: where nothing can be added, it
  // throws at the first definition. References within a value are refused as well.
  const unpackr = Object.assign(new Unpackr({ ...OPTIONS, structuredClone: false }), {
    structures: Object.freeze([]),
  });
  return { packr, unpackr, C1 };
}

/**
 * A Map is read back as an object, so an object for a key makes an item that nobody can read. msgpackr lets nobody look
 * at keys, but it asks about an option whenever it meets a Map: only then the value is looked through.
 */
let mapsMet = 0;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const MAP_KEYS: Limits = {
  cycles: false,
  standsFor: ofClass,
  refuses: (value) =>
    isMap(value) && [...value.keys()].some(isObject) ? 'a Map with objects for keys' : undefined,
};

const MSGPACK_LIMITS: Limits = {
  ...MAP_KEYS,
  refuses: (value) => (isNameless(value) ? `a ${typeof value}` : MAP_KEYS.refuses(value)),
};

const isNameless = (value: unknown): boolean =>
  typeof value === 'function' || typeof value === 'symbol';

/** msgpackr asks the `toJSON` of class instances, not of plain objects. */
function ofClass(value: object): unknown {
  const { constructor, toJSON } = value as { constructor: unknown; toJSON?: unknown };
  const plain = constructor === Object || constructor === Array || constructor === Map;
  return plain || typeof toJSON !== 'function' ? value : (toJSON.call(value) as unknown);
}

/** msgpackr packs into one buffer of its module, value after value, and grows it for good. */
const TARGET_BYTES = 8192;
/** float64 -0; msgpackr writes the integer 0. */
const NEGATIVE_ZERO = Uint8Array.of(0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0);

/**
 * Packs a value. A bigint within the safe integers is read back as a number; a Map as a plain object; a lone
 * surrogate inside an object as U+FFFD characters; a class instance as a plain object. Functions, symbols, cycles and
 * Maps with objects for keys are refused, wherever they stand.
 */
export function pack(value: unknown): Uint8Array {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  const { packr } = msgpack();
  let packed: Uint8Array;
  const before = mapsMet;
  try {
    packed = packr.pack(value);
  } catch (error) {
    throw unstorable(value, error, MSGPACK_LIMITS);
  }
  if (mapsMet !== before) {
    const refused = firstRefused(value, MAP_KEYS);
    if (refused !== undefined) throw cannotStore(refused);
  }
  return packed.buffer.byteLength > TARGET_BYTES ? detachTarget(packed) : packed;
}

/** Small results would otherwise keep the whole grown target alive. */
function detachTarget(packed: Uint8Array): Uint8Array {
  const exact = Buffer.allocUnsafeSlow(packed.length);
  exact.set(packed);
  msgpack().packr.useBuffer(Buffer.allocUnsafeSlow(TARGET_BYTES));
  return exact;
}

const view = { start: 0, end: 0 };

/** Unpacks a view; nothing in the value aliases it. What is not plain data, and every error, is msgpackr's. */
export function unpack(bytes: Uint8Array, start: number, end: number): unknown {
  if (start === end) throw decodeError('the stored msgpack is empty');
  const data = readMsgpack(asBuffer(bytes), start, end);
  return data === GAVE_UP ? unpackAny(bytes, start, end) : data;
}

/** The byte that msgpack never uses is not refused by msgpackr, but handed out as an object of its own, C1. */
const NEVER_USED = 0xc1;

function holds(value: unknown, sought: unknown): boolean {
  const refuses = (inside: unknown): string | undefined => (inside === sought ? 'it' : undefined);
  return firstRefused(value, { cycles: true, standsFor: (node) => node, refuses }) !== undefined;
}

function unpackAny(bytes: Uint8Array, start: number, end: number): unknown {
  const { unpackr, C1 } = msgpack();
  view.start = start;
  view.end = end;
  let value: unknown;
  try {
    value = unpackr.unpack(bytes, view) as unknown;
  } catch {
    throw decodeError('the stored msgpack cannot be read');
  }
  if (asBuffer(bytes).subarray(start, end).includes(NEVER_USED) && holds(value, C1))
    throw decodeError('the stored msgpack cannot be read');
  return value;
}
