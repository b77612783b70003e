import { boolean, type Rule, text } from '../../config/check.ts';
import { IllegalInputError } from '../../errors.ts';
import type { ClientSource } from '../adopted-client.ts';
import { checkOptions } from '../checked-options.ts';
import { lifetimeInSeconds } from '../lifetime.ts';

/** How a storage is stored. */
export interface MemvolleyDriverOptions {
  /** A client, or what `createClient` takes; a client that is made of it is closed by `dispose`. */
  readonly client: ClientSource;
  /** Stands before every key, with a colon between them. Default none. */
  readonly base?: string | undefined;
  /** Seconds an item lives where the call does not say. Default: the client's `ttl`. */
  readonly ttl?: number | undefined;
  /**
   * Whether `getKeys` and `clear` have the servers list all that is stored, of everybody: for tests, tools and small
   * servers. Needs a `base`, so that `clear` removes nothing of others. Default false: `getKeys` answers none, and
   * `clear` is refused.
   */
  readonly listKeys?: boolean | undefined;
  /** What Nitro names the driver by, and hands to it as well; not looked at. */
  readonly driver?: string | undefined;
}

/** With all defaults. */
export interface CheckedOptions {
  /** What stands before every key, colon included. */
  readonly before: string;
  readonly ttl: number | undefined;
  readonly listKeys: boolean;
}

const RULES: Readonly<Record<keyof MemvolleyDriverOptions, Rule>> = {
  // Looked at by who takes it.
  client: { allowed: 'a client', accepts: () => true },
  base: text,
  ttl: lifetimeInSeconds,
  listKeys: boolean,
  driver: text,
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkedOptions(options: MemvolleyDriverOptions, owner: string): CheckedOptions {
  checkOptions(owner, options, RULES);
  const { base = '', ttl, listKeys = false } = options;
  const bare = base.replace(/:+$/, '');
  if (listKeys && bare === '') {
    const problem = `option 'listKeys' of ${owner} needs a 'base': clear() would remove what others have stored`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
  }
  return { before: bare === '' ? '' : `${bare}:`, ttl, listKeys };
}
