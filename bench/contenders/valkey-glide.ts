import type { Connected, Contender } from './contender.ts';
import { requireRival, rivalInstalled, rivalVersion } from './rival-packages.ts';

interface GlideClient {
  get(key: string): Promise<unknown>;
  mget(keys: readonly string[]): Promise<unknown[]>;
  set(key: string, value: unknown): Promise<unknown>;
  close(): void;
}
interface Glide {
  GlideClient: { createClient(options: object): Promise<GlideClient> };
  Decoder: { Bytes: number; String: number };
}

const PACKAGE = '@valkey/valkey-glide';
/** Its default of 250 ms would end the deepest cases. */
const PATIENT_MS = 10_000;
/** By default it refuses more than a thousand at once. */
const IN_FLIGHT = 10_000;

/** A core in Rust behind a Node.js front, which sends what has gathered while it was writing. */
export const valkeyGlide: Contender = {
  name: 'valkey-glide',
  role: 'redis client',
  accepts: ['string', 'buffer'],
  settings: `requestTimeout ${PATIENT_MS / 1000} s, inflightRequestsLimit ${IN_FLIGHT}`,
  available: () => rivalInstalled(PACKAGE),
  version: () => rivalVersion(PACKAGE),
  async open([{ host, port }], kind): Promise<Connected> {
    const glide = requireRival<Glide>(PACKAGE);
    const client = await glide.GlideClient.createClient({
      addresses: [{ host, port }],
      requestTimeout: PATIENT_MS,
      inflightRequestsLimit: IN_FLIGHT,
      defaultDecoder: kind === 'buffer' ? glide.Decoder.Bytes : glide.Decoder.String,
    });
    return {
      get: (key) => client.get(key),
      valueOf: (reply) => reply,
      getMany: (keys) => client.mget(keys),
      valueIn: (reply, _key, index) => (reply as unknown[])[index],
      set: (key, value) => client.set(key, value),
      close: () => client.close(),
    };
  },
};
