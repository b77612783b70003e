import type { Connected, Contender } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface Commands {
  get(key: string): Promise<unknown>;
  mGet(keys: readonly string[]): Promise<unknown[]>;
  set(key: string, value: unknown): Promise<unknown>;
}
interface RedisClient extends Commands {
  on(event: 'error', listener: () => void): void;
  connect(): Promise<unknown>;
  withTypeMapping(mapping: object): Commands;
  destroy(): void;
}
interface NodeRedis {
  createClient(options: object): RedisClient;
  RESP_TYPES: { BLOB_STRING: number };
}

export const nodeRedis: Contender = {
  name: 'node-redis',
  role: 'redis client',
  accepts: ['string', 'buffer'],
  available: () => rivalInstalled('redis'),
  version: () => rivalVersion('redis'),
  async open([{ host, port }], kind): Promise<Connected> {
    const { createClient, RESP_TYPES } = requireRival<NodeRedis>('redis');
    const client = createClient({ socket: { host, port } });
    client.on('error', () => {}); // without a listener a lost socket would end the process before the call rejects
    await client.connect();
    const commands =
      kind === 'buffer' ? client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) : client;
    return {
      get: (key) => commands.get(key),
      valueOf: (reply) => reply,
      getMany: (keys) => commands.mGet(keys),
      valueIn: (reply, _key, index) => (reply as unknown[])[index],
      set: (key, value) => commands.set(key, value),
      close: () => client.destroy(),
    };
  },
};
