import { randomBytes } from 'node:crypto';
import type { OpenOptions } from '../contenders/contender.ts';

/** How the bench behaves on servers that are somebody's. Plain data, sent to the contenders. */
export interface Manners {
  /** Of every key: nobody else's begin with it. */
  readonly prefix: string;
  /** What is not deleted, because the bench was killed, goes by itself. */
  readonly ttlSeconds: number;
  /** Absent at full speed. */
  readonly limits?: Limits;
}

interface Limits {
  /** Of all clients together, for only one of them works at a time. */
  readonly operationsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of each client to each server. */
  readonly connections: number;
  readonly keys: number;
  readonly storedBytes: number;
}

export const LIMITS: Limits = {
  operationsPerSecond: 5000,
  bytesPerSecond: 20_000_000,
  connections: 4,
  keys: 1000,
  storedBytes: 1024 * 1024,
};
const PREFIX_BYTES = 4;
const HOUR_SECONDS = 3600;
const MINUTE_SECONDS = 60;

/** `minutes`: what the longest scenario is asked to take. */
export function mannersFor(minutes: number, fullSpeed: boolean): Manners {
  return {
    prefix: `bench-${randomBytes(PREFIX_BYTES).toString('hex')}-`,
    ttlSeconds: Math.ceil(HOUR_SECONDS + minutes * MINUTE_SECONDS),
    ...(!fullSpeed && { limits: LIMITS }),
  };
}

/** How a contender is opened then. */
export function asGuest(manners: Manners | undefined): OpenOptions {
  if (manners === undefined) return {};
  const { ttlSeconds, limits } = manners;
  return { ttlSeconds, ...(limits && { connections: limits.connections }) };
}

/** What the owner of the servers is told before anything is sent to them. */
export function mannersText({ prefix, ttlSeconds, limits }: Manners): string {
  const speed =
    limits === undefined
      ? 'at full speed'
      : `at most ${limits.operationsPerSecond} operations and ${limits.bytesPerSecond / 1e6} MB a second, ${limits.connections} connections of each client to a server (--full-speed lifts that)`;
  return `a guest: keys begin with ${prefix}, live ${ttlSeconds} s and are deleted at the end; nothing is flushed; ${speed}`;
}
