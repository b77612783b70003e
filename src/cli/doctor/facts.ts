import type { StatValue } from '../../index.ts';

type Values = ReadonlyMap<string, StatValue>;

/** What one server told, and how long it took. */
export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly stats: Values;
  readonly settings: Values;
  readonly items: Values;
  readonly slabs: Values;
  /** Round trips in milliseconds, ascending. */
  readonly roundTrips: readonly number[];
  /** Seconds by which its clock is ahead of the one here; a whole second of doubt is already taken off. */
  readonly clockAheadSeconds: number;
}

/** What the client is set to that has to do with servers. */
export interface ClientFacts {
  /** In the order of the option. */
  readonly servers: readonly string[];
  /** Processes that are told to use the servers. */
  readonly processes: number;
  readonly timeoutMs: number;
  readonly connections: number;
  readonly volleyKeys: number;
  readonly idleTimeoutMs: number;
  readonly maxValueBytes: number | undefined;
  readonly tls: boolean;
  readonly auth: boolean;
  readonly hash: string;
  readonly profile: string | undefined;
  /** Cores of this machine. */
  readonly cores: number;
}

/** A setting or statistic as a number; undefined where the server does not tell it. */
export function numberOf(values: Values, name: string): number | undefined {
  const value = values.get(name);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** 0 where the server does not count it. */
export const countOf = (values: Values, name: string): number => numberOf(values, name) ?? 0;

/** `stats items` and `stats slabs` by class: `items:3:evicted` and `3:total_pages`. */
export function byClass(values: Values, name: string): Map<number, number> {
  const found = new Map<number, number>();
  for (const key of values.keys()) {
    const digits = /^(?:items:)?(\d+):/.exec(key)?.[1];
    if (digits !== undefined && key.endsWith(`:${name}`)) {
      found.set(Number(digits), countOf(values, key));
    }
  }
  return found;
}

/** Where a server is, as far as its name says. */
export function hostOf(name: string): string {
  if (name.startsWith('unix:')) return '';
  return name.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

export const isLoopback = (host: string): boolean =>
  host === '' || host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Networks that are nobody's alone (RFC 1918, 6598, 3927), this machine, and no address at all. */
const PRIVATE =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/** An address of the Internet. Of a name nothing is known: it counts as private. */
export function isPublic(host: string): boolean {
  if (host.includes(':')) return /^[23][0-9a-f]{3}:/i.test(host);
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) && !PRIVATE.test(host);
}

/** A release as numbers that compare: 1.6.18 is less than 1.6.35. Undefined where it is no release. */
export function releaseOf(version: string): readonly [number, number, number] | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

export function isBefore(version: string, release: string): boolean {
  const [own, other] = [releaseOf(version), releaseOf(release)];
  if (own === undefined || other === undefined) return false;
  const differs = own.findIndex((part, i) => part !== other[i]);
  return differs !== -1 && own[differs] < other[differs];
}
