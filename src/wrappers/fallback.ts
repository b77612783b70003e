import { callable, check, object, oneOf, type Rule } from '../config/check.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import {
  type FallbackClient,
  FallbackClients,
  type FallbackMember,
  type FallbackOptions,
} from './fallback-clients.ts';
import { Fallback } from './fallback-verbs.ts';

const RULES: Readonly<Record<keyof FallbackOptions, Rule>> = {
  writes: oneOf('first', 'all'),
  deletes: oneOf('all', 'first'),
  onFailure: callable,
};

/**
 * One client out of several, for moving to a new cluster: `fallback([fresh, old])` reads from the old one what the new
 * one does not have yet, key by key, and stores in the new one. Keys move as they are stored; when what is left in the
 * old cluster has expired, it can be dropped from the list. The clients are the fallback's from then on: `close`
 * closes them.
 *
 * - `get`, `getMany`, `getValues`: from the first client that has the key. One that fails is passed over as if it had
 *   missed; only when every client failed is its failure the answer. With `deletes: 'first'` what is read past a failed
 *   client may be out of date.
 * - `getAndTouch`, `getAndTouchMany`: as these; the item gets its ttl where it is found, with `writes: 'all'` behind
 *   that as well. Where items are only read it keeps its own.
 * - `gets`, `getsMany`, `inspect`, `inspectMany`: as `get`, but a client that fails is not passed over, since the next
 *   one's token would be of no use. The token says which client it is for: `cas`, `delete` with `cas`, and `unlessCas`
 *   go there. `vivify` makes an item in the first client when none has one.
 * - `set`, `setMany`: the first client's answer. The others store the same or lose the key, by `writes` and `deletes`.
 * - `add`: not stored when another client has the key; else as the first client answers.
 * - `replace`, `append`, `prepend`, `incr`, `decr`: at the first client that has the key; those behind it lose theirs. A
 *   counter no client has begins in the first.
 * - `touch`: at every client; whether one had the key.
 * - `fetch`, `fetchMany`: at the first client, also with `writes: 'all'`. Where it has nothing, a fresh value of the
 *   others takes the loader's place, for the ttl of this call; those that fail are passed over. The others lose the
 *   key, unless the first client failed.
 * - `delete`, `deleteMany`, `flushAll`, `invalidate`: at every client. Rejects if one failed: what was to go may come
 *   back. `invalidate` comes to the first client last, so that no `fetch` takes over what is to go.
 * - `version`, `stats`: of every server that answers. `connect`: rejects if the first client does.
 * - `verbosity`, `cacheMemlimit`: at every server of every client, whatever the options; rejects if one failed.
 * - `close`, `quit`: every client. `serverFor`: where the first client stores a key.
 *
 * What is about one server or one client is asked of that client itself: `raw`, `keys`, `meta`, `namespace`,
 * `shutdown`. `noreply` is refused, since what a fallback does next depends on the answer.
 *
 * With `writes: 'first', deletes: 'first'` the others are only ever read. A call that concerns several clients waits
 * for all of them, and is not ordered against other calls on its key that are issued meanwhile. A `timeoutMs` given to
 * a call is for all the clients it asks one after the other; otherwise each has its own. Clients may share servers, if
 * they name them alike: a key is not removed from where it has just been stored.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for a list it cannot work with, and naming an option.
 */
export function fallback(
  clients: readonly FallbackMember[],
  options: FallbackOptions = {},
): FallbackClient {
  const given: unknown = clients;
  const list = Array.isArray(given) ? given : [given];
  const wrong = list.findIndex((client) => !isClient(client));
  if (!Array.isArray(given) || list.length === 0 || wrong !== -1) {
    const kind = list.length === 0 ? 'an empty one' : kindOf(list[Math.max(0, wrong)]);
    throw refuse(`fallback takes an array of clients; got ${kind}`);
  }
  if (!object.accepts(options))
    throw refuse(`the options of fallback must be an object; got ${kindOf(options)}`);
  check(options, RULES);
  return new Fallback(new FallbackClients([...clients], options));
}

const refuse = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);

const isClient = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<FallbackMember>).getValues === 'function';
