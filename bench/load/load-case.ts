import type { Histogram } from 'hdr-histogram-js';
import type { Arrivals } from './arrivals.ts';
import { exactly } from './distributions.ts';
import type { Garbage } from './garbage-watch.ts';
import type { Usage } from './usage.ts';
import type { ValueKind } from './values.ts';
import { PLAIN, type Workload, type WorkloadName, WORKLOADS } from './workloads.ts';

export type LoadOperation =
  | 'get'
  | 'getMany'
  | 'getValues'
  | 'set'
  | 'mixed'
  | 'burst'
  | 'setBurst'
  | 'service'
  | 'encode'
  | 'decode';
export const GET_MANY_KEYS = 100;
const READS_MANY: readonly LoadOperation[] = ['getMany', 'getValues'];
const BURSTS: readonly LoadOperation[] = ['burst', 'setBurst'];
const AT_ONCE: readonly LoadOperation[] = [...BURSTS, 'encode', 'decode'];
const POPULARITY: Readonly<Partial<Record<LoadOperation, Workload['popularity']>>> = {
  mixed: 'zipf',
  // Stores of one key wait for one another: a burst is to be of different ones.
  setBurst: 'in turn',
};
const WRITES: Readonly<Partial<Record<LoadOperation, number>>> = {
  set: 1,
  setBurst: 1,
  mixed: 0.1,
};

/** What one contender is asked to do; plain data, sent to its process. */
export interface LoadCase {
  readonly operation: LoadOperation;
  readonly size: number;
  readonly kind: ValueKind;
  /** Callers that each wait for their answer before they ask again; in a burst, calls issued at once. */
  readonly concurrency: number;
  /** All callers want the same one key. */
  readonly hot?: boolean;
  /** So many are stored, however large their values. Default: as many as usual. */
  readonly keys?: number;
  /** Of a many-key read. Default: GET_MANY_KEYS. */
  readonly keysPerCall?: number;
  /** A second caller beside them that moves values of LARGE_BYTES in a loop. */
  readonly beside?: 'large get' | 'large set';
  /** Of a service: its callers are keep-alive connections, its operations requests. */
  readonly service?: {
    readonly processes: number;
    readonly generatorCore: number | undefined;
  };
  /** What is left to the garbage collector is watched. */
  readonly garbage?: true;
  /** In place of operation, size and kind, which then only say what comes closest. */
  readonly workload?: WorkloadName;
  /** Open loop: calls start when they are due, whatever has become of those before. `perSecond` counts calls. */
  readonly open?: { readonly arrivals: Arrivals; readonly perSecond: number };
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
  /** Where it is watched: the longest time between two turns of the event loop, in each burst. */
  readonly stallsMs?: readonly number[];
  /** Where other processes do the work: what they used. */
  readonly usage?: Usage;
  /** Open loop: milliseconds by which calls started later than they were due. */
  readonly lag?: { readonly p99: number; readonly max: number };
  /**
   * Why the figures say nothing about what was asked for, if so. `late`: all was answered rightly, but ever later; what
   * was measured is less than it would be in a longer slice.
   */
  readonly void?: { readonly reason: string; readonly late: boolean };
}

/** A load that is connected, filled, verified and ready to run slices. */
export interface Load {
  /** `perSecond`: in the open loop, another rate than the load's own. */
  run(seconds: number, latencies: Histogram, perSecond?: number): Promise<Work>;
  close(): unknown;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  /** Absent of fewer than 1000 calls timed: it would be the slowest of them. */
  readonly p999?: number;
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
  /** Where it is watched. */
  readonly garbage?: Garbage;
  /** All latencies, in nanoseconds, as HdrHistogram's compressed base64; where they were asked for. */
  readonly histogram?: string;
}

export const sizeText = (size: number): string =>
  size >= 1_000_000 ? `${size / 1_000_000} MB` : size >= 1000 ? `${size / 1000} KB` : `${size} B`;

function callersText({ operation, concurrency, workload }: LoadCase): string {
  const atOnce =
    workload === undefined ? AT_ONCE.includes(operation) : WORKLOADS[workload].idleMs !== undefined;
  if (atOnce) return `${concurrency} at once`;
  return concurrency === 1 ? '1 caller' : `${concurrency} callers`;
}

function serviceText({ service, size, kind, concurrency }: LoadCase): string {
  const count = service?.processes ?? 1;
  const processes = count === 1 ? '1 process' : `${count} processes`;
  return `HTTP service, ${sizeText(size)} ${kind}s, ${processes}, ${concurrency} connections`;
}

export function describeLoad(load: LoadCase): string {
  const { operation, workload, open, keys, keysPerCall = GET_MANY_KEYS } = load;
  if (operation === 'service') return serviceText(load);
  const many = operation === 'getMany' ? `(${keysPerCall})` : '';
  const what = workload ?? `${operation}${many} ${sizeText(load.size)} ${load.kind}s`;
  if (open !== undefined) {
    return `${what} at ${open.perSecond.toLocaleString('en-US')}/s, ${open.arrivals} arrivals`;
  }
  const stored = keys === undefined ? '' : `, ${keys.toLocaleString('en-US')} keys`;
  return `${what}, ${callersText(load)}${load.hot === true ? ' of one key' : stored}`;
}

/** The load a workload is, with its own number of callers or another. */
export function loadOf(name: WorkloadName, callers?: number): LoadCase {
  const { kind, page, writes, callers: usual } = WORKLOADS[name];
  const single = writes > 0 ? 'mixed' : 'get';
  const operation = page === undefined ? single : 'getMany';
  return { operation, kind, size: 100, concurrency: callers ?? usual, workload: name };
}

/** The workload a load asks for by its name, or that it is by its operation and its size. */
export function workloadOf(load: LoadCase): Workload {
  if (load.workload !== undefined) return WORKLOADS[load.workload];
  const { operation, size, kind, concurrency, hot = false, keys } = load;
  const { keysPerCall = GET_MANY_KEYS } = load;
  return {
    ...PLAIN,
    about: operation,
    kind,
    valueBytes: exactly(size),
    popularity: hot ? 'one key' : (POPULARITY[operation] ?? 'uniform'),
    writes: WRITES[operation] ?? 0,
    ...(keys !== undefined && { keys }),
    callers: concurrency,
    ...(READS_MANY.includes(operation) && { page: exactly(keysPerCall) }),
    ...(BURSTS.includes(operation) && { idleMs: 1 }),
  };
}
