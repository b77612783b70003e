import type { Address, Connected, Contender } from '../contenders/contender.ts';
import { Random } from '../support/random.ts';
import { scheduleOf } from './arrivals.ts';
import { burstLoop, closedLoop } from './closed-loop.ts';
import { changed, fillAndVerify } from './fill.ts';
import { type Stock, stockOf } from './keys.ts';
import { newLatencies } from './latencies.ts';
import {
  GET_MANY_KEYS,
  LARGE_BYTES,
  type Load,
  type LoadCase,
  type Work,
  workloadOf,
} from './load-case.ts';
import { openLoop } from './open-loop.ts';
import { manyRead, type Operation, operationOf } from './operations.ts';
import { sameValue } from './values.ts';
import type { Workload } from './workloads.ts';

const LARGE_KEYS_ENTRY = 50; // set apart from the entries of a race, which are a dozen at most

/** What a contender is to do, where, and from which numbers all that is random comes. */
export interface Assignment {
  readonly servers: readonly Address[];
  readonly load: LoadCase;
  /** Its place in the race, so that its keys are its own. */
  readonly entry: number;
  readonly seed: number;
}

async function verifyMany(
  client: Connected,
  { operation }: LoadCase,
  { keys, values }: Stock,
): Promise<void> {
  const { read, valueIn } = manyRead(client, operation);
  const asked = keys.slice(0, Math.min(GET_MANY_KEYS, values.length));
  const reply = await read(asked);
  asked.forEach((key, index) => {
    if (!sameValue(values[index], valueIn(reply, key, index))) throw changed(index);
  });
}

/** Who is asked: one client all the time, or each time one that has no connection yet. */
interface Asked {
  begin(): Operation | Promise<Operation>;
  end(): unknown;
}

function asWarm(operation: Operation): Asked {
  return { begin: () => operation, end: () => {} };
}

function asCold(connect: () => Promise<Connected>, asks: (client: Connected) => Operation): Asked {
  let client: Connected | undefined;
  return {
    begin: async () => asks((client = await connect())),
    end: () => client?.close(),
  };
}

/** How calls follow one another: when they are due, in bursts, or as callers have their answers. */
function pacing(
  { open, concurrency }: LoadCase,
  { idleMs }: Workload,
  asked: Asked,
  random: Random,
): Load['run'] {
  if (open !== undefined) {
    const together = idleMs === undefined ? 1 : concurrency;
    return async (seconds, latencies, perSecond = open.perSecond) => {
      const due = scheduleOf({ arrivals: open.arrivals, perSecond, seconds, together }, random);
      const startedAt = performance.now();
      try {
        return await openLoop(await asked.begin(), { startedAt, due }, latencies);
      } finally {
        await asked.end();
      }
    };
  }
  if (idleMs !== undefined) {
    const bursts = { ...asked, calls: concurrency, restMs: idleMs };
    return (seconds, latencies) => burstLoop(bursts, seconds, latencies);
  }
  return async (seconds, latencies) =>
    closedLoop(await asked.begin(), concurrency, seconds, latencies);
}

export async function clientLoad(contender: Contender, assignment: Assignment): Promise<Load> {
  const { servers, load, entry, seed } = assignment;
  const { operation } = load;
  const workload = workloadOf(load);
  const random = new Random(seed);
  const stock = stockOf(workload, entry, random);
  if (contender.flood !== undefined) return contender.flood(servers[0], load, stock.keys);
  const { open } = contender;
  if (open === undefined) throw new Error('can neither be opened nor flood');
  const connect = (): Promise<Connected> => open(servers, workload.kind);
  const client = await connect();
  await fillAndVerify(client, stock);
  if (workload.page !== undefined) await verifyMany(client, load, stock);
  const checked = load.workload !== undefined;
  const asks = operationOf({ operation, workload, stock, random, checked });
  const asked = workload.cold === true ? asCold(connect, asks) : asWarm(asks(client));
  const paced = pacing(load, workload, asked, random);
  const beside = await besideOf(client, load, entry);
  return {
    run: async (seconds, latencies, perSecond) => {
      const [work] = await Promise.all([paced(seconds, latencies, perSecond), beside?.(seconds)]);
      return work;
    },
    close: () => client.close(),
  };
}

/** One more caller on the same client, whose values are large; its calls are neither counted nor timed. */
async function besideOf(
  client: Connected,
  { beside, kind }: LoadCase,
  entry: number,
): Promise<((seconds: number) => Promise<Work>) | undefined> {
  if (beside === undefined) return undefined;
  const operation = beside === 'large get' ? 'get' : 'set';
  const workload = workloadOf({ operation, size: LARGE_BYTES, kind, concurrency: 1 });
  const random = new Random(entry);
  const stock = stockOf(workload, entry + LARGE_KEYS_ENTRY, random);
  await fillAndVerify(client, stock);
  const large = operationOf({ operation, workload, stock, random, checked: false })(client);
  const unread = newLatencies();
  return (seconds) => closedLoop(large, 1, seconds, unread);
}
