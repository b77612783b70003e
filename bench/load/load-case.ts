import type { Histogram } from 'hdr-histogram-js';
import type { Usage } from './usage.ts';

/** What a value is in the caller's hands. */
export type ValueKind = 'string' | 'buffer' | 'object';
export const VALUE_KINDS: readonly ValueKind[] = ['string', 'buffer', 'object'];

export type LoadOperation =
  'get' | 'getMany' | 'getValues' | 'set' | 'mixed' | 'burst' | 'service' | 'encode' | 'decode';
export const GET_MANY_KEYS = 100;

/** What one contender is asked to do; plain data, sent to its process. */
export interface LoadCase {
  readonly operation: LoadOperation;
  readonly size: number;
  readonly kind: ValueKind;
  /** Callers that each wait for their answer before they ask again; in a burst, gets issued at once. */
  readonly concurrency: number;
  /** All callers want the same one key. */
  readonly hot?: boolean;
  /** A second caller beside them that moves values of LARGE_BYTES in a loop. */
  readonly beside?: 'large get' | 'large set';
  /** Of a service: its callers are keep-alive connections, its operations requests. */
  readonly service?: {
    readonly processes: number;
    readonly generatorCore: number | undefined;
  };
}

/** "1 MB" here: the largest round number that every client and a default server accept. */
export const LARGE_BYTES = 1_000_000;

export interface Work {
  /** Keys read or written, whatever the calls that carried them. */
  readonly operations: number;
  /** Answers without the value that was stored: any at all makes the figures void. */
  readonly misses: number;
  /** Where the load pauses by itself: the seconds it did not. */
  readonly busySeconds?: number;
  /** Where other processes do the work: what they used. */
  readonly usage?: Usage;
}

/** A load that is connected, filled, verified and ready to run slices. */
export interface Load {
  run(seconds: number, latencies: Histogram): Promise<Work>;
  close(): unknown;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** From the lowest to the highest that enough calls were timed for. */
  readonly percentiles: readonly (readonly [percentile: number, milliseconds: number])[];
}

/** One measured slice of one contender. */
export interface Slice extends Omit<Work, 'usage'> {
  readonly seconds: number;
  readonly operationsPerSecond: number;
  /** Of the calls; absent for the raw socket, which has no calls. */
  readonly latency?: Latency;
  /** All threads of the process. */
  readonly cpuMicrosPerOperation: number;
  readonly mainThreadMicrosPerOperation: number;
  readonly eventLoopUtilization: number;
  readonly rssMiB: number;
}

const sizeText = (size: number): string =>
  size >= 1_000_000 ? `${size / 1_000_000} MB` : size >= 1000 ? `${size / 1000} KB` : `${size} B`;

export function describeLoad(load: LoadCase): string {
  const { operation, concurrency } = load;
  if (operation === 'service') {
    const count = load.service?.processes ?? 1;
    const processes = count === 1 ? '1 process' : `${count} processes`;
    return `HTTP service, ${sizeText(load.size)} ${load.kind}s, ${processes}, ${concurrency} connections`;
  }
  const atOnce = ['burst', 'encode', 'decode'].includes(operation);
  const callers = atOnce
    ? `${concurrency} at once`
    : concurrency === 1
      ? '1 caller'
      : `${concurrency} callers`;
  const many = operation === 'getMany' ? `(${GET_MANY_KEYS})` : '';
  return `${operation}${many} ${sizeText(load.size)} ${load.kind}s, ${callers}${load.hot === true ? ' of one key' : ''}`;
}
