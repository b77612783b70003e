import type { Census } from './leaks.ts';
import type { Faulty, Late, Latency } from './ledger.ts';

/** What the process looked like at one moment, and what was done since the one before. */
export interface Sample {
  /** Seconds since the load began. */
  readonly at: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly externalMiB: number;
  readonly arrayBuffersMiB: number;
  /** Sockets that are open. */
  readonly sockets: number;
  /** Calls under way. */
  readonly open: number;
  readonly operationsPerSecond: number;
  /** Calls rejected since the last sample, by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly latency: Latency;
  /** Taken right after a full collection, now and then. */
  readonly settled?: {
    readonly heapMiB: number;
    readonly arrayBuffersMiB: number;
  };
}

/** Something that was done to a server, in seconds since the load began. */
export interface Event {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A whole run, as it is judged, drawn and kept. */
export interface SoakRecord {
  readonly seed: number;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  readonly events: readonly Event[];
  readonly operations: number;
  readonly byVerb: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly faulty: Readonly<Faulty>;
  readonly examples: readonly string[];
  /** The answer that missed its deadline by most. */
  readonly latest: Late;
  /** The longest the event loop was blocked, milliseconds. */
  readonly blockedMs: number;
  readonly visitors: number;
  /** Sockets open before the load, and after the client was closed. */
  readonly socketsBefore: number;
  readonly socketsAfter: number;
  /** Objects there are more of than before, by class, counted in the heap. */
  readonly left: Census;
  /** The same, as snapshots of the heap name them. */
  readonly named: Census;
}
