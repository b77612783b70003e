import { type Connected, type Contender, hostPort } from './contender.ts';
import { published } from './published.ts';

/** As it comes: default options, nothing tuned for the benchmark. */
export const memvolley: Contender = {
  name: 'memvolley',
  role: 'subject',
  accepts: ['string', 'buffer', 'object'],
  available: () => true,
  async open(servers, _kind, { timeoutMs, ttlSeconds } = {}): Promise<Connected> {
    const { createClient } = await published();
    const client = createClient({
      servers: servers.map(hostPort),
      ...(ttlSeconds !== undefined && { ttl: ttlSeconds }),
      ...(timeoutMs !== undefined && {
        timeoutMs,
        connectTimeoutMs: timeoutMs,
        reconnect: { maxMs: timeoutMs },
      }),
    });
    return {
      get: (key) => client.get(key),
      valueOf: (reply) => reply,
      getMany: (keys) => client.getMany(keys),
      getValues: (keys) => client.getValues(keys),
      valueIn: (reply, key, index) =>
        Array.isArray(reply) ? reply[index] : (reply as Map<string, unknown>).get(key),
      set: (key, value) => client.set(key, value),
      close: () => client.close(),
    };
  },
};
