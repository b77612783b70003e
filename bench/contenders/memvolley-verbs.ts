import { type Connected, type Contender, hostPort } from './contender.ts';
import { published } from './published.ts';

/** Far enough away that no round of a bench sees it expire. */
const TTL_SECONDS = 86_400;

/** The same client as in every other race, asked by `fetch` where that asks by `get`, by `inspectMany` for `getMany`. */
export const memvolleyVerbs: Contender = {
  name: 'memvolley, fetch and inspectMany',
  role: 'subject',
  accepts: ['string', 'buffer', 'object'],
  available: () => true,
  async open(servers, _kind, { ttlSeconds: ttl = TTL_SECONDS } = {}): Promise<Connected> {
    const { createClient } = await published();
    const client = createClient({ servers: servers.map(hostPort) });
    const fetching = { ttl, staleFor: 60, recacheBefore: 10 };
    const load = (): never => {
      throw new Error('the value was to be there');
    };
    const inspecting = { value: true };
    return {
      get: (key) => client.fetch(key, fetching, load),
      valueOf: (reply) => reply,
      getMany: (keys) => client.inspectMany(keys, inspecting),
      valueIn: (reply, key) => (reply as Map<string, { value?: unknown }>).get(key)?.value,
      set: (key, value) => client.set(key, value, { ttl }),
      close: () => client.close(),
    };
  },
};
