import { recordOfSize, sameValue, valueFor } from '../load/values.ts';

export type FamilyName = 'small' | 'record' | 'large' | 'loaded' | 'ofView';

/** A family of keys whose values are of one kind. */
interface Family {
  readonly keys: number;
  /** Of the values: bytes, or about so many as JSON. */
  readonly sizes: readonly [least: number, most: number];
  make(key: string, version: number, size: number): unknown;
  /** The version a value says it is; NaN if it says nothing of the kind. */
  versionOf(value: unknown, key: string): number;
}

const mark = (key: string, version: number): string => `${key}#${version}#`;

function versionOfText(text: string, key: string): number {
  return text.startsWith(`${key}#`) ? Number.parseInt(text.slice(key.length + 1), 10) : Number.NaN;
}

const text: Omit<Family, 'keys' | 'sizes'> = {
  make: (key, version, size) =>
    [mark(key, version), valueFor('string', size, version), mark(key, version)].join(''),
  versionOf: (value, key) => (typeof value === 'string' ? versionOfText(value, key) : Number.NaN),
};

const bytes: Omit<Family, 'keys' | 'sizes'> = {
  make: (key, version, size) =>
    Buffer.concat([
      Buffer.from(mark(key, version)),
      valueFor('buffer', size, version) as Uint8Array,
      Buffer.from(mark(key, version)),
    ]),
  versionOf: (value, key) =>
    value instanceof Uint8Array
      ? versionOfText(Buffer.from(value.subarray(0, 64)).toString('latin1'), key)
      : Number.NaN,
};

const record: Omit<Family, 'keys' | 'sizes'> = {
  make: (key, version, size) => ({ key, version, ...recordOfSize(size, version) }),
  versionOf: (value, key) => {
    const said = value as { key?: unknown; version?: unknown } | null;
    if (typeof said !== 'object' || said?.key !== key) return Number.NaN;
    return Number(said.version);
  },
};

/** Few enough that the servers and this process hold the same amount all the time. */
const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  small: { ...text, keys: 2000, sizes: [10, 300] },
  record: { ...record, keys: 200, sizes: [1500, 9000] },
  large: { ...bytes, keys: 40, sizes: [20_000, 300_000] },
  loaded: { ...text, keys: 50, sizes: [10, 300] },
  ofView: { ...text, keys: 100, sizes: [10, 300] },
};

/** Steps through the sizes without a pattern that the load would share. */
const STRIDE = 7919;

/**
 * What the soak stores. Every value names its key and which of the values of that key it is, and the rest of it follows
 * from these: one that is another key's, torn, or never was stored is known by itself. An old one is not: a server that
 * was out or a stand-in may have it.
 */
export class Stock {
  readonly #issued = new Map<string, number>();

  key(family: FamilyName, number: number): string {
    return `${family}:${number % FAMILIES[family].keys}`;
  }

  /** A value nobody has seen yet. */
  next(family: FamilyName, key: string): unknown {
    const version = (this.#issued.get(key) ?? 0) + 1;
    this.#issued.set(key, version);
    return this.#value(family, key, version);
  }

  /** Whether a value was made for that key. */
  isOf(family: FamilyName, key: string, value: unknown): boolean {
    const version = FAMILIES[family].versionOf(value, key);
    if (!(version >= 1 && version <= (this.#issued.get(key) ?? 0))) return false;
    return sameValue(this.#value(family, key, version), value);
  }

  #value(family: FamilyName, key: string, version: number): unknown {
    const { make, sizes } = FAMILIES[family];
    const [least, most] = sizes;
    // A few sizes: each is a block of random bytes that is kept.
    const size = least + ((version * STRIDE) % 16) * Math.floor((most - least) / 16);
    return make(key, version, size);
  }
}
