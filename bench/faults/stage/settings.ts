import type { ClientOptions } from '../../../src/index.ts';
import type { StartMemcachedOptions } from '../../../src/testing/index.ts';

/** Times are short, so that many faults fit into a run; what is not named is as it comes. */
export const BASE: ClientOptions = {
  timeoutMs: 250,
  connectTimeoutMs: 250,
  reconnect: { minMs: 20, maxMs: 200 },
  health: { probeMs: 100, deadTimeoutMs: 400 },
};

export interface Setting {
  /** How many servers; a fault befalls the first, unless it says otherwise. */
  readonly servers: number;
  readonly options: ClientOptions;
  /** What the servers are started with. */
  readonly server?: StartMemcachedOptions;
  /** Has servers of its own for the keys of one that is out. */
  readonly gutter?: boolean;
  readonly tls?: boolean;
  /** Not even times are given. */
  readonly asItComes?: boolean;
}

const FLEET = 3;

export type SettingName =
  | 'one'
  | 'classic'
  | 'checksum'
  | 'opaque'
  | 'quiet'
  | 'pool'
  | 'stubborn'
  | 'workers'
  | 'tls'
  | 'fleet'
  | 'fleet, error'
  | 'fleet, miss'
  | 'fleet, at once'
  | 'fleet, gutter'
  | 'fleet, emptied'
  | 'fleet, as it comes';

export const SETTINGS: Readonly<Record<SettingName, Setting>> = {
  one: { servers: 1, options: {} },
  classic: { servers: 1, options: { dialect: 'classic' } },
  checksum: { servers: 1, options: { checksum: true } },
  opaque: { servers: 1, options: { opaque: true } },
  quiet: { servers: 1, options: { onError: 'miss' } },
  pool: { servers: 1, options: { connections: 4 } },
  stubborn: { servers: 1, options: { retry: { attempts: 4, delayMs: 10, maybeSent: 'sets' } } },
  workers: { servers: 1, options: { offload: 'always', compressFromBytes: 64, compressor: 'lz4' } },
  tls: { servers: 1, options: {}, tls: true },
  fleet: { servers: FLEET, options: {} },
  'fleet, error': { servers: FLEET, options: { failover: 'error' } },
  'fleet, miss': { servers: FLEET, options: { failover: 'miss' } },
  'fleet, at once': { servers: FLEET, options: { failoverOn: 'failure' } },
  'fleet, gutter': { servers: FLEET, options: { failover: 'gutter' }, gutter: true },
  'fleet, as it comes': { servers: 8, options: {}, asItComes: true },
  'fleet, emptied': { servers: FLEET, options: { health: { flushOnReturn: true } } },
};
