import { base64Text, isBase64, type WireKey } from './key.ts';
import { isSince, STABLE_META, type Version } from './version.ts';

/*
 * Meta requests: `b` says that the key is base64, `k` asks for the key in the answer. Flags are those of the stable
 * form, memcached 1.6.10 and later. `HD` is done, `EN` and `NF` not found, `NS` not stored, `EX` changed since.
 */

const MODES = { set: 'S', add: 'E', replace: 'R', append: 'A', prepend: 'P', cas: 'S' } as const;

/** What a store says beside its key and its bytes. */
export interface MetaStore {
  readonly verb: keyof typeof MODES;
  readonly flags: number;
  readonly exptime: number;
  readonly length: number;
  readonly cas: string | undefined;
}

/** `ms <key> <length> <b or k> F<flags> T<exptime> M<mode>[ C<cas>]\r\n<data>\r\n`, answered `HD`, `NS`, `EX` or `NF`. */
export function metaStore(key: WireKey, store: MetaStore): string {
  const compare = store.cas === undefined ? '' : ` C${store.cas}`;
  const flags = `F${store.flags} T${store.exptime} M${MODES[store.verb]}${compare}`;
  const { length } = store;
  return `ms ${isBase64(key) ? `${base64Text(key)} ${length} b` : `${key} ${length} k`} ${flags}`;
}

/** `md <key> <b or k>\r\n`, answered `HD` or `NF`. */
export const metaDelete = (key: WireKey): string =>
  isBase64(key) ? `md ${base64Text(key)} b` : `md ${key} k`;

/** `mg <key> b T<exptime>\r\n`, answered `HD` or `EN`. */
export const metaTouch = (key: WireKey, exptime: number): string =>
  `mg ${base64Text(key)} b T${exptime}`;

/** `ma <key>[ b] M<I or D> D<delta> v k\r\n`, answered `VA <length> k<key>[ b]` with the digits, or `NF[ k<key>[ b]]`. */
export function metaCount(verb: 'incr' | 'decr', key: WireKey, delta: bigint): string {
  const named = isBase64(key) ? `${base64Text(key)} b` : key;
  return `ma ${named} M${verb === 'incr' ? 'I' : 'D'} D${delta} v k`;
}

/** What any meta command may carry beside its own flags. */
export interface MetaMarks {
  /** `O`: 1 to 31 characters of 0x21-0x7e that the answer repeats. */
  readonly opaque?: string | undefined;
  /** `P` and `L`: for proxies on the way, no concern of the server's. Since 1.6.14. */
  readonly proxy?:
    | {
        /** The token of flag P. */
        readonly P?: string | undefined;
        /** The token of flag L. */
        readonly L?: string | undefined;
      }
    | undefined;
}

/** `md <key> k[ <flag>]*\r\n`, answered `HD`, `NF` or `EX`. */
export interface MetaDelete extends MetaMarks {
  readonly verb: 'md';
  readonly key: WireKey;
  /** `C`: only the item with this token. */
  readonly cas?: string | undefined;
  /** `I`: the item stays and is marked stale; the next `mg` is the one that wins. */
  readonly invalidate?: boolean | undefined;
  /** `T`: what an item that stays has left. */
  readonly exptime?: number | undefined;
  /** `x`: the item stays without its value and its flags. Since 1.6.27. */
  readonly keepItem?: boolean | undefined;
  /** `E`: the token of an item that stays. Since 1.6.27. */
  readonly newCas?: string | undefined;
}

/** `ma <key> k M<I or D> D<delta>[ <flag>]* v c t\r\n`, answered `VA` with the digits, `NF`, `EX` or `NS`. */
export interface MetaArithmetic extends MetaMarks {
  readonly verb: 'ma';
  readonly key: WireKey;
  readonly mode: 'incr' | 'decr';
  readonly delta: bigint;
  /** `C`: only the item with this token. */
  readonly cas?: string | undefined;
  /** `N` and `J`: a missing counter is made with this exptime and value; its client flags are 0. */
  readonly vivify?: number | undefined;
  readonly initial?: bigint | undefined;
  /** `T`: the counter's new exptime. */
  readonly exptime?: number | undefined;
  /** `E`: the counter's next token. Since 1.6.27. */
  readonly newCas?: string | undefined;
}

