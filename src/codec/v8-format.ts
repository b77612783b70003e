import * as types from 'node:util/types';
import { DefaultDeserializer, type Deserializer, serialize } from 'node:v8';
import type { MemcacheError } from '../errors.ts';
import { cannotStore, decodeError } from './codec-errors.ts';
import { type Limits, unstorable } from './unstorable.ts';
import { isSound } from './v8-check.ts';

const HOMELESS: readonly ((value: unknown) => boolean)[] = [
  types.isPromise,
  types.isProxy,
  types.isWeakMap,
  types.isWeakSet,
  types.isSharedArrayBuffer,
  types.isGeneratorObject,
  types.isExternal,
  (value) => value instanceof WeakRef,
];

const V8_LIMITS: Limits = {
  cycles: true,
  standsFor: (value) => value,
  refuses(value) {
    if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
    return HOMELESS.some((isKind) => isKind(value)) ? 'an object that cannot be cloned' : undefined;
  },
};

/** As structured clones have it: cycles, Map, Set, Error, RegExp, -0, holes; a class instance as a plain object. */
export function serializeV8(value: unknown, maxBytes: number): Buffer {
  let bytes: Buffer;
  try {
    bytes = serialize(value);
  } catch (error) {
    throw unstorable(value, error, V8_LIMITS);
  }
  // What is not known here would be found only when it is read.
  if (isSound(bytes, maxBytes)) return bytes;
  throw cannotStore(
    "v8 serializes it in a way that could not be read with this 'maxDecompressedBytes'",
  );
}

/** Public, and missing from the types. */
const NodeReader = DefaultDeserializer as unknown as new (
  bytes: Buffer,
) => Deserializer & { _readHostObject(): ArrayBufferView };

/**
 * Node's own answers bytes and arrays of numbers as views of what it reads, or, where that does not fit, of its pool of
 * memory: whoever has one would see other items in there.
 */
class Reader extends NodeReader {
  readonly #memory: ArrayBufferLike;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#memory = bytes.buffer;
  }

  override _readHostObject(): ArrayBufferView {
    // oxlint-disable-next-line no-underscore-dangle -- Node's name
    const view = super._readHostObject();
    if (view.buffer === this.#memory) return view;
    const { buffer, byteOffset, byteLength, constructor } = view;
    const memory = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    return new (constructor as DataViewConstructor)(memory);
  }
}

/** Bytes inside the value are views of memory that nothing else stands in. */
export function deserializeV8(view: Buffer, maxBytes: number): unknown {
  if (!isSound(view, maxBytes)) throw unreadableV8();
  const bytes = Buffer.allocUnsafeSlow(view.length);
  bytes.set(view);
  const reader = new Reader(bytes);
  try {
    reader.readHeader();
    return reader.readValue() as unknown;
  } catch {
    throw unreadableV8();
  }
}

/** Whether what this Node.js writes is what is understood here. */
export const knowsV8 = (): boolean => isSound(serialize([null]), 0);

const unreadableV8 = (): MemcacheError => decodeError('the stored v8 value cannot be read');
