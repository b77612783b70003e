import { MemcacheClient } from './client/client.ts';
import type { ClientOptions } from './config/options.ts';

/**
 * A client of a memcached server, from options or a URL such as `memcached://10.0.0.1:11211?timeoutMs=200`. It connects
 * with its first command.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with.
 */
export function createClient(options: string | URL | ClientOptions): MemcacheClient {
  return new MemcacheClient(options);
}

export type { CasAnswer, ClientMetrics, MemcacheClient } from './client/client.ts';
export type {
  CallOptions,
  CountOptions,
  ReadOptions,
  StoreOptions,
} from './client/call-options.ts';
export type { Entries } from './client/entries.ts';
export type { ClientEvents } from './client/events.ts';
export type { Key, WithCas } from './client/read.ts';
export type { Codec, CodecContext } from './codec/codec.ts';
export type { ClientOptions } from './config/options.ts';
export {
  IllegalInputError,
  ManyError,
  MemcacheClientError,
  MemcacheConnectionError,
  MemcacheError,
  type MemcacheErrorCode,
  MemcacheServerError,
  type Sent,
  TimeoutError,
  UnknownCommandError,
} from './errors.ts';
export type { Ttl } from './protocol/ttl.ts';
