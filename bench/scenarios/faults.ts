import { connect } from 'node:net';
import { Duplex, Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientOptions, createClient, type FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import type { Bench, Section } from '../bench.ts';
import { FaultLoad } from '../load/fault-load.ts';
import { ratioOf, roundOff, spreadOf } from '../report/spread.ts';
import { pinRunning } from '../support/pinning.ts';

const SERVERS = 8;
const CALLERS = 32;
const KEYS = 800;
/** So long a load runs before the fault, and after the fault is over. */
const BEFORE_MS = 300;
const AFTER_MS = 2000;
const SLOW_MS = 200;

/** Who is at the fastest, who asks what a stalled server has, and how often: not to be a load of its own. */
const BUSY_CALLERS = 256;
const STALLED_CALLERS = 8;
const STALLED_PAUSE_MS = 5;
const ISOLATION_SECONDS = 2;
const ISOLATED = 0.9;

interface Fault {
  readonly label: string;
  options?(fleet: readonly RunningMemcached[]): ClientOptions;
  /** Resolves when the fault is over, with the moment from which the fleet could be whole again. */
  happen(fleet: readonly RunningMemcached[]): Promise<number>;
}

interface Outcome {
  readonly label: string;
  readonly operations: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly wrong: number;
  readonly wholeAfterMs: number;
}

/** The ways to a fleet in which the answers of the first server are late. */
function withOneSlow([{ port: slow }]: readonly RunningMemcached[]): ClientOptions {
  return {
    connect: (address) => {
      const port = 'port' in address ? address.port : 0;
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      if (port !== slow) return socket;
      const late = new Transform({
        transform(chunk, _encoding, done) {
          setTimeout(() => this.push(chunk), SLOW_MS);
          done();
        },
      });
      return Duplex.from({ writable: socket, readable: socket.pipe(late) });
    },
  };
}

const now = (): number => performance.now();

const FAULTS: readonly Fault[] = [
  { label: 'none', happen: async () => now() },
  {
    label: 'kill -9 of one',
    async happen([lost]) {
      const began = now();
      await lost.kill();
      return began;
    },
  },
  {
    label: 'SIGSTOP of one for 5 s',
    async happen([stopped]) {
      const began = now();
      stopped.pause();
      await pause(5000);
      stopped.resume();
      return began;
    },
  },
  {
    label: 'restart of one, same port',
    async happen([restarted]) {
      const began = now();
      await restarted.restart();
      return began;
    },
  },
  {
    label: 'one flaps every 300 ms for 3 s',
    async happen([flapping]) {
      const began = now();
      for (let i = 0; i < 5; i++) {
        await flapping.kill();
        await pause(300);
        await flapping.restart();
        await pause(300);
      }
      return began;
    },
  },
  {
    label: 'all gone for 1 s; since they are back',
    async happen(fleet) {
      await Promise.all(fleet.map((server) => server.kill()));
      await pause(1000);
      await Promise.all(fleet.map((server) => server.restart()));
      return now();
    },
  },
  { label: `one answers ${SLOW_MS} ms late`, options: withOneSlow, happen: async () => now() },
];

/** What becomes of callers while servers fail, and what a stalled server costs those who do not need it. */
export async function* faults(bench: Bench): AsyncGenerator<Section> {
  const starts = Array.from({ length: SERVERS }, () => startMemcached({ threads: 1 }));
  const fleet = await Promise.all(starts);
  try {
    yield await faultSection(bench, fleet);
    yield await isolationSection(bench, fleet);
  } finally {
    await Promise.all(fleet.map((server) => server.stop()));
  }
}

async function faultSection(bench: Bench, fleet: readonly RunningMemcached[]): Promise<Section> {
  const outcomes: Outcome[] = [];
  for (const fault of FAULTS) {
    bench.progress.show(`faults: ${fault.label}`);
    outcomes.push(await outcomeOf(fault, await afresh(bench, fleet)));
  }
  return {
    table: {
      title: `faults: ${CALLERS} callers over ${SERVERS} servers, default options; whole: ms until the last error`,
      head: ['', 'operations', 'wrong values', 'whole after', 'errors'],
      rows: outcomes.map(({ label, operations, wrong, wholeAfterMs, errors }) => [
        label,
        String(operations),
        String(wrong),
        wholeAfterMs.toFixed(0),
        errorsText(errors),
      ]),
    },
    data: outcomes,
    verdicts: [
      {
        target: 'faults: wrong values, all faults together',
        against: 'what was stored',
        required: { atMost: 0 },
        unit: '',
        measured: spreadOf([outcomes.reduce((sum, { wrong }) => sum + wrong, 0)]),
      },
    ],
  };
}

const errorsText = (errors: Outcome['errors']): string => {
  const list = Object.entries(errors).map(([code, count]) => `${code} ${count}`);
  return list.length === 0 ? 'none' : list.join(', ');
};

async function outcomeOf(fault: Fault, fleet: readonly RunningMemcached[]): Promise<Outcome> {
  const client = clientOf(fleet, fault.options?.(fleet));
  await client.connect();
  const keys = Array.from({ length: KEYS }, (_, i) => `fault:${i}`);
  const load = new FaultLoad(client, keys);
  await load.start(CALLERS);
  await pause(BEFORE_MS);
  const since = await fault.happen(fleet);
  await pause(AFTER_MS);
  await load.stop();
  await client.close({ timeoutMs: 0 });
  const { operations, wrong, errors, lastFailureAt } = load;
  return {
    label: fault.label,
    operations,
    wrong,
    errors: Object.fromEntries(errors),
    wholeAfterMs: Math.max(0, lastFailureAt - since),
  };
}

/** The fleet as it was at first: all there, all empty. */
async function afresh(
  bench: Bench,
  fleet: readonly RunningMemcached[],
): Promise<readonly RunningMemcached[]> {
  await Promise.all(fleet.map((server) => server.restart()));
  for (const server of fleet) pinRunning(bench.pinning.server, server.pid);
  return fleet;
}

const clientOf = (fleet: readonly RunningMemcached[], options: ClientOptions = {}): FleetClient =>
  createClient({ servers: fleet.map(({ address }) => address), ...options });

async function isolationSection(
  bench: Bench,
  fleet: readonly RunningMemcached[],
): Promise<Section> {
  const { rounds } = bench.selection;
  const rates = { calm: [] as number[], stalled: [] as number[] };
  await afresh(bench, fleet);
  for (let round = 0; round < rounds; round++) {
    bench.progress.show(`faults: one stalled, round ${round + 1}/${rounds}`);
    const sides = round % 2 === 0 ? (['calm', 'stalled'] as const) : (['stalled', 'calm'] as const);
    for (const side of sides) rates[side].push(await rateOfOthers(bench, fleet, side));
  }
  const ratio = ratioOf(rates.stalled, rates.calm);
  const row = (label: string, figures: readonly number[]): string[] => {
    const { median, min, max } = spreadOf(figures);
    return [label, roundOff(median), `${roundOff(min)}..${roundOff(max)}`];
  };
  return {
    table: {
      title: `faults: ops/s of ${BUSY_CALLERS} callers who ask ${SERVERS - 1} servers, while the other one sleeps`,
      head: ['', 'ops/s', 'range'],
      rows: [row('all awake', rates.calm), row('one stalled', rates.stalled)],
    },
    data: rates,
    verdicts: [
      {
        target: `faults: throughput of the others with one of ${SERVERS} stalled`,
        against: 'all awake',
        required: { atLeast: ISOLATED },
        unit: 'x',
        measured: ratio,
      },
    ],
  };
}

/** A client of its own for each slice: what the last one has learned of the servers is gone with it. */
async function rateOfOthers(
  bench: Bench,
  fleet: readonly RunningMemcached[],
  side: 'calm' | 'stalled',
): Promise<number> {
  const client = clientOf(fleet);
  await client.connect();
  const [asleep] = fleet;
  const keys = Array.from({ length: KEYS }, (_, i) => `isolated:${i}`);
  const isThere = (key: string): boolean => client.serverFor(key) === asleep.address;
  const others = new FaultLoad(
    client,
    keys.filter((key) => !isThere(key)),
    0,
  );
  const own = new FaultLoad(client, keys.filter(isThere), STALLED_PAUSE_MS);
  await Promise.all([others.start(BUSY_CALLERS), own.start(STALLED_CALLERS)]);
  await pause(bench.selection.warmUpSeconds * 500);
  if (side === 'stalled') asleep.pause();
  const before = others.operations;
  const began = now();
  // Long enough for what a stalled server goes through: waited for, taken out, asked again.
  await pause(1000 * Math.max(ISOLATION_SECONDS, bench.selection.seconds));
  const rate = ((others.operations - before) * 1000) / (now() - began);
  asleep.resume();
  await Promise.all([others.stop(), own.stop()]);
  await client.close({ timeoutMs: 0 });
  return rate;
}
