import type { StatValue } from '../../index.ts';

/** What one server said at one moment. */
export interface Sample {
  /** As `performance.now` counts. */
  readonly atMs: number;
  readonly stats: ReadonlyMap<string, StatValue>;
  /** Round trips of this moment, in milliseconds and ascending. */
  readonly roundTrips: readonly number[];
}

/** What two samples of one server say of the time between them. */
export interface Rates {
  readonly getsPerSecond: number;
  readonly setsPerSecond: number;
  readonly otherPerSecond: number;
  /** Share of the gets that found something; undefined where there were none. */
  readonly hitRate: number | undefined;
  readonly evictionsPerSecond: number;
  readonly bytesReadPerSecond: number;
  readonly bytesWrittenPerSecond: number;
  readonly usedBytes: number;
  readonly limitBytes: number;
  readonly items: number;
  readonly connections: number;
  readonly uptimeSeconds: number;
  /** Median and longest of the round trips; undefined where none were made. */
  readonly roundTripMs: number | undefined;
  readonly worstRoundTripMs: number | undefined;
}

const OTHERS = [
  'delete_hits',
  'delete_misses',
  'incr_hits',
  'incr_misses',
  'decr_hits',
  'decr_misses',
  'cmd_touch',
  'cmd_flush',
];

/** A statistic as a number; 0 where the server does not count it. */
function figure(stats: ReadonlyMap<string, StatValue>, name: string): number {
  const value = stats.get(name);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
}

/** Counters that fell, for the server was started anew or its statistics were reset, count from nothing. */
export function ratesOf(before: Sample, after: Sample): Rates {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000);
  const change = (name: string): number => {
    const [old, now] = [figure(before.stats, name), figure(after.stats, name)];
    return now < old ? now : now - old;
  };
  const perSecond = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + change(name), 0) / seconds;
  const [hits, misses] = [change('get_hits'), change('get_misses')];
  const { stats, roundTrips } = after;
  return {
    // A `get` of many keys counts as many.
    getsPerSecond: perSecond('get_hits', 'get_misses'),
    setsPerSecond: perSecond('cmd_set'),
    otherPerSecond: perSecond(...OTHERS),
    hitRate: hits + misses === 0 ? undefined : hits / (hits + misses),
    evictionsPerSecond: perSecond('evictions'),
    bytesReadPerSecond: perSecond('bytes_read'),
    bytesWrittenPerSecond: perSecond('bytes_written'),
    usedBytes: figure(stats, 'bytes'),
    limitBytes: figure(stats, 'limit_maxbytes'),
    items: figure(stats, 'curr_items'),
    connections: figure(stats, 'curr_connections'),
    uptimeSeconds: figure(stats, 'uptime'),
    roundTripMs: roundTrips[Math.floor(roundTrips.length / 2)],
    worstRoundTripMs: roundTrips.at(-1),
  };
}

/** All servers as one: sums; the hit rate over all gets; the round trips of the slowest. */
export function sumOf(all: readonly Rates[]): Rates {
  const sum = (of: (rates: Rates) => number): number =>
    all.reduce((total, rates) => total + of(rates), 0);
  const known = (of: (rates: Rates) => number | undefined): number[] =>
    all.map(of).filter((value) => value !== undefined);
  const most = (values: readonly number[]): number | undefined =>
    values.length === 0 ? undefined : Math.max(...values);
  const gets = sum(({ getsPerSecond }) => getsPerSecond);
  const hits = sum(({ getsPerSecond, hitRate = 0 }) => getsPerSecond * hitRate);
  return {
    getsPerSecond: gets,
    setsPerSecond: sum((rates) => rates.setsPerSecond),
    otherPerSecond: sum((rates) => rates.otherPerSecond),
    hitRate: gets === 0 ? undefined : hits / gets,
    evictionsPerSecond: sum((rates) => rates.evictionsPerSecond),
    bytesReadPerSecond: sum((rates) => rates.bytesReadPerSecond),
    bytesWrittenPerSecond: sum((rates) => rates.bytesWrittenPerSecond),
    usedBytes: sum((rates) => rates.usedBytes),
    limitBytes: sum((rates) => rates.limitBytes),
    items: sum((rates) => rates.items),
    connections: sum((rates) => rates.connections),
    uptimeSeconds: Math.min(...all.map((rates) => rates.uptimeSeconds)),
    roundTripMs: most(known((rates) => rates.roundTripMs)),
    worstRoundTripMs: most(known((rates) => rates.worstRoundTripMs)),
  };
}
