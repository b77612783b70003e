import type { MetaMarks } from '../protocol/meta-requests.ts';
import type { Ttl } from '../protocol/ttl.ts';
import type { CallOptions, ReadOptions, StoreOptions } from './call-options.ts';

/** What every command of `meta` may be given. */
export interface MetaCallOptions extends CallOptions {
  /** 1 to 31 characters of 0x21-0x7e that the answer must repeat (flag `O`). Default: none. */
  readonly opaque?: string | undefined;
  /** Hints for proxies, which memcached ignores (flags `P` and `L`, since 1.6.14). Default: none. */
  readonly proxy?: MetaMarks['proxy'];
}

/** A number of 64 bits above 0: a version or a clock of the caller's own, to be compared as a cas token. */
export type NewCas = bigint | string;

export interface InspectOptions extends ReadOptions {
  /** Reads the value too (flag `v`). Default false. */
  readonly value?: boolean | undefined;
  /** Gives the item a new ttl (flag `T`). Default: it keeps its own. */
  readonly touch?: Ttl | undefined;
  /**
   * Where there is no item, makes an empty one that lives for so many seconds, and answers it as `won` to the first who
   * asks, as `lost` to all others (flag `N`). Whole seconds, 1 to 2 592 000. Default: a miss is a miss.
   */
  readonly vivify?: number | undefined;
  /** Answers `won` to the first who asks when less than so many seconds are left (flag `R`). Default: it does not. */
  readonly recache?: number | undefined;
  /** Counts as a use of the item: its place among the lately used, `hitBefore`, `lastAccess`. Default false. */
  readonly bump?: boolean | undefined;
  /** Answers the value only if the item's token is another one (flag `C`, since 1.6.40). Default: always. */
  readonly unlessCas?: string | undefined;
  /** The token of an item that `vivify` makes (flag `E`, since 1.6.27). Default: the server's next one. */
  readonly newCas?: NewCas | undefined;
}

/** What a meta get can tell of an item. */
export type MetaFact = 'value' | 'size' | 'cas' | 'flags' | 'ttl' | 'lastAccess' | 'hitBefore';

export interface MetaGetOptions extends Omit<InspectOptions, 'value'>, MetaCallOptions {
  /** What is to be told. Default: everything. */
  readonly facts?: readonly MetaFact[] | undefined;
  /** Counts as a use of the item. Default true. */
  readonly bump?: boolean | undefined;
}

export interface MetaSetOptions extends Omit<StoreOptions, 'noreply'>, MetaCallOptions {
  /** Default `set`. */
  readonly mode?: 'set' | 'add' | 'append' | 'prepend' | 'replace' | undefined;
  /** Stores only in place of the item with this token (flag `C`). Not with `add`. Default: any. */
  readonly cas?: string | undefined;
  /** With `cas`: an older token than the item's stores the value as stale (flag `I`). Default false. */
  readonly invalidate?: boolean | undefined;
  /**
   * `append` and `prepend` make an item that is missing, with this ttl and the client flags of `flags`, else 0 (flag
   * `N`, since 1.6.20). Default: they do not.
   */
  readonly vivify?: Ttl | undefined;
  /** The item's token (flag `E`, since 1.6.27). Default: the server's next one. */
  readonly newCas?: NewCas | undefined;
  /** The item's client flags instead of the codec's, 0 to 4 294 967 295 (flag `F`). Default: the codec's. */
  readonly flags?: number | undefined;
  /** Answers the item's new token (flag `c`, since 1.6.13). Default false. */
  readonly returnCas?: boolean | undefined;
  /** Answers the item's size (flag `s`, since 1.6.21). Default false. */
  readonly returnSize?: boolean | undefined;
}

export interface MetaDeleteOptions extends MetaCallOptions {
  /** Removes only the item with this token (flag `C`). Default: any. */
  readonly cas?: string | undefined;
  /** Keeps the item and marks it stale (flag `I`). Default false. */
  readonly invalidate?: boolean | undefined;
  /** Keeps the item without its value and its client flags (flag `x`, since 1.6.27). Default false. */
  readonly keepItem?: boolean | undefined;
  /**
   * What an item that stays has left (flag `T`). Default: one marked stale keeps its ttl, one without its value has no
   * end.
   */
  readonly ttl?: Ttl | undefined;
  /** The token of an item that stays (flag `E`, since 1.6.27). Default: the server's. */
  readonly newCas?: NewCas | undefined;
}

export interface MetaArithmeticOptions extends MetaCallOptions {
  /** Default `incr`. */
  readonly mode?: 'incr' | 'decr' | undefined;
  /** 0 to 2^64 - 1 (flag `D`). Default 1. */
  readonly delta?: number | bigint | undefined;
  /** A missing counter is made and lives as long as this ttl says (flag `N`). Default: it stays missing. */
  readonly vivify?: Ttl | undefined;
  /** What a counter that `vivify` makes starts with; the delta is not added (flag `J`). Default 0. */
  readonly initial?: number | bigint | undefined;
  /**
   * The ttl of a counter that is there (flag `T`). Default: it keeps its own. memcached, 1.6.18 to 1.6.45 at least,
   * forgets it, and `newCas`, where the number comes to take more digits.
   */
  readonly ttl?: Ttl | undefined;
  /** Counts only at the item with this token (flag `C`). Default: any. */
  readonly cas?: string | undefined;
  /** The counter's new token (flag `E`, since 1.6.27). Default: the server's next one. */
  readonly newCas?: NewCas | undefined;
}
