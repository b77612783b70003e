import type { MemcacheError } from '../errors.ts';
import type { MetaAnswer } from '../server/meta-commands.ts';
import { type CallOptions, checkCall } from './call-options.ts';
import { INVALIDATE_RULES, type InvalidateOptions } from './fetch-options.ts';
import type { KeyCalls } from './key-calls.ts';
import { lockKeyOf } from './lock-key.ts';
import type { Key } from './read.ts';
import { remove } from './remove.ts';

/** Removes an item, or marks it stale, and ends the lease by which something older might still be stored. */
export async function invalidate(
  calls: KeyCalls,
  key: Key,
  options: InvalidateOptions,
): Promise<boolean> {
  checkCall(options, 'invalidate', INVALIDATE_RULES);
  const { staleFor = 0, lease = 'auto', ...callOptions } = options;
  const beside = lockKeyOf(key, (given) => calls.wireOf(given));
  const { routeBy = key } = callOptions;
  const isMarked =
    staleFor > 0 && (lease === 'meta' || (lease === 'auto' && calls.defaults.emptyIsNothing));
  // First: who has the lock looks for it before it stores.
  const unlocked = remove(calls, beside, { ...callOptions, routeBy });
  const done = isMarked
    ? spoil(calls, key, { staleFor, options: callOptions }, lease === 'auto')
    : remove(calls, key, callOptions);
  const [had] = await Promise.all([done, unlocked]);
  calls.fetching.forget(calls.wireOf(key));
  return had;
}

async function spoil(
  calls: KeyCalls,
  key: Key,
  how: { staleFor: number; options: CallOptions },
  mayRemove: boolean,
): Promise<boolean> {
  const { staleFor: exptime, options } = how;
  try {
    return await calls.askOne<MetaAnswer, boolean>(
      { verb: 'delete', key, options },
      ({ status }) => status === 'HD',
      (server, wire, sink) => {
        server.meta({ verb: 'md', key: wire, invalidate: true, exptime }, { sink, tag: 0 });
      },
    );
  } catch (error) {
    if (!mayRemove || (error as MemcacheError).code !== 'ERR_MEMCACHE_UNSUPPORTED') throw error;
    return remove(calls, key, options);
  }
}
