import {
  type Distribution,
  exactly,
  extremeValue,
  logNormal,
  oneOf,
  pareto,
  weibull,
  within,
} from './distributions.ts';
import type { ValueKind } from './values.ts';

/** What is asked of a cache: which keys, how large, how often written, by whom. All that is random comes from one seed. */
export interface Workload {
  readonly about: string;
  readonly kind: ValueKind;
  readonly keyBytes: Distribution;
  /** Bytes of a string or Buffer, bytes as JSON of an object. A key has the same one whenever it is written. */
  readonly valueBytes: Distribution;
  /** Zipf: the i-th most popular key is drawn with a weight of 1 / i^0.99, as in YCSB. */
  readonly popularity: 'uniform' | 'zipf' | 'one key' | 'in turn';
  /** So many are stored, however large their values. Default: 10 000, or as many as fit 16 MiB of values. */
  readonly keys?: number;
  /** Share of the calls that store a value. */
  readonly writes: number;
  /** Share of the reads that ask for what was never stored. */
  readonly misses: number;
  /** Keys of one read. Absent: single gets. */
  readonly page?: Distribution;
  /** In the closed loop, where nothing else is asked for; of a burst, the calls that start in one moment. */
  readonly callers: number;
  /** Calls come in bursts with so much quiet between them, until which all have been answered. Absent: without rest. */
  readonly idleMs?: number;
  /** Each burst, or in the open loop each slice, begins with a client that has no connection yet. */
  readonly cold?: boolean;
  readonly servers: number;
}

/** The shortest key there is room for: prefix, entry of the race, number. */
const SHORTEST_KEY = 13;
const LONGEST_KEY = 250;

export const PLAIN: Workload = {
  about: 'reads of 100 B, every key as likely as any other',
  kind: 'string',
  keyBytes: exactly(SHORTEST_KEY),
  valueBytes: exactly(100),
  popularity: 'uniform',
  writes: 0,
  misses: 0,
  callers: 512,
  servers: 1,
};

const keys = (draw: Distribution): Distribution => within(SHORTEST_KEY, LONGEST_KEY, draw);

export type WorkloadName =
  | 'uniform'
  | 'zipf'
  | 'etc'
  | 'twitter'
  | 'feed'
  | 'hot'
  | 'burst'
  | 'cold'
  | `misses-${10 | 50 | 90}`
  | 'large'
  | 'objects'
  | `servers-${2 | 4 | 8 | 16}`;

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  uniform: PLAIN,
  zipf: { ...PLAIN, about: 'the same with Zipf 0.99 keys', popularity: 'zipf' },
  etc: {
    ...PLAIN,
    about: "like Facebook's ETC pool: 30 reads to a write, sizes as published",
    // Atikoglu and others, SIGMETRICS 2012: two values in five have a handful of sizes up to 14 bytes, some are large.
    keyBytes: keys(extremeValue(30.8, 8.2, 0.0787)),
    valueBytes: oneOf(
      [0.18, exactly(2)],
      [0.1, exactly(3)],
      [0.1, exactly(11)],
      [0.05, exactly(14)],
      [0.57, within(15, 100_000, pareto(15, 214.5, 0.348))],
    ),
    popularity: 'zipf',
    writes: 1 / 31,
  },
  twitter: {
    ...PLAIN,
    about: 'like clusters of Twitter: objects of 230 B in the middle, 35 % writes',
    // Yang and others, OSDI 2020: key and value together have a median of 230 bytes.
    keyBytes: keys(logNormal(40, 0.3)),
    valueBytes: within(8, 10_000, logNormal(190, 1)),
    popularity: 'zipf',
    writes: 0.35,
  },
  feed: {
    ...PLAIN,
    about: 'pages of many keys: 24 on average, 95 at p95',
    // Nishtala and others, NSDI 2013. A log-normal distribution cannot have such a mean and such a p95.
    page: within(1, 500, weibull(17.6, 0.65)),
    valueBytes: within(8, 10_000, logNormal(190, 1)),
    popularity: 'zipf',
    callers: 64,
  },
  hot: { ...PLAIN, about: 'everybody reads one key', popularity: 'one key' },
  burst: { ...PLAIN, about: '512 gets in one moment after 100 ms of quiet', idleMs: 100 },
  cold: {
    ...PLAIN,
    about: '64 gets in one moment by a client without connections',
    callers: 64,
    idleMs: 10,
    cold: true,
  },
  'misses-10': { ...PLAIN, about: 'one read in ten finds nothing', misses: 0.1 },
  'misses-50': { ...PLAIN, about: 'every second read finds nothing', misses: 0.5 },
  'misses-90': { ...PLAIN, about: 'one read in ten finds something', misses: 0.9 },
  large: {
    ...PLAIN,
    about: 'Buffers of 80 to 250 B, and one in twenty of 100 KB',
    kind: 'buffer',
    valueBytes: oneOf(
      [0.05, exactly(100_000)],
      [0.95, within(80, 250, (random) => random.between(80, 251))],
    ),
    callers: 128,
  },
  objects: {
    ...PLAIN,
    about: 'records of about 1 KB, one call in ten a write',
    kind: 'object',
    valueBytes: within(200, 10_000, logNormal(1000, 0.6)),
    popularity: 'zipf',
    writes: 0.1,
  },
  'servers-2': { ...PLAIN, about: 'uniform over 2 servers', servers: 2 },
  'servers-4': { ...PLAIN, about: 'uniform over 4 servers', servers: 4 },
  'servers-8': { ...PLAIN, about: 'uniform over 8 servers', servers: 8 },
  'servers-16': { ...PLAIN, about: 'uniform over 16 servers', servers: 16 },
};
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as readonly WorkloadName[];
