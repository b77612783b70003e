/**
 * The client.
 *
 * @module memvolley
 */
import { FleetClient } from './client/fleet-client.ts';
import type { TypedClient } from './client/typed-client.ts';
import type { ClientOptions } from './config/options.ts';

/**
 * A client of memcached servers, from options or a URL such as `memcached://10.0.0.1,10.0.0.2?timeoutMs=200`. It
 * connects with its first command. With a type of keys and their values, `createClient<Schema>(…)`, the compiler knows
 * what is stored under which key, see `TypedClient`.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with.
 */
export function createClient(options: string | URL | ClientOptions): FleetClient;
export function createClient<S extends object>(
  options: string | URL | ClientOptions,
): TypedClient<S>;
export function createClient(options: string | URL | ClientOptions): unknown {
  return new FleetClient(options);
}

export type { MemcacheClient } from './client/client.ts';
export type { ClientMetrics } from './client/client-metrics.ts';
export type { NoopOptions, ShutdownOptions } from './client/administration.ts';
export type {
  Answered,
  CallOptions,
  ChangeOptions,
  CountOptions,
  DeleteOptions,
  ReadOptions,
  StoreOptions,
} from './client/call-options.ts';
export type { ClientMetaVerbs } from './client/client-meta.ts';
export type { Count } from './client/count-step.ts';
export type { Entries } from './client/entries.ts';
export type { ClientEvents } from './client/events.ts';
export type { Explanation } from './client/explanation.ts';
export type { FetchOptions, InvalidateOptions, LeaseKind } from './client/fetch-options.ts';
export { FleetClient } from './client/fleet-client.ts';
export type { Inspection, Lease, MetaItem } from './client/inspection.ts';
export type { KeyEntry, KeysOptions, ListedKey } from './client/keys.ts';
export type { Loaded } from './client/load-batch.ts';
export type {
  InspectOptions,
  MetaArithmeticOptions,
  MetaCallOptions,
  MetaDeleteOptions,
  MetaFact,
  MetaGetOptions,
  MetaSetOptions,
  NewCas,
} from './client/meta-options.ts';
export type {
  ItemDebug,
  MetaArithmeticAnswer,
  MetaDeleteAnswer,
  MetaSetAnswer,
  MetaVerbs,
} from './client/meta-verbs.ts';
export type { RawOptions } from './client/raw.ts';
export type { Key, WithCas } from './client/read.ts';
export type { Namespace } from './client/namespace.ts';
export type { InvalidateNamespaceOptions, NamespaceOptions } from './client/namespace-options.ts';
export { ServerClient } from './client/server-client.ts';
export type { StatValue } from './client/stat-values.ts';
export type { TypedClient, TypedNamespace } from './client/typed-client.ts';
export type { CasAnswer } from './client/write-verbs.ts';
export type { Codec, CodecContext } from './codec/codec.ts';
export type { CodecMetrics } from './codec/codec-metrics.ts';
export type { CodecName } from './codec/codec-name.ts';
export type { CodecModule, CodecOption, SerializerPair } from './codec/codec-options.ts';
export type { Compressor, CompressorName } from './codec/compressor.ts';
export type { FormatName } from './codec/formats.ts';
export type { Config, ConfigEntry, OptionPath } from './config/config.ts';
export { loadConfig, type LoadConfigOptions } from './config/load.ts';
export type { ClientOptions } from './config/options.ts';
export type { OptionSource } from './config/origin.ts';
export type { TuneChanges, TuneOptions } from './config/tune.ts';
export type { ProfileName } from './config/profiles.ts';
export type { ServerAddress, ServerSpec } from './connection/address.ts';
export type { AuthOption, Credentials } from './connection/auth.ts';
export type { FlushPolicy } from './connection/flush-policy.ts';
export type { Bound } from './connection/in-flight.ts';
export type { SocketContext } from './connection/socket-context.ts';
export type { ConnectionState } from './connection/state.ts';
export type { TlsOption } from './connection/tls.ts';
export type { WindowOptions } from './connection/window.ts';
export type { DiscoverContext, DiscoverFunction, Discovery } from './discovery/discovery.ts';
export type { DiscoveryOption } from './discovery/discovery-option.ts';
export { dns, type DnsOptions, srv, type SrvOptions } from './discovery/dns.ts';
export {
  elasticache,
  type ElastiCacheOptions,
  type ManagedClusterOptions,
  memorystore,
} from './discovery/elasticache.ts';
export { file, type FileOptions } from './discovery/file.ts';
export type { DiscoveryLimits } from './discovery/guard.ts';
export { staticList } from './discovery/static.ts';
export {
  type ErrorDetails,
  type Guard,
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
export {
  type BatchMessage,
  type ChannelMessages,
  CHANNELS,
  type CodecMessage,
  type CommandMessage,
  type ConnectionClosedMessage,
  type ConnectionReadyMessage,
  type ConnectMessage,
  type DiscoveryMessage,
  type GuardMessage,
  type RetryMessage,
  type ServerFields,
  type ServerStateMessage,
  type ShedMessage,
} from './observability/channels.ts';
export {
  DURATION_BOUNDS_MS,
  type DurationHistogram,
  type Durations,
  type OperationDurations,
  type ServerDurations,
} from './observability/durations.ts';
export type { LatencySnapshot } from './observability/histogram.ts';
export type { OperationResult } from './observability/results.ts';
export type { MemberOptions, PoolOptions } from './pool/options.ts';
export { type BorrowOptions, Pool } from './pool/pool.ts';
export type { HashedPart, KeyRuleName } from './protocol/key-rules.ts';
export type { Ttl } from './protocol/ttl.ts';
export type { RetryOptions } from './retry/policy.ts';
export type { TopologyChange } from './routing/fleet.ts';
export type { HashKey, HashNode, Placement, Reason } from './routing/hasher.ts';
export type { HashName, HashOption, HashSettings } from './routing/hashers.ts';
export { Router, type RouterNode } from './routing/router.ts';
export type { UserHasher } from './routing/user-hasher.ts';
export type { HealthOptions, HealthState } from './server/health.ts';
export type { ServerMetrics } from './server/server-metrics.ts';
export { fallback } from './wrappers/fallback.ts';
export type {
  FallbackClient,
  FallbackMember,
  FallbackOptions,
} from './wrappers/fallback-clients.ts';
export { type ErrorFilter, type RetryPolicy, withRetry } from './wrappers/with-retry.ts';
