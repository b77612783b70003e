import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { ClientOptions } from '../../src/index.ts';
import { type Connected, type Contender, hostPort } from './contender.ts';
import { published } from './published.ts';

const SWAP = pathToFileURL(join(import.meta.dirname, '..', 'guards', 'swap-parser.js')).href;

/** Where only its sources have the parts that are exchanged. */
const fromSources: typeof published = () => import('../../src/index.ts');

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

/** As it comes, for those that follow to be compared with. */
export const GUARDED: Contender = variant('with guards', {}, { load: fromSources });
/** Its parser believes everything, and looks at no key. Nothing in the product knows of it. */
export const UNGUARDED: Contender = variant(
  'without guards',
  {},
  { load: fromSources, nodeArgs: ['--import', SWAP] },
);
export const MARKED: Contender = variant('opaque: true', { opaque: true }, { load: fromSources });
export const CHECKED: Contender = variant(
  'checksum: true',
  { checksum: true },
  { load: fromSources },
);
