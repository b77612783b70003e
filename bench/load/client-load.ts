import type { Histogram } from 'hdr-histogram-js';
import type { Address, Connected, Contender } from '../contenders/contender.ts';
import { bursts, closedLoop } from './closed-loop.ts';
import { changed, fillAndVerify } from './fill.ts';
import { keysOf } from './keys.ts';
import {
  GET_MANY_KEYS,
  LARGE_BYTES,
  type Load,
  type LoadCase,
  type LoadOperation,
  type Work,
} from './load-case.ts';
import { manyRead, operationOf, reading, writing } from './operations.ts';
import { sameValue, valueFor } from './values.ts';

const READS_MANY: readonly LoadOperation[] = ['getMany', 'getValues'];
const LARGE_KEYS_ENTRY = 50; // set apart from the entries of a race, which are a dozen at most

async function verifyMany(
  client: Connected,
  load: LoadCase,
  keys: readonly string[],
): Promise<void> {
  const { read, valueIn } = manyRead(client, load);
  const asked = keys.slice(0, GET_MANY_KEYS);
  const reply = await read(asked);
  asked.forEach((key, index) => {
    const expected = valueFor(load.kind, load.size, index);
    if (!sameValue(expected, valueIn(reply, key, index))) throw changed(load, index);
  });
}

export async function clientLoad(
  contender: Contender,
  servers: readonly Address[],
  load: LoadCase,
  entry: number,
): Promise<Load> {
  const keys = keysOf(entry, load.size).slice(0, load.hot === true ? 1 : undefined);
  if (contender.flood !== undefined) return contender.flood(servers[0], load, keys);
  if (contender.open === undefined) throw new Error('can neither be opened nor flood');
  const client = await contender.open(servers, load.kind);
  const operation = operationOf(client, load, keys);
  await fillAndVerify(client, load, keys);
  if (READS_MANY.includes(load.operation)) await verifyMany(client, load, keys);
  const run = load.operation === 'burst' ? bursts : closedLoop;
  const beside = load.beside === undefined ? undefined : await largeNeighbour(client, load, entry);
  return {
    run: async (seconds, latencies) => {
      const [work] = await Promise.all([
        run(operation, load.concurrency, seconds, latencies),
        beside?.(seconds),
      ]);
      return work;
    },
    close: () => client.close(),
  };
}

/** One more caller on the same client, whose values are large; its calls are neither counted nor timed. */
async function largeNeighbour(
  client: Connected,
  load: LoadCase,
  entry: number,
): Promise<(seconds: number) => Promise<Work>> {
  const { build } = await import('hdr-histogram-js');
  const unread: Histogram = build();
  const large = { kind: load.kind, size: LARGE_BYTES };
  const keys = keysOf(entry + LARGE_KEYS_ENTRY, LARGE_BYTES);
  await fillAndVerify(client, large, keys);
  const operation =
    load.beside === 'large get' ? reading(client, keys) : writing(client, large, keys);
  return (seconds) => closedLoop(operation, 1, seconds, unread);
}