/** `ms <key> <length> k F<flags> M<mode>[ <flag>]*\r\n<data>\r\n`, answered `HD`, `NS`, `EX` or `NF`. */
export interface MetaSet extends MetaMarks {
  readonly mode: Exclude<keyof typeof MODES, 'cas'>;
  /** `T`; nothing for an item that keeps its own. */
  readonly exptime?: number | undefined;
  /** `C`: only in place of the item with this token. */
  readonly cas?: string | undefined;
  /** `I`: an older token than the item's stores the value as stale. */
  readonly invalidate?: boolean | undefined;
  /** `N`: what `append` and `prepend` do not find is made, with this exptime. Since 1.6.20. */
  readonly vivify?: number | undefined;
  /** `E`: the item's token. Since 1.6.27. */
  readonly newCas?: string | undefined;
  /** `c`: the answer says the new token. Right since 1.6.13. */
  readonly returnCas?: boolean | undefined;
  /** `s`: the answer says the item's size. Right since 1.6.21. */
  readonly returnSize?: boolean | undefined;
}

/** A meta command of one line about one key; its server makes the line. */
export type MetaRequest = MetaDelete | MetaArithmetic;

/** A line without its end, and the first release that knows all of it. */
export interface MetaLine {
  readonly text: string;
  readonly since: Version;
}

/** Flags that came after the stable form, by what they do. */
type LateFlag =
  'returnCas' | 'proxy' | 'vivifyAppend' | 'returnSize' | 'newCas' | 'keepItem' | 'unlessCas';

/** The first release that has a flag, and has it right. */
export const META_SINCE: Readonly<Record<LateFlag, Version>> = {
  /** `c` of `ms`. */
  returnCas: [1, 6, 13],
  /** `P` and `L`. */
  proxy: [1, 6, 14],
  /** `N` of `ms`. */
  vivifyAppend: [1, 6, 20],
  /** `s` of `ms`. */
  returnSize: [1, 6, 21],
  /** `E`. */
  newCas: [1, 6, 27],
  /** `x`. */
  keepItem: [1, 6, 27],
  /** `C` of `mg`. */
  unlessCas: [1, 6, 40],
};

/** Flags in a row, and the release that brought the latest of them. */
export class FlagLine {
  text: string;
  since: Version = STABLE_META;

  constructor(begin: string) {
    this.text = begin;
  }

  flag(letter: string, given: boolean | undefined, since?: Version): this {
    if (given === true) this.#add(letter, since);
    return this;
  }

  token(letter: string, token: string | number | bigint | undefined, since?: Version): this {
    if (token !== undefined) this.#add(`${letter}${token}`, since);
    return this;
  }

  marks({ opaque, proxy }: MetaMarks): this {
    const since = META_SINCE.proxy;
    return this.token('O', opaque).token('P', proxy?.P, since).token('L', proxy?.L, since);
  }

  #add(text: string, since: Version = STABLE_META): void {
    this.text += this.text === '' ? text : ` ${text}`;
    if (isSince(since, this.since)) this.since = since;
  }
}

/** The line of a request whose numbers and tokens have been checked. */
export function metaLine(request: MetaRequest): MetaLine {
  const { verb, key } = request;
  const line = new FlagLine(`${verb} ${isBase64(key) ? `${base64Text(key)} b` : key} k`);
  if (verb === 'md') deleteFlags(line, request);
  else arithmeticFlags(line, request);
  return line.marks(request);
}

function deleteFlags(line: FlagLine, request: MetaDelete): void {
  const { cas, invalidate, exptime, keepItem, newCas } = request;
  line
    .token('C', cas)
    .flag('I', invalidate)
    .token('T', exptime)
    .flag('x', keepItem, META_SINCE.keepItem)
    .token('E', newCas, META_SINCE.newCas);
}

/** In the order in which the server does them: a counter that is made takes the exptime of `N`; what is told comes last. */
function arithmeticFlags(line: FlagLine, request: MetaArithmetic): void {
  const { mode, delta, cas, vivify, initial, exptime, newCas } = request;
  line
    .token('M', mode === 'incr' ? 'I' : 'D')
    .token('D', delta)
    .token('C', cas)
    .token('T', exptime)
    .token('N', vivify)
    .token('J', initial)
    .token('E', newCas, META_SINCE.newCas)
    .flag('v', true)
    .flag('c', true)
    .flag('t', true);
}

/** The header line of a store whose numbers and tokens have been checked. */
export function metaSetLine(
  key: WireKey,
  length: number,
  flags: number,
  request: MetaSet,
): MetaLine {
  const { mode, exptime, cas, invalidate, vivify, newCas, returnCas, returnSize } = request;
  return new FlagLine(
    `ms ${isBase64(key) ? `${base64Text(key)} ${length} b` : `${key} ${length}`} k`,
  )
    .token('F', flags)
    .token('M', MODES[mode])
    .token('T', exptime)
    .token('C', cas)
    .flag('I', invalidate)
    .token('N', vivify, META_SINCE.vivifyAppend)
    .token('E', newCas, META_SINCE.newCas)
    .flag('c', returnCas, META_SINCE.returnCas)
    .flag('s', returnSize, META_SINCE.returnSize)
    .marks(request);
}
