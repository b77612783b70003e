import type { ClientOptions } from '../../src/index.ts';
import { type Connected, type Contender, hostPort } from './contender.ts';
import { published } from './published.ts';

/** The client with options of its own; its name says which process is to open it. */
export function variant(
  name: string,
  options: ClientOptions,
  { load = published, nodeArgs = [] }: { load?: typeof published; nodeArgs?: string[] } = {},
): Contender {
  return {
    name,
    role: 'subject',
    accepts: ['string', 'buffer', 'object'],
    nodeArgs,
    available: () => true,
    async open(servers, _kind, { ttlSeconds } = {}): Promise<Connected> {
      const { createClient } = await load();
      const client = createClient({
        servers: servers.map(hostPort),
        ...(ttlSeconds !== undefined && { ttl: ttlSeconds }),
        ...options,
      });
      return {
        get: (key) => client.get(key),
        valueOf: (reply) => reply,
        getMany: (keys) => client.getMany(keys),
        valueIn: (reply, key) => (reply as Map<string, unknown>).get(key),
        set: (key, value) => client.set(key, value),
        close: () => client.close(),
      };
    },
  };
}
