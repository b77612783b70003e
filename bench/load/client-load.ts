import type { Connected, Contender } from '../contenders/contender.ts';
import { asGuest } from '../guest/manners.ts';
import { Pace } from '../guest/pace.ts';
import type { Random } from '../support/random.ts';
import { scheduleOf } from './arrivals.ts';
import { type Assignment, largeStockFor, stockFor } from './assignment.ts';
import { burstLoop, closedLoop } from './closed-loop.ts';
import { changed, fillAndVerify } from './fill.ts';
import type { Stock } from './keys.ts';
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
import { StallWatch } from './stall-watch.ts';
import { sameValue } from './values.ts';
import type { Workload } from './workloads.ts';

async function verifyMany(
  client: Connected,
  { operation, keysPerCall = GET_MANY_KEYS }: LoadCase,
  { keys, values }: Stock,
): Promise<void> {
  const { read, valueIn } = manyRead(client, operation);
  const asked = keys.slice(0, Math.min(keysPerCall, values.length));
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

/** The same operation, whose calls wait until they may be made. */
function inTurn(operation: Operation, pace: Pace | undefined): Operation {
  return pace === undefined
    ? operation
    : { ...operation, turn: (call) => pace.turn(operation.keysOf(call)) };
}

/** How calls follow one another: when they are due, in bursts, or as callers have their answers. */
function pacing(
  { open, concurrency, operation }: LoadCase,
  { idleMs }: Workload,
  asked: Asked,
  { random, pace }: { readonly random: Random; readonly pace: Pace | undefined },
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
    const turn = pace && (() => pace.turn(concurrency));
    const watch = operation === 'setBurst' ? new StallWatch() : undefined;
    const optional = { ...(turn && { turn }), ...(watch && { watch }) };
    const bursts = { ...asked, calls: concurrency, restMs: idleMs, ...optional };
    return (seconds, latencies) => burstLoop(bursts, seconds, latencies);
  }
  return async (seconds, latencies) =>
    closedLoop(inTurn(await asked.begin(), pace), concurrency, seconds, latencies);
}

export async function clientLoad(contender: Contender, assignment: Assignment): Promise<Load> {
  const { servers, load, manners } = assignment;
  const { operation } = load;
  const workload = workloadOf(load);
  const { stock, random } = stockFor(assignment);
  const pace = manners?.limits && new Pace(manners.limits, stock.meanBytes);
  if (contender.flood !== undefined) return contender.flood(servers[0], load, stock.keys);
  const { open } = contender;
  if (open === undefined) throw new Error('can neither be opened nor flood');
  const connect = (): Promise<Connected> => open(servers, workload.kind, asGuest(manners));
  const client = await connect();
  await fillAndVerify(client, stock, pace);
  if (workload.page !== undefined) await verifyMany(client, load, stock);
  const checked = load.workload !== undefined;
  const asks = operationOf({ operation, workload, stock, random, checked });
  const asked = workload.cold === true ? asCold(connect, asks) : asWarm(asks(client));
  const paced = pacing(load, workload, asked, { random, pace });
  const beside = await besideOf(client, assignment);
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
  assignment: Assignment,
): Promise<((seconds: number) => Promise<Work>) | undefined> {
  const { beside, kind } = assignment.load;
  if (beside === undefined) return undefined;
  const operation = beside === 'large get' ? 'get' : 'set';
  const workload = workloadOf({ operation, size: LARGE_BYTES, kind, concurrency: 1 });
  const { stock, random } = largeStockFor(assignment);
  await fillAndVerify(client, stock);
  const large = operationOf({ operation, workload, stock, random, checked: false })(client);
  const unread = newLatencies();
  return (seconds) => closedLoop(large, 1, seconds, unread);
}
