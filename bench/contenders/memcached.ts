import { type Connected, type Contender, hostPort } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

type Callback = (error: unknown, reply: unknown) => void;
interface MemcachedClient {
  get(key: string, done: Callback): void;
  getMulti(keys: readonly string[], done: Callback): void;
  set(key: string, value: unknown, ttl: number, done: Callback): void;
  end(): void;
}
type Memcached = new (servers: readonly string[], options: object) => MemcachedClient;

const POOL = 10;

function promised(call: (done: Callback) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

/** Callbacks, wrapped in one promise each as its users do. */
export const memcached: Contender = {
  name: 'memcached',
  role: 'memcached client',
  accepts: ['string', 'buffer', 'object'],
  settings: `idle 1 h, poolSize ${POOL}`,
  available: () => rivalInstalled('memcached'),
  version: () => rivalVersion('memcached'),
  async open(servers, _kind, { timeoutMs, ttlSeconds = 0, connections } = {}): Promise<Connected> {
    const Memcached = requireRival<Memcached>('memcached');
    // It drops idle sockets after 5 s: between two slices it would have to dial again.
    const client = new Memcached(servers.map(hostPort), {
      idle: 3_600_000,
      poolSize: Math.min(POOL, connections ?? POOL),
      ...(timeoutMs !== undefined && {
        timeout: timeoutMs,
        retry: timeoutMs,
        reconnect: timeoutMs, // five hours by default
      }),
    });
    return {
      get: (key) => promised((done) => client.get(key, done)),
      valueOf: (reply) => reply,
      getMany: (keys) => promised((done) => client.getMulti(keys, done)),
      valueIn: (reply, key) => (reply as Record<string, unknown>)[key],
      set: (key, value) => promised((done) => client.set(key, value, ttlSeconds, done)),
      close: () => client.end(),
    };
  },
};
