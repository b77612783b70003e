import type { Duplex } from 'node:stream';
import { parseServer, type ServerAddress, type ServerSpec } from '../connection/address.ts';
import { checkTls, type TlsOption } from '../connection/tls.ts';
import { CONFIG_QUESTION, LEGACY_QUESTION } from './cluster-config.ts';
import { ClusterDiscovery, type ClusterParts } from './cluster-discovery.ts';
import type { Discovery } from './discovery.ts';
import { checkBoolean, checkMs, checkNames, checkOneOf, illegalOption } from './option-check.ts';
import { kindOf } from '../primitives/kind.ts';

/** What both kinds of managed clusters are asked with. */
export interface ManagedClusterOptions {
  /** Where the cluster's configuration is told; the port is 11211 where none is given. */
  readonly endpoint: ServerSpec;
  /** Milliseconds between two questions. Default 60 000, from 1, or 0: only when asked. */
  readonly pollMs?: number;
  /** Milliseconds from dialling to the end of an answer. Default 2000, from 1. */
  readonly timeoutMs?: number;
  /** TLS for the questions, as the client option of this name, and by default what that is. */
  readonly tls?: TlsOption;
  /** Makes the stream for a question, as the client option of this name, and by default what that is. */
  readonly connect?: (address: ServerAddress) => Duplex;
}

export interface ElastiCacheOptions extends ManagedClusterOptions {
  /**
   * By which address nodes are reached. Default: the host with TLS, for certificates name hosts,
   * else the ip. A node that has only one of them is reached by that one.
   */
  readonly address?: 'ip' | 'host';
  /**
   * Asks for the item `AmazonElastiCache:cluster` instead, for engines before 1.4.14. Default
   * false: whoever may write to such a cache may name its servers.
   */
  readonly legacyKey?: boolean;
}

const SHARED_NAMES = ['endpoint', 'pollMs', 'timeoutMs', 'tls', 'connect'];

/**
 * The nodes of an Amazon ElastiCache cluster (not a serverless one: that is a single server). The
 * endpoint is asked at the start, then the nodes in turn and the endpoint last; three tries in all,
 * 500 ms apart. An answer with an older version than the list in use changes nothing.
 * Throws IllegalInputError for options it cannot work with. Source of the format: Amazon's page
 * "Adding auto discovery to your client library".
 */
export function elasticache(options: ElastiCacheOptions): Discovery {
  checkNames('elasticache', options, [...SHARED_NAMES, 'address', 'legacyKey']);
  const { address, legacyKey = false } = options;
  return new ClusterDiscovery({
    ...sharedParts('elasticache', options),
    asksNodes: true,
    question: checkBoolean('legacyKey', legacyKey) ? LEGACY_QUESTION : CONFIG_QUESTION,
    address: checkOneOf('address', address, ['ip', 'host', undefined]),
  });
}

/**
 * The nodes of a Google Cloud Memorystore instance, by their ip. Only the discovery endpoint is
 * asked, three times at most, 500 ms apart. Two of its answers may contradict each other for a
 * while: the one with the higher version is kept.
 * Throws IllegalInputError for options it cannot work with. Source of the format: Google's page
 * "Auto Discovery service".
 */
export function memorystore(options: ManagedClusterOptions): Discovery {
  checkNames('memorystore', options, SHARED_NAMES);
  return new ClusterDiscovery({
    ...sharedParts('memorystore', options),
    asksNodes: false,
    question: CONFIG_QUESTION,
    address: 'ip',
  });
}

type SharedParts = Pick<
  ClusterParts,
  'name' | 'pollMs' | 'endpoint' | 'timeoutMs' | 'tls' | 'connect'
>;

function sharedParts(kind: string, options: ManagedClusterOptions): SharedParts {
  const { pollMs = 60_000, timeoutMs = 2000, tls, connect } = options;
  const endpoint = parseServer(options.endpoint, 'endpoint');
  if (!['undefined', 'boolean', 'function'].includes(typeof tls)) checkTls(tls, true);
  if (connect !== undefined && typeof connect !== 'function') {
    throw illegalOption('connect', `must be a function; got ${kindOf(connect)}`);
  }
  return {
    name: `${kind} ${endpoint.name}`,
    pollMs: checkMs('pollMs', pollMs, 0),
    endpoint,
    timeoutMs: checkMs('timeoutMs', timeoutMs, 1),
    tls,
    connect,
  };
}
