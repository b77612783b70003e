import { CEILINGS, RIVALS, SUBJECT } from '../../bench/contenders/roster.ts';
import type { LoadCase, Slice } from '../../bench/load/load-case.ts';
import { describeLoad } from '../../bench/load/load-case.ts';
import type { Outcome } from '../../bench/race.ts';
import type { Section } from '../../bench/bench.ts';
import type { CurveLine } from '../../bench/report/figure.ts';
import { FORMAT, type Report } from '../../bench/report/json.ts';
import { raceSection } from '../../bench/report/race-section.ts';
import { throughput } from '../../bench/report/race-table.ts';
import { ratioOf } from '../../bench/report/spread.ts';
import { selectionFrom } from '../../bench/selection.ts';
import { Random } from '../../bench/support/random.ts';

const ROUNDS = 5;
const GET: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512 };
const SET: LoadCase = { ...GET, operation: 'set' };
const [CEILING] = CEILINGS;
const CLIENTS = [SUBJECT, ...RIVALS.filter(({ performs }) => performs === undefined), CEILING];
const RATES = [1_400_000, 170_000, 137_000, 163_000, 143_000, 240_000, 78_000, 68_000, 2_800_000];
const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9];

function sliceOf(random: Random, rate: number, hasCalls: boolean): Slice {
  const around = (value: number): number => value * random.between(0.97, 1.03);
  const p50 = around(512_000 / rate);
  const percentiles = PERCENTILES.map(
    (percentile) => [percentile, p50 * (0.3 + 0.7 * (2 * (1 - percentile / 100)) ** -0.4)] as const,
  );
  const at = (wanted: number): number =>
    percentiles.find(([percentile]) => percentile === wanted)?.[1] ?? Number.NaN;
  return {
    operations: Math.round(rate / 2),
    misses: 0,
    seconds: 0.5,
    operationsPerSecond: rate,
    ...(hasCalls && { latency: { p50, p99: at(99), p999: at(99.9), percentiles } }),
    cpuMicrosPerOperation: around(950_000 / rate),
    mainThreadMicrosPerOperation: around(900_000 / rate),
    eventLoopUtilization: random.between(0.9, 1),
    rssMiB: random.between(80, 120),
  };
}

function raceOf(random: Random, load: LoadCase, ours: number): Outcome[] {
  // The machine is slower in one round than in another, for everybody.
  const machine = Array.from({ length: ROUNDS }, () => random.between(0.7, 1));
  return CLIENTS.map((contender, i) => {
    const entry = { label: contender.name, contender, load };
    if (contender.name === 'memcached') {
      return { entry, slices: [], failure: 'connect <failed> & gave "up"' };
    }
    const rate = RATES[i] * (contender === SUBJECT ? ours : 1);
    const slices = machine.map((speed) =>
      sliceOf(random, rate * speed * random.between(0.97, 1.03), contender !== CEILING),
    );
    return { entry, slices };
  });
}

function raceSectionOf(random: Random, load: LoadCase, ours: number): Section {
  const outcomes = raceOf(random, load, ours);
  const [subject, rival] = outcomes;
  const measured = ratioOf(subject.slices.map(throughput), rival.slices.map(throughput));
  const target = { target: `${describeLoad(load)}: throughput`, unit: 'x', against: 'memjs' };
  return {
    ...raceSection(describeLoad(load), outcomes),
    verdicts: [
      { ...target, required: { atLeast: 6 }, measured },
      { ...target, required: { atMost: 7 }, measured },
      { ...target, required: { atLeast: 6 }, measured: undefined },
    ],
  };
}

function curveSection(): Section {
  const rates = [20_000, 60_000, 100_000, 200_000, 400_000];
  const line = (label: string, most: number): CurveLine => ({
    label,
    ours: label === SUBJECT.name,
    points: rates.map((rate) => {
      const load = Math.min(0.999, rate / most);
      return { rate, p50: 0.03 / (1 - load), p99: 1 / (1 - load), void: rate > most };
    }),
  });
  return {
    table: {
      title: 'open loop',
      head: ['', 'rate'],
      rows: rates.map((rate) => ['', String(rate)]),
    },
    figures: [
      {
        kind: 'curve',
        title: 'times over rates',
        series: [line(SUBJECT.name, 900_000), line('memjs', 120_000), line('ioredis', 190_000)],
      },
    ],
    data: rates,
  };
}

function growthSection(): Section {
  const servers = [1, 2, 4, 8, 16];
  return {
    table: {
      title: 'costs',
      head: ['servers', 'CPU us/get'],
      rows: servers.map((count) => [String(count), String(0.5 * count ** 0.6)]),
    },
    figures: [
      {
        kind: 'growth',
        title: 'CPU per get',
        unit: ' us',
        over: 'servers',
        series: [
          {
            label: SUBJECT.name,
            ours: true,
            points: servers.map((count) => [count, 0.5 * count ** 0.6] as const),
          },
        ],
      },
    ],
    data: servers,
  };
}

/** A run as the bench would report it, without measuring anything. `ours`: how fast memvolley is beside the usual. */
export function benchReport({ seed = 1, ours = 1 }: { seed?: number; ours?: number } = {}): Report {
  const random = new Random(seed);
  const selection = selectionFrom(['--rounds', String(ROUNDS), '--seconds', '0.5'], ['headline']);
  if (selection === undefined) throw new Error('no help was asked for');
  return {
    format: FORMAT,
    environment: {
      date: '2026-01-02T03:04:05.678Z',
      commit: 'abc1234',
      cpu: 'A processor with <brackets>',
      cores: 2,
      memoryGiB: 8,
      kernel: 'Linux 6.1',
      node: 'v20.19.0',
      loadBefore: 0.25,
      servers: ['memcached 1.6.18 -t 1'],
      pinning: 'client on core 1, server on core 0',
      network: 'loopback',
      packages: { memvolley: '0.1.0' },
      others: [{ name: 'memjs', version: '1.3.2', settings: 'timeout 10 s' }],
    },
    selection,
    sections: [
      raceSectionOf(random, GET, ours),
      raceSectionOf(random, SET, ours),
      curveSection(),
      growthSection(),
    ],
  };
}
