import { type Connected, type Contender, hostPort } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface Reply {
  value: Buffer | null;
}
interface MemjsClient {
  get(key: string): Promise<Reply>;
  set(key: string, value: unknown, options: object): Promise<boolean>;
  close(): void;
}
interface Memjs {
  Client: { create(servers: string, options: object): MemjsClient };
}

/** Its default timeout of half a second would end the deepest cases; the others wait 5 s or for ever. */
const PATIENT_MS = 10_000;

/** Binary protocol, one multiplexed socket, answers Buffers only: strings cost a toString, as in any caller's code. */
export const memjs: Contender = {
  name: 'memjs',
  role: 'memcached client',
  accepts: ['string', 'buffer'],
  settings: `timeout, conntimeout and failoverTime ${PATIENT_MS / 1000} s`,
  available: () => rivalInstalled('memjs'),
  version: () => rivalVersion('memjs'),
  async open(servers, kind, { timeoutMs = PATIENT_MS, ttlSeconds = 0 } = {}): Promise<Connected> {
    const { Client } = requireRival<Memjs>('memjs');
    const seconds = timeoutMs / 1000;
    const client = Client.create(servers.map(hostPort).join(','), {
      timeout: seconds,
      conntimeout: seconds,
      failoverTime: seconds,
      expires: ttlSeconds,
      logger: { log: () => {} },
    });
    const bytesOf = (reply: unknown): Buffer | null => (reply as Reply).value;
    return {
      get: (key) => client.get(key),
      valueOf: kind === 'string' ? (reply) => bytesOf(reply)?.toString() : bytesOf,
      set: (key, value) => client.set(key, value, {}),
      close: () => client.close(),
    };
  },
};
