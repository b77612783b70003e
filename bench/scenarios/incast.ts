import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientOptions, createClient, type FleetClient, ManyError } from '../../src/index.ts';
import {
  Bottleneck,
  type ChaosProxy,
  startChaosProxy,
  startMemcached,
} from '../../src/testing/index.ts';
import type { Bench, Section } from '../bench.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from '../report/spread.ts';
import { pinRunning } from '../support/pinning.ts';

const SERVERS = 16;
const KEYS = 1600;
const VALUE_BYTES = 4000;
const KEYS_PER_CALL = 100;
/** What the link carries: 1000 values a second, so that a call keeps it for a tenth of one. */
const LINK_BYTES_PER_SECOND = 4e6;
const DEADLINE_MS = 500;
/** What three ask for fits into the deadline; what 16 ask for takes three times as long. */
const CALLERS = [3, 16] as const;
/** Long enough for a window to be learned, and for several rounds of it. */
const LEARN_MS = 2000;
const LEAST_SECONDS = 3;
const AFTER_FAILURE_MS = 4;

/** What a slice came to. */
interface Slice {
  /** Values that arrived in time, per second. */
  readonly goodput: number;
  /** Share of the values asked for that did not. */
  readonly missed: number;
  /** Share of the bytes that came over the link and were no value in time. */
  readonly wasted: number;
}

/** What is sent at the end of its time comes too late: beside the window the time in the queue is bounded. */
const SIDES = {
  'window off': {},
  'window on': { window: { adaptive: true } },
  'window on, maxQueueMs': { window: { adaptive: true }, maxQueueMs: DEADLINE_MS / 2 },
} satisfies Record<string, Partial<ClientOptions>>;
type Side = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as Side[];

/** Many servers that answer at once over one narrow link, with and without the adaptive window. */
export async function* incast(bench: Bench): AsyncGenerator<Section> {
  const starts = Array.from({ length: SERVERS }, () => startMemcached({ threads: 1 }));
  const fleet = await Promise.all(starts);
  const proxies = await Promise.all(fleet.map((server) => startChaosProxy({ to: server })));
  try {
    for (const server of fleet) pinRunning(bench.pinning.server, server.pid);
    await fill(proxies);
    const link = new Bottleneck(LINK_BYTES_PER_SECOND);
    for (const callers of CALLERS) yield await section(bench, { proxies, link, callers });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await Promise.all(fleet.map((server) => server.stop()));
  }
}

interface Stage {
  readonly proxies: readonly ChaosProxy[];
  readonly link: Bottleneck;
  readonly callers: number;
}

async function section(bench: Bench, stage: Stage): Promise<Section> {
  const { callers } = stage;
  const slices = Object.fromEntries(NAMES.map((side) => [side, []])) as unknown as Record<
    Side,
    Slice[]
  >;
  for (let round = 0; round < bench.selection.rounds; round++) {
    bench.progress.show(`incast, ${callers} callers, round ${round + 1}/${bench.selection.rounds}`);
    const sides = NAMES.map((_, i) => NAMES[(i + round) % NAMES.length]);
    for (const side of sides) slices[side].push(await slice(bench, stage, side));
  }
  const row = (side: Side): string[] => {
    const figures = (name: keyof Slice): number[] => slices[side].map((one) => one[name]);
    const share = (name: 'missed' | 'wasted'): string =>
      spreadText(spreadOf(figures(name).map((part) => part * 100)), ' %');
    const { median, min, max } = spreadOf(figures('goodput'));
    const gain = ratioOf(
      figures('goodput'),
      slices['window off'].map(({ goodput }) => goodput),
    );
    const goodput = [roundOff(median), `${roundOff(min)}..${roundOff(max)}`, spreadText(gain, 'x')];
    return [side, ...goodput, share('missed'), share('wasted')];
  };
  return {
    table: {
      title: `incast: ${callers} callers ask ${SERVERS} servers for ${KEYS_PER_CALL} values each, over a link of ${LINK_BYTES_PER_SECOND / 1e6} MB/s, within ${DEADLINE_MS} ms`,
      head: ['', 'values in time/s', 'range', 'to window off', 'late', 'link wasted'],
      rows: NAMES.map(row),
    },
    figures: [
      {
        kind: 'bars',
        title: 'values in time',
        unit: '/s',
        better: 'higher',
        rows: NAMES.map((side) => ({
          label: side,
          ours: true,
          rounds: slices[side].map(({ goodput }) => goodput),
        })),
      },
    ],
    data: { callers, slices },
  };
}

const keyOf = (number: number): string => `incast:${number % KEYS}`;

async function fill(proxies: readonly ChaosProxy[]): Promise<void> {
  const servers = proxies.map(({ address }) => address);
  const client = createClient({ servers, timeoutMs: 20_000, connectTimeoutMs: 20_000 });
  const value = randomBytes(VALUE_BYTES);
  await client.setMany(Array.from({ length: KEYS }, (_, i) => [keyOf(i), value] as const));
  await client.close();
}

/** A client of its own for each: what the last one has learned is gone with it. */
async function slice(bench: Bench, stage: Stage, side: Side): Promise<Slice> {
  const { proxies, link, callers } = stage;
  const client = createClient({
    servers: proxies.map(({ address }) => address),
    timeoutMs: DEADLINE_MS,
    connectTimeoutMs: 20_000,
    ...SIDES[side],
    // A link that is slow is no fault of a server's: none is to be taken out for it.
    health: { retryAttempts: 1000, errorLimit: 0 },
  });
  for (const proxy of proxies) proxy.set({ bytesPerSecond: undefined });
  await client.connect();
  for (const proxy of proxies) proxy.set({ bytesPerSecond: link });
  const load = new Load(client, callers);
  await pause(LEARN_MS);
  const [arrived, asked, bytes] = [load.arrived, load.settled, bytesOver(proxies)];
  const began = performance.now();
  await pause(1000 * Math.max(LEAST_SECONDS, bench.selection.seconds));
  const seconds = (performance.now() - began) / 1000;
  const values = load.arrived - arrived;
  const result = {
    goodput: values / seconds,
    missed: 1 - values / (load.settled - asked),
    wasted: Math.max(0, 1 - (values * VALUE_BYTES) / (bytesOver(proxies) - bytes)),
  };
  await load.stop();
  await client.close({ timeoutMs: 0 });
  await pause(link.queuedMs);
  return result;
}

const bytesOver = (proxies: readonly ChaosProxy[]): number =>
  proxies.reduce((sum, { counters }) => sum + counters.toClientBytes, 0);

/** Callers who ask for the next keys as soon as they have the last, or an error. */
class Load {
  /** Values that came in time. */
  arrived = 0;
  /** Values asked for, of calls that are settled. */
  settled = 0;
  readonly #client: FleetClient;
  readonly #running: Promise<void>[];
  #over = false;

  constructor(client: FleetClient, callers: number) {
    this.#client = client;
    this.#running = Array.from({ length: callers }, (_, i) => this.#run(i * 31));
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #run(first: number): Promise<void> {
    for (let at = first; !this.#over; at += KEYS_PER_CALL) {
      const keys = Array.from({ length: KEYS_PER_CALL }, (_, i) => keyOf(at + i));
      try {
        this.arrived += (await this.#client.getMany(keys)).size;
      } catch (error) {
        if (!(error instanceof ManyError)) throw error;
        for (const value of error.values.values()) if (value !== undefined) this.arrived++;
        await pause(AFTER_FAILURE_MS);
      }
      this.settled += KEYS_PER_CALL;
    }
  }
}
