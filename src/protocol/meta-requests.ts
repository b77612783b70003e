import { base64Text, type WireKey } from './key.ts';

/*
 * Requests for keys that only a meta command can carry: `b` says that the key is base64. Flags are those of the
 * stable form, memcached 1.6.10 and later. `HD` is done, `EN` and `NF` not found, `NS` not stored, `EX` changed since.
 */

/** `mg <key> b v f k[ c]\r\n`, answered `VA <length> f<flags> k<key>[ c<cas>] b` with the bytes, or `EN[ k<key> b]`. */
export function metaGet(key: WireKey, withCas: boolean): string {
  return `mg ${base64Text(key)} b v f k${withCas ? ' c' : ''}`;
}

const MODES = { set: 'S', add: 'E', replace: 'R', append: 'A', prepend: 'P', cas: 'S' } as const;

/** What a store says beside its key and its bytes. */
export interface MetaStore {
  readonly verb: keyof typeof MODES;
  readonly flags: number;
  readonly exptime: number;
  readonly length: number;
  readonly cas: string | undefined;
}

/** `ms <key> <length> b F<flags> T<exptime> M<mode>[ C<cas>]\r\n<data>\r\n`, answered `HD`, `NS`, `EX` or `NF`. */
export function metaStore(key: WireKey, store: MetaStore): string {
  const compare = store.cas === undefined ? '' : ` C${store.cas}`;
  const flags = `b F${store.flags} T${store.exptime} M${MODES[store.verb]}${compare}`;
  return `ms ${base64Text(key)} ${store.length} ${flags}`;
}

/** `md <key> b\r\n`, answered `HD` or `NF`. */
export const metaDelete = (key: WireKey): string => `md ${base64Text(key)} b`;

/** `mg <key> b T<exptime>\r\n`, answered `HD` or `EN`. */
export const metaTouch = (key: WireKey, exptime: number): string =>
  `mg ${base64Text(key)} b T${exptime}`;

/** `ma <key> b M<I or D> D<delta> v k\r\n`, answered `VA <length> k<key> b` with the digits, or `NF[ k<key> b]`. */
export function metaCount(verb: 'incr' | 'decr', key: WireKey, delta: bigint): string {
  return `ma ${base64Text(key)} b M${verb === 'incr' ? 'I' : 'D'} D${delta} v k`;
}
