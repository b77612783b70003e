import type { MetaRequest, MetaSet } from '../protocol/meta-requests.ts';
import { cappedExptime } from '../protocol/ttl.ts';
import type { StoreRequest } from './store-command.ts';

/** A meta command for a server on which nothing lives longer than `maxTtl` seconds; undefined leaves it as it is. */
export function cappedMeta(request: MetaRequest, maxTtl: number | undefined): MetaRequest {
  if (maxTtl === undefined) return request;
  const exptime = cappedOf(request.exptime, maxTtl);
  if (request.verb === 'ma')
    return { ...request, exptime, vivify: cappedOf(request.vivify, maxTtl) };
  // What `x` leaves has no end unless it is given one.
  return { ...request, exptime: request.keepItem === true ? (exptime ?? maxTtl) : exptime };
}

/** The same for a store. */
export function cappedSet(meta: MetaSet, maxTtl: number | undefined): MetaSet {
  if (maxTtl === undefined) return meta;
  const { exptime, vivify } = meta;
  return { ...meta, exptime: cappedOf(exptime, maxTtl), vivify: cappedOf(vivify, maxTtl) };
}

/** The same for a classic store. */
export function cappedStore(request: StoreRequest, maxTtl: number | undefined): StoreRequest {
  if (maxTtl === undefined) return request;
  return { ...request, exptime: cappedExptime(request.exptime, maxTtl) };
}

const cappedOf = (exptime: number | undefined, maxTtl: number): number | undefined =>
  exptime === undefined ? undefined : cappedExptime(exptime, maxTtl);
