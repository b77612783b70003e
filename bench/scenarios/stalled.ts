import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import type { Bench, Section } from '../bench.ts';
import { getAndSet } from '../faults/load/asks.ts';
import { Callers } from '../faults/load/callers.ts';
import { Ledger } from '../faults/load/ledger.ts';
import { Tally } from '../faults/load/tally.ts';
import { isMeasured } from '../report/bars.ts';
import { ratioOfPairs, roundOff, spreadOf } from '../report/spread.ts';
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
  const slices: Record<Side, SideSlice[]> = { calm: [], stalled: [] };
  for (let round = 0; round < rounds; round++) {
    bench.progress.show(`one stalled, round ${round + 1}/${rounds}`);
    const sides: Side[] = round % 2 === 0 ? ['calm', 'stalled'] : ['stalled', 'calm'];
    for (const side of sides) slices[side].push(await sliceOfOthers(bench, fleet, side));
  }
  return stalledSection(slices);
}

/** What those did who ask the servers that are awake. */
interface SideSlice {
  /** Right answers per second. */
  readonly rate: number;
  /** What went wrong for them: a rate that holds failures says nothing. */
  readonly void?: string;
}

const NAMES: Readonly<Record<Side, string>> = { calm: 'all awake', stalled: 'one stalled' };

export function stalledSection(slices: Readonly<Record<Side, readonly SideSlice[]>>): Section {
  const rates = (side: Side): number[] =>
    slices[side].map((slice) => (slice.void === undefined ? slice.rate : Number.NaN));
  const row = (side: Side): string[] => {
    const { median, min, max } = spreadOf(rates(side).filter((rate) => !Number.isNaN(rate)));
    return [NAMES[side], roundOff(median), `${roundOff(min)}..${roundOff(max)}`];
  };
  const sides = ['calm', 'stalled'] as const;
  const bars = sides.map((side) => ({
    label: NAMES[side],
    ours: side === 'stalled',
    rounds: rates(side).map((rate) => (Number.isNaN(rate) ? null : rate)),
  }));
  return {
    table: {
      title: `stalled: ops/s of ${BUSY_CALLERS} callers who ask ${SERVERS - 1} servers, while the other one sleeps`,
      head: ['', 'ops/s', 'range'],
      rows: sides.map(row),
      notes: sides.flatMap((side) =>
        slices[side].flatMap(({ void: reason }, round) =>
          reason === undefined ? [] : [`${NAMES[side]}, round ${round + 1} is void: ${reason}`],
        ),
      ),
    },
    figures: [
      {
        kind: 'bars',
        title: 'operations per second of the others',
        unit: '/s',
        better: 'higher',
        rows: bars.filter(isMeasured),
      },
    ],
    data: slices,
    verdicts: [
      {
        target: `throughput of the others with one of ${SERVERS} stalled`,
        against: NAMES.calm,
        required: { atLeast: ISOLATED },
        unit: 'x',
        measured: ratioOfPairs(rates('stalled'), rates('calm')),
      },
    ],
  };
}

/** Why a slice is void, if so: those who ask servers that are awake have to be answered, and rightly. */
export function faultOf({ errors, findings, unanswered }: Tally): string | undefined {
  const faults = Object.entries({
    ...Object.fromEntries(errors),
    lost: findings.lost,
    stale: findings.stale,
    wrong: findings.wrong,
    unanswered,
  }).filter(([, count]) => count > 0);
  if (faults.length === 0) return undefined;
  return faults.map(([name, count]) => `${count} ${name}`).join(', ');
}

/** A client of its own for each slice: what the last one has learned of the servers is gone with it. */
async function sliceOfOthers(
  bench: Bench,
  fleet: readonly RunningMemcached[],
  side: Side,
): Promise<SideSlice> {
  const client = createClient({ servers: fleet.map(({ address }) => address) });
  await client.connect();
  const [asleep] = fleet;
  const isThere = (key: string): boolean => client.serverFor(key) === asleep.address;
  const calling = (wanted: (key: string) => boolean, count: number, pauseMs: number) => {
    const ledger = new Ledger('isolated', KEYS, () => VALUE_BYTES).only(wanted);
    const tally = new Tally();
    let answered = 0;
    const call = async (step: number): Promise<void> => {
      await getAndSet({ client, ledger, tally }, step);
      answered++;
    };
    const deadlineMs = client.config().timeoutMs.value;
    const callers = new Callers({ call, tally, count, deadlineMs, pauseMs });
    // What was not there cost less than what is counted.
    return { tally, callers, right: () => answered - tally.findings.miss };
  };
  const others = calling((key) => !isThere(key), BUSY_CALLERS, 0);
  const own = calling(isThere, STALLED_CALLERS, STALLED_PAUSE_MS);
  others.callers.start();
  own.callers.start();
  await pause(bench.selection.warmUpSeconds * 500);
  if (side === 'stalled') asleep.pause();
  const before = others.right();
  const began = performance.now();
  await pause(1000 * Math.max(LEAST_SECONDS, bench.selection.seconds));
  const rate = ((others.right() - before) * 1000) / (performance.now() - began);
  asleep.resume();
  await Promise.all([others.callers.stop(), own.callers.stop()]);
  await client.close({ timeoutMs: 0 });
  const fault = faultOf(others.tally);
  return { rate, ...(fault !== undefined && { void: fault }) };
}
