import { type Connected, type Contender, hostPort } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface Reply {
  value: unknown;
}
interface ElectrodeClient {
  get(key: string | readonly string[]): Promise<Reply | Record<string, Reply> | undefined>;
  set(key: string, value: unknown): Promise<unknown>;
  shutdown(): void;
}
interface MemcacheClientPackage {
  MemcacheClient: new (options: object) => ElectrodeClient;
}

const DAY_SECONDS = 86_400;
const PATIENT_MS = 20_000;

export const memcacheClient: Contender = {
  name: 'memcache-client',
  role: 'memcached client',
  accepts: ['string', 'buffer', 'object'],
  settings: `noDelay, 1 connection, lifetime 1 day, cmdTimeout ${PATIENT_MS / 1000} s`,
  available: () => rivalInstalled('memcache-client'),
  version: () => rivalVersion('memcache-client'),
  async open(
    servers,
    _kind,
    { timeoutMs = PATIENT_MS, ttlSeconds = DAY_SECONDS } = {},
  ): Promise<Connected> {
    const { MemcacheClient } = requireRival<MemcacheClientPackage>('memcache-client');
    const client = new MemcacheClient({
      server: {
        servers: servers.map((server) => ({ server: hostPort(server), maxConnections: 1 })),
      },
      noDelay: true, // Nagle, on by default, holds back every second small request
      lifetime: ttlSeconds, // the default of 60 s would expire values while they are measured
      cmdTimeout: timeoutMs,
      connectTimeout: timeoutMs,
    });
    return {
      get: (key) => client.get(key),
      valueOf: (reply) => (reply as Reply | undefined)?.value,
      getMany: (keys) => client.get(keys),
      valueIn: (reply, key) => (reply as Record<string, Reply | undefined>)[key]?.value,
      set: (key, value) => client.set(key, value),
      close: () => client.shutdown(),
    };
  },
};
