import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import type { Bench, Section } from '../bench.ts';
import { getAndSet } from '../faults/load/asks.ts';
import { Callers } from '../faults/load/callers.ts';
import { Ledger } from '../faults/load/ledger.ts';
import { Tally } from '../faults/load/tally.ts';
import { ratioOf, roundOff, spreadOf } from '../report/spread.ts';
import { pinRunning } from '../support/pinning.ts';

const SERVERS = 8;
const KEYS = 797;
const VALUE_BYTES = 20;

/** Who is at the fastest, who asks what a stalled server has, and how often: not to be a load of its own. */
const BUSY_CALLERS = 256;
const STALLED_CALLERS = 8;
const STALLED_PAUSE_MS = 5;
/** Long enough for what a stalled server goes through: waited for, taken out, asked again. */
const LEAST_SECONDS = 2;
const ISOLATED = 0.9;

type Side = 'calm' | 'stalled';

/** What a stalled server costs those who do not need it. */
export async function* stalled(bench: Bench): AsyncGenerator<Section> {
  const starts = Array.from({ length: SERVERS }, () => startMemcached({ threads: 1 }));
  const fleet = await Promise.all(starts);
  for (const server of fleet) pinRunning(bench.pinning.server, server.pid);
  try {
    yield await isolationSection(bench, fleet);
  } finally {
    await Promise.all(fleet.map((server) => server.stop()));
  }
}

async function isolationSection(
  bench: Bench,
  fleet: readonly RunningMemcached[],
): Promise<Section> {
  const { rounds } = bench.selection;
  const rates: Record<Side, number[]> = { calm: [], stalled: [] };
  for (let round = 0; round < rounds; round++) {
    bench.progress.show(`one stalled, round ${round + 1}/${rounds}`);
    const sides: Side[] = round % 2 === 0 ? ['calm', 'stalled'] : ['stalled', 'calm'];
    for (const side of sides) rates[side].push(await rateOfOthers(bench, fleet, side));
  }
  const row = (label: string, figures: readonly number[]): string[] => {
    const { median, min, max } = spreadOf(figures);
    return [label, roundOff(median), `${roundOff(min)}..${roundOff(max)}`];
  };
  return {
    table: {
      title: `stalled: ops/s of ${BUSY_CALLERS} callers who ask ${SERVERS - 1} servers, while the other one sleeps`,
      head: ['', 'ops/s', 'range'],
      rows: [row('all awake', rates.calm), row('one stalled', rates.stalled)],
    },
    figures: [
      {
        kind: 'bars',
        title: 'operations per second of the others',
        unit: '/s',
        better: 'higher',
        rows: [
          { label: 'all awake', rounds: rates.calm },
          { label: 'one stalled', ours: true, rounds: rates.stalled },
        ],
      },
    ],
    data: rates,
    verdicts: [
      {
        target: `throughput of the others with one of ${SERVERS} stalled`,
        against: 'all awake',
        required: { atLeast: ISOLATED },
        unit: 'x',
        measured: ratioOf(rates.stalled, rates.calm),
      },
    ],
  };
}

/** A client of its own for each slice: what the last one has learned of the servers is gone with it. */
async function rateOfOthers(
  bench: Bench,
  fleet: readonly RunningMemcached[],
  side: Side,
): Promise<number> {
  const client = createClient({ servers: fleet.map(({ address }) => address) });
  await client.connect();
  const [asleep] = fleet;
  const isThere = (key: string): boolean => client.serverFor(key) === asleep.address;
  const calling = (wanted: (key: string) => boolean, count: number, pauseMs: number) => {
    const ledger = new Ledger('isolated', KEYS, () => VALUE_BYTES).only(wanted);
    const tally = new Tally();
    const call = (step: number): Promise<void> => getAndSet({ client, ledger, tally }, step);
    const deadlineMs = client.config.timeoutMs;
    return { tally, callers: new Callers({ call, tally, count, deadlineMs, pauseMs }) };
  };
  const others = calling((key) => !isThere(key), BUSY_CALLERS, 0);
  const own = calling(isThere, STALLED_CALLERS, STALLED_PAUSE_MS);
  others.callers.start();
  own.callers.start();
  await pause(bench.selection.warmUpSeconds * 500);
  if (side === 'stalled') asleep.pause();
  const before = others.tally.operations;
  const began = performance.now();
  await pause(1000 * Math.max(LEAST_SECONDS, bench.selection.seconds));
  const rate = ((others.tally.operations - before) * 1000) / (performance.now() - began);
  asleep.resume();
  await Promise.all([others.callers.stop(), own.callers.stop()]);
  await client.close({ timeoutMs: 0 });
  return rate;
}
