import type { Connected, Contender } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface RedisInstance {
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Buffer | null>;
  mget(keys: readonly string[]): Promise<unknown[]>;
  mgetBuffer(keys: readonly string[]): Promise<unknown[]>;
  set(key: string, value: unknown): Promise<unknown>;
  ping(): Promise<string>;
  disconnect(): void;
}
interface Ioredis {
  Redis: new (options: object) => RedisInstance;
}

/** Against Redis, with auto-pipelining: the fastest Node cache client there is, for another server. */
export const ioredis: Contender = {
  name: 'ioredis',
  role: 'redis client',
  accepts: ['string', 'buffer'],
  settings: 'enableAutoPipelining',
  available: () => rivalInstalled('ioredis'),
  version: () => rivalVersion('ioredis'),
  async open([{ host, port }], kind): Promise<Connected> {
    const { Redis } = requireRival<Ioredis>('ioredis');
    const client = new Redis({ host, port, enableAutoPipelining: true });
    await client.ping();
    const binary = kind === 'buffer';
    return {
      get: binary ? (key) => client.getBuffer(key) : (key) => client.get(key),
      valueOf: (reply) => reply,
      getMany: binary ? (keys) => client.mgetBuffer(keys) : (keys) => client.mget(keys),
      valueIn: (reply, _key, index) => (reply as unknown[])[index],
      set: (key, value) => client.set(key, value),
      close: () => client.disconnect(),
    };
  },
};
