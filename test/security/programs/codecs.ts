// Stores and reads by every codec and compressor, here and in workers, then reads what only a hostile writer stores.
// Prints how many round trips there were and which went wrong, what the hostile items were read as, and how often code
// was made from text in this thread. Its arguments are the address of a server and the ways of `offload`.
import { CODEC_NAMES } from '../../../src/codec/codec-name.ts';
import { COMPRESSOR_NAMES } from '../../../src/codec/compressor.ts';
import { hasZstd } from '../../../src/codec/zstd.ts';
import {
  type CodecModule,
  createClient,
  type FleetClient,
  type MemcacheError,
} from '../../../src/index.ts';
import { EXTENSIONS, REFUSED_MSGPACK } from '../../support/hostile-msgpack.ts';

export interface Outcome {
  readonly trips: number;
  readonly wrong: readonly string[];
  /** What no worker has worked on. */
  readonly idle: readonly string[];
  /** By offload and name: a code of an error, or 'value'. */
  readonly hostile: Readonly<Record<string, string>>;
  readonly made: number;
}

let made = 0;
/** `Function()` is how a module finds out what the global object is. */
const note = (args: readonly unknown[]): void => {
  if (args.some((text) => text !== '')) made++;
};
globalThis.Function = new Proxy(Function, {
  construct(target, args) {
    note(args);
    return Reflect.construct(target, args) as object;
  },
  apply(target, self, args) {
    note(args);
    return Reflect.apply(target, self, args) as unknown;
  },
});

const [servers, ...offloads] = process.argv.slice(2);
const OBJECT = { list: [1, 'two', { three: 3 }], text: 'x'.repeat(20_000) };
const VALUES: Record<string, unknown> = {
  string: 'x'.repeat(20_000),
  buffer: Buffer.alloc(20_000, 7),
};

const connect = (options: object): FleetClient =>
  createClient({ ...{ servers, timeoutMs: 30_000, workers: 1 }, ...options });

/** Until a worker has had a value in its hands. */
async function untilPooled(client: FleetClient, value: unknown): Promise<boolean> {
  for (let tries = 0; tries < 1000; tries++) {
    await client.set('pooled', value);
    await client.get('pooled');
    const { encodedInPool, decodedInPool } = client.metrics().codec;
    if (encodedInPool > 0 && decodedInPool > 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

const wrong: string[] = [];
const idle: string[] = [];
let trips = 0;

async function goRound(
  codec: string | CodecModule,
  compressor: string,
  offload: string,
): Promise<void> {
  const client = connect({ codec, compressor, offload });
  const name = typeof codec === 'string' ? codec : 'a module';
  const value = VALUES[name] ?? OBJECT;
  // Without a compressor there may be nothing to do for a worker.
  const forWorkers = offload === 'always' && compressor !== 'none';
  if (forWorkers && !(await untilPooled(client, value))) idle.push(`${name} ${compressor}`);
  await client.set('k', value);
  const read = await client.get('k');
  trips++;
  if (JSON.stringify(read) !== JSON.stringify(value))
    wrong.push(`${name} ${compressor} ${offload}`);
  await client.close();
}

const module = new URL('../../integration/codec-module.js', import.meta.url);
for (const offload of offloads) {
  await goRound({ module }, 'none', offload);
  for (const codec of CODEC_NAMES)
    for (const compressor of [...COMPRESSOR_NAMES, 'none'])
      if (compressor !== 'zstd' || hasZstd) await goRound(codec, compressor, offload);
}

const MSGPACK_FLAGS = 32;
const hostile: Record<string, string> = {};
for (const offload of offloads) {
  const client = connect({ offload, onUnreadable: 'error', offloadFromBytes: 0 });
  if (offload === 'always' && !(await untilPooled(client, OBJECT))) idle.push('hostile');
  for (const [name, bytes] of Object.entries({ ...REFUSED_MSGPACK, ...EXTENSIONS })) {
    await client.meta.set('h', bytes, { flags: MSGPACK_FLAGS });
    hostile[`${offload}: ${name}`] = await client.get('h').then(
      () => 'value',
      (error: MemcacheError) => error.code,
    );
  }
  await client.close();
}

const outcome: Outcome = { trips, wrong, idle, hostile, made };
process.stdout.write(JSON.stringify(outcome));
