import type { MemcacheError } from '../errors.ts';

/** What somebody who wants a value finds under its key, and how the item stands towards those who would renew it. */
export interface Look {
  /**
   * - `value`: there is one.
   * - `nothing`: it is remembered that there is none.
   * - `empty`: neither; at most a placeholder for what somebody has gone to load.
   * - `unreadable`: an item that nobody here can decode.
   */
  kind: 'value' | 'nothing' | 'empty' | 'unreadable';
  /** Undefined but for the kind `value`. */
  value: unknown;
  /** It has outlived its ttl, or was invalidated, and is kept for those who would rather not wait. */
  readonly stale: boolean;
  /** Whoever sees this is the one to renew it. */
  readonly won: boolean;
  /** Somebody else is. */
  readonly lost: boolean;
  /** Stands for the item as it was seen: only with it may it be replaced. '' where it is not known. */
  readonly lease: string;
  /** Why it is unreadable, where that counts as a failure of the cache. */
  readonly failure?: MemcacheError;
}

/** Whether a caller can be given something without anything being loaded. */
export const isThere = ({ kind }: Look): boolean => kind === 'value' || kind === 'nothing';
