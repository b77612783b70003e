import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { MemcacheError } from '../errors.ts';
import { cannotStore, decodeError } from './codec-errors.ts';
import { copyBytes } from './plain.ts';
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

/** Bytes inside the value are views of what it is read from, so that has to be the caller's to keep. */
export function deserializeV8(view: Buffer, owned: boolean, maxBytes: number): unknown {
  if (!isSound(view, maxBytes)) throw unreadableV8();
  const bytes = owned ? view : copyBytes(view, 0, view.length);
  try {
    return deserialize(bytes) as unknown;
  } catch {
    throw unreadableV8();
  }
}

/** Whether what this Node.js writes is what is understood here. */
export const knowsV8 = (): boolean => isSound(serialize([null]), 0);

const unreadableV8 = (): MemcacheError => decodeError('the stored v8 value cannot be read');
