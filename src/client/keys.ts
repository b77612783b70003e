import type { ServerSpec } from '../connection/address.ts';
import { ANY_CALL, type CallOptions, type CallRules, checkCall } from './call-options.ts';
import type { Key } from './read.ts';

/** What `keys` may be given. */
export interface KeysOptions extends Pick<CallOptions, 'signal'> {
  /** Milliseconds without a byte from the server after which the listing fails. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** The only server to ask, as in the option `servers`. Default: every one, in the order of `servers`. */
  readonly server?: ServerSpec | undefined;
  /**
   * What the server walks through: its lists of items by class (`all`), or its hash table, which misses none that
   * moves between lists meanwhile and is quicker (`hash`). Default `all`.
   */
  readonly from?: 'all' | 'hash' | undefined;
  /** `mgdump` tells keys alone, from memcached 1.6.19. Default `metadump`. */
  readonly form?: 'metadump' | 'mgdump' | undefined;
  /** Every key there is, as it is stored: those of other prefixes too. Default false. */
  readonly all?: boolean | undefined;
}

/** A key that a server has. */
export interface ListedKey {
  /** As a caller names it: text where its bytes can be, else a Buffer. */
  readonly key: Key;
  /** The address of the server that has it. */
  readonly server: string;
}

/** A key that a server has, and what it tells of its item. */
export interface KeyEntry extends ListedKey {
  /** When it expires; undefined where it does not. */
  readonly expires: Date | undefined;
  /** When it was last used, to the second. */
  readonly lastAccess: Date;
  /** The token that `cas` needs to replace just this value. */
  readonly cas: string;
  /** Whether it has been read since it was stored. */
  readonly fetched: boolean;
  /** The class of slabs it lies in. */
  readonly class: number;
  /** Bytes of the item, with key and header. */
  readonly size: number;
}

const oneOf = (...words: readonly string[]): CallRules[string] => ({
  legal: (value) => words.includes(value as string),
  what: words.map((word) => `'${word}'`).join(' or '),
});

const RULES: CallRules = {
  ...ANY_CALL,
  server: { legal: () => true, what: 'a server' },
  from: oneOf('all', 'hash'),
  form: oneOf('metadump', 'mgdump'),
  all: { legal: (value) => typeof value === 'boolean', what: 'true or false' },
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkKeysOptions(options: KeysOptions): void {
  checkCall(options, 'keys', RULES);
}
