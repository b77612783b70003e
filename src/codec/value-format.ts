import { kindOf } from '../primitives/kind.ts';
import { cannotStore, encodeError } from './codec-errors.ts';
import { BYTES, INTEGER, TEXT } from './flags.ts';
import { parseJson } from './json-text.ts';
import { decodePlain } from './plain.ts';

/** Bytes to value. Unless the bytes are `owned`, the value never aliases them. */
export type Read = (bytes: Buffer, start: number, end: number, owned: boolean) => unknown;

/** An item before compression. */
export interface ForeignItem {
  readonly flags: number;
  readonly data: string | Uint8Array;
  /** Never compressed: the server is to count it, or the format's readers would not look for compression. */
  readonly whole?: boolean;
}

/** How a format marks and makes compressed items. */
export interface ForeignCompression {
  /** All flags that speak of compression. */
  readonly mask: number;
  /** Those of them that are set when an item is compressed as below; any other pattern is unreadable. */
  readonly flags: number;
  compress(bytes: Uint8Array): Uint8Array;
  /** Answers an own buffer of at most `maxBytes`, or throws. */
  decompress(view: Buffer, maxBytes: number): Buffer;
}

/** What another client understands. */
export interface ForeignFormat {
  /** The flags that count; others are somebody else's and not looked at. */
  readonly mask: number;
  readonly compression?: ForeignCompression;
  /** By what is left of the flags without compression. Flags that are not here are unreadable. */
  readonly readers: Readonly<Record<number, Read | undefined>>;
  /** Throws encodeError for what the format has no place for. Never sees undefined, functions or symbols. */
  write(value: unknown): ForeignItem;
}

export const readBytes: Read = (bytes, start, end, owned) =>
  decodePlain(BYTES, bytes, start, end, owned);
export const readText: Read = (bytes, start, end, owned) =>
  decodePlain(TEXT, bytes, start, end, owned);
export const readInteger: Read = (bytes, start, end, owned) =>
  decodePlain(INTEGER, bytes, start, end, owned);
export const readJson: Read = (bytes, start, end) =>
  parseJson(readText(bytes, start, end, false) as string);

/** Text as it is. A lone surrogate is refused: no UTF-8 brings it back. */
export function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw cannotStore('text with a lone surrogate has no UTF-8');
}

/** A number that is whole and exact, so that its digits are all there is to it. -0 is none: digits lose its sign. */
export function isWhole(value: unknown): value is number | bigint {
  if (typeof value === 'bigint') return true;
  return typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0);
}

const LEAST_LONG = -(2n ** 63n);
const LARGEST_LONG = 2n ** 63n - 1n;

/** Whether a whole number fits a signed integer of 64 bits. */
export function isLong(value: number | bigint): boolean {
  return typeof value === 'number' || (value >= LEAST_LONG && value <= LARGEST_LONG);
}

/** undefined, functions and symbols have no place in any format. */
export function refuseMeaningless(value: unknown): void {
  if (value === undefined) throw cannotStore('undefined means a miss');
  if (typeof value === 'function' || typeof value === 'symbol') throw cannotStore(kindOf(value));
}

/** The codecs of one kind store only that. */
export function refuseOther(codec: unknown, value: unknown): void {
  const text = codec === 'string';
  if (!text && codec !== 'buffer') return;
  if (text ? typeof value === 'string' : value instanceof Uint8Array) return;
  const only = text ? 'text' : 'bytes';
  throw cannotStore(`codec '${codec}' stores only ${only}, not ${kindOf(value)}`);
}

/** `carries` as it reads after "stores". */
export function refuseForeign(format: string, carries: string, value: unknown): never {
  throw encodeError(
    `format '${format}' stores ${carries}, not ${kindOf(value)}; for others pass codec: 'json'`,
  );
}
