import * as fc from 'fast-check';
import { types } from 'node:util';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CodecName } from '../../src/codec/codec-name.ts';
import {
  type Compressor,
  COMPRESSOR_NAMES,
  type CompressorName,
} from '../../src/codec/compressor.ts';
import { hasZstd } from '../../src/codec/zstd.ts';

const text = fc.string({ unit: 'binary', maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  // Node 20 takes no invalid date for equal to another; that one has a test of its own.
  fc.date({ noInvalidDate: true }),
  bytes,
  fc.float32Array({ maxLength: 20 }),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
    .filter((n) => n > 2n ** 53n || n < -(2n ** 53n)),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      {
        maxKeys: 8,
        noNullPrototype: true,
      },
    ),
  ),
}));

/** Long enough, often, to be compressed. */
const stretched = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.integer({ min: 1, max: 200 }))
    .map(([value, times]) => (typeof value === 'string' ? value.repeat(times) : value));

/** Objects that contain themselves. */
const cyclic = fc.dictionary(text, fc.integer(), { noNullPrototype: true }).map((object) => {
  const inner = new Map<unknown, unknown>([['up', object]]);
  return Object.assign(object, { inner, list: [object, inner] });
});

const cloneable = fc.oneof(
  fc
    .anything({
      withBigInt: true,
      withBoxedValues: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    })
    .filter((value) => value !== undefined && !isBoxedZero(value)),
  cyclic,
  fc.tuple(fc.bigInt(), fc.date({ noInvalidDate: true }), bytes),
  fc.bigInt(),
  text,
);

/** What each codec accepts. */
export const ACCEPTED: Readonly<Record<CodecName, fc.Arbitrary<unknown>>> = {
  msgpack: stretched(anyValue),
  json: stretched(
    fc.oneof(
      fc.jsonValue(),
      text,
      bytes,
      fc.integer(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
  ),
  string: stretched(text),
  buffer: bytes,
  v8: stretched(cloneable),
};

export const key: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.uint8Array({ minLength: 1 }),
);

/** A boxed 0 may be -0, which structured clones keep and comparisons do not tell. */
function isBoxedZero(value: unknown): boolean {
  return types.isNumberObject(value) && value.valueOf() === 0;
}

/** What a codec gives back for a value it accepts. */
export function givenBack(codec: CodecName, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (codec === 'v8') return value;
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (codec === 'json' && typeof value !== 'string' && typeof value !== 'bigint')
    return JSON.parse(JSON.stringify(value)) as unknown;
  return value;
}

/** msgpackr has one integer zero inside objects; at the top level -0 is kept. */
export function withoutMinusZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, inner]) => [name, withoutMinusZero(inner)]),
  );
}

const OWN_COMPRESSOR: Compressor = {
  compress: (plain) => deflateRawSync(plain),
  decompress: (packed, maxBytes) => inflateRawSync(packed, { maxOutputLength: maxBytes }),
};

/** Those this Node.js has, by what a test is to call them. */
export const COMPRESSORS: Readonly<Record<string, CompressorName | 'none' | Compressor>> = {
  none: 'none',
  own: OWN_COMPRESSOR,
  ...Object.fromEntries(
    COMPRESSOR_NAMES.filter((name) => name !== 'zstd' || hasZstd).map((name) => [name, name]),
  ),
};
