import { boolean, decimal, type Rule } from '../../config/check.ts';
import { IllegalInputError } from '../../errors.ts';
import { checkOptions } from '../checked-options.ts';

/** How a Keyv is stored. */
export interface KeyvMemvolleyOptions {
  /** Where the Keyv has no namespace of its own. Default `'keyv'`. */
  readonly namespace?: string | undefined;
  /**
   * Whether `clear()` is possible, default true: the keys hold a version, which is asked for in the same moment. With
   * false a key is stored as Keyv gives it, for other programs to find, and `clear()` is refused.
   */
  readonly clearable?: boolean | undefined;
  /** Milliseconds for which that version is relied on; what others clear is seen that much later. Default 0. */
  readonly versionCacheMs?: number | undefined;
  /** Reads that fail reject, instead of answering as if nothing were stored. Default false. */
  readonly throwOnErrors?: boolean | undefined;
}

const DEFAULT_NAMESPACE = 'keyv';

const RULES: Readonly<Record<keyof KeyvMemvolleyOptions, Rule>> = {
  namespace: {
    allowed: 'text that is not empty',
    accepts: (value) => typeof value === 'string' && value !== '',
  },
  clearable: boolean,
  versionCacheMs: decimal({ min: 0, unit: 'milliseconds' }),
  throwOnErrors: boolean,
};

/** With all defaults. */
export type CheckedOptions = {
  readonly [Name in keyof KeyvMemvolleyOptions]-?: NonNullable<KeyvMemvolleyOptions[Name]>;
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkedOptions(options: KeyvMemvolleyOptions, owner: string): CheckedOptions {
  checkOptions(owner, options, RULES);
  const { clearable = true, throwOnErrors = false, namespace, versionCacheMs } = options;
  if (!clearable && (namespace ?? versionCacheMs) !== undefined) {
    const name = namespace === undefined ? 'versionCacheMs' : 'namespace';
    const problem = `option '${name}' of ${owner} means nothing with clearable: false`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
  }
  return {
    clearable,
    throwOnErrors,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    versionCacheMs: versionCacheMs ?? 0,
  };
}
