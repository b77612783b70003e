import { decimal, type Rule, text } from '../../config/check.ts';
import { IllegalInputError } from '../../errors.ts';
import { checkOptions } from '../checked-options.ts';
import { lifetimeInSeconds } from '../lifetime.ts';

/** Turns a session into what is stored, and back; as JSON has it. */
export interface SessionSerializer {
  /** Text, bytes, or anything the client's codec stores. */
  stringify(session: object): unknown;
  /** Is given what `stringify` has answered, or throws: such a session counts as none. */
  parse(stored: never): unknown;
}

/** How sessions are stored. */
export interface MemvolleyStoreOptions {
  /** What stands before the session's id in its key. Default `'sess:'`. */
  readonly prefix?: string | undefined;
  /**
   * A namespace of the client instead of a prefix, so that `clear` can end all sessions at once. Its version lies on one
   * server: when that is lost, so are all sessions, and not only those that were there. Default: none.
   */
  readonly namespace?: string | undefined;
  /** Seconds a session lives whose cookie ends with the browser, from its last request on. Default 86 400, a day. */
  readonly ttl?: number | undefined;
  /** Default: JSON, which other programs can read. */
  readonly serializer?: SessionSerializer | undefined;
  /**
   * Milliseconds between two questions to the servers when none of them answers. Until one does there are no sessions:
   * express-session goes on without `req.session`. 0: that is not looked after, and every request fails. Default 1000.
   */
  readonly probeMs?: number | undefined;
}

/** With all defaults. */
export interface CheckedOptions {
  readonly prefix: string;
  readonly namespace: string | undefined;
  readonly ttl: number;
  readonly serializer: SessionSerializer;
  readonly probeMs: number;
}

/** What `setTimeout` takes. */
const LONGEST_MS = 2_147_483_647;

const RULES: Readonly<Record<keyof MemvolleyStoreOptions, Rule>> = {
  prefix: text,
  namespace: {
    allowed: 'text that is not empty',
    accepts: (value) => typeof value === 'string' && value !== '',
  },
  ttl: lifetimeInSeconds,
  serializer: {
    allowed: '{ stringify, parse }',
    accepts: (value) => {
      const given = value as Partial<SessionSerializer> | null;
      return typeof given?.stringify === 'function' && typeof given.parse === 'function';
    },
  },
  probeMs: decimal({ min: 0, max: LONGEST_MS, unit: 'milliseconds' }),
};

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION). */
export function checkedOptions(options: MemvolleyStoreOptions, owner: string): CheckedOptions {
  checkOptions(owner, options, RULES);
  const { namespace, prefix, ttl = 86_400, serializer = JSON, probeMs = 1000 } = options;
  if (namespace !== undefined && prefix !== undefined) {
    const problem = `option 'prefix' of ${owner} means nothing beside 'namespace'`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
  }
  const before = prefix ?? (namespace === undefined ? 'sess:' : '');
  return { namespace, prefix: before, ttl: Math.ceil(ttl), serializer, probeMs };
}
