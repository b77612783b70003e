import { type Connected, type Contender, hostPort } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface MemcacheInstance {
  connect(): Promise<void>;
  get(key: string): Promise<string | undefined>;
  gets(keys: readonly string[]): Promise<Map<string, string>>;
  set(key: string, value: unknown, ttl: number): Promise<boolean>;
  disconnect(): Promise<void>;
}
interface MemcachePackage {
  Memcache: new (options: object) => MemcacheInstance;
}

/** `timeout` ends idle sockets, too: the default of 5 s would make it dial again in every round. */
const PATIENT_MS = 3_600_000;

/** Strings only: Buffers come back as corrupted text, objects are refused. */
export const memcache: Contender = {
  name: 'memcache',
  role: 'memcached client',
  accepts: ['string'],
  settings: 'timeout 1 h',
  available: () => rivalInstalled('memcache'),
  version: () => rivalVersion('memcache'),
  async open(servers, _kind, { timeoutMs = PATIENT_MS, ttlSeconds = 0 } = {}): Promise<Connected> {
    const { Memcache } = requireRival<MemcachePackage>('memcache');
    const client = new Memcache({ nodes: servers.map(hostPort), timeout: timeoutMs });
    await client.connect();
    return {
      get: (key) => client.get(key),
      valueOf: (reply) => reply,
      getMany: (keys) => client.gets(keys),
      valueIn: (reply, key) => (reply as Map<string, string>).get(key),
      set: (key, value) => client.set(key, value, ttlSeconds),
      close: () => client.disconnect(),
    };
  },
};
