import { createRequire } from 'node:module';

// As the client loads it: what it makes of a byte that means nothing is of a class that each of its builds has anew.
const { C1, Packr, Unpackr } = createRequire(import.meta.url)(
  'msgpackr',
) as typeof import('msgpackr');

const OPTIONS = {
  useRecords: false,
  variableMapSize: true,
  moreTypes: true,
  copyBuffers: true,
  int64AsType: 'auto',
} as unknown as ConstructorParameters<typeof Packr>[0];

const packr = new Packr(OPTIONS);
const unpackr = Object.assign(new Unpackr({ ...OPTIONS, structuredClone: false }), {
  structures: Object.freeze([]),
});

export const packed = (value: unknown): Buffer => Buffer.from(packr.pack(value));

/** What it answers where msgpackr throws. */
export const REFUSED: unique symbol = Symbol('refused');

/** What msgpackr alone, with our options, makes of an item. */
export function reference(item: Buffer): unknown {
  try {
    // It finds the bytes behind the end of a view if there are any.
    const value = unpackr.unpack(Buffer.from(item)) as unknown;
    return value === C1 ? REFUSED : value;
  } catch {
    return REFUSED;
  }
}
