import { memoryUsage } from 'node:process';
import { openSockets } from './leaks.ts';
import type { Ledger } from './ledger.ts';
import type { Sample } from './record.ts';

const MIB = 1024 ** 2;
const SAMPLE_MS = 1000;
/** A call this far beyond its deadline is not late, it is lost. */
const GRACE_MS = 10_000;

/** Looks at the process once a second. */
export class Sampler {
  readonly samples: Sample[] = [];
  readonly #ledger: Ledger;
  readonly #settleEvery: number;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #operations = 0;
  #errors: ReadonlyMap<string, number> = new Map();

  /** Every so many samples one is taken after a full collection, whose pause the calls of that moment feel. */
  constructor(ledger: Ledger, settleEvery: number) {
    this.#ledger = ledger;
    this.#settleEvery = settleEvery;
  }

  /** Seconds since the load began. */
  get now(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  start(): void {
    this.#timer = setInterval(() => this.#take(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #take(): void {
    const ledger = this.#ledger;
    ledger.sweep(GRACE_MS);
    const at = this.now;
    const operations = ledger.operations - this.#operations;
    const errors = new Map(ledger.errors);
    const { rss, heapUsed, external, arrayBuffers } = memoryUsage();
    const sample: Sample = {
      at,
      rssMiB: rss / MIB,
      heapMiB: heapUsed / MIB,
      externalMiB: external / MIB,
      arrayBuffersMiB: arrayBuffers / MIB,
      sockets: openSockets(),
      open: ledger.open,
      operationsPerSecond: operations / (at - this.#lastAt),
      errors: more(this.#errors, errors),
      latency: ledger.latency(),
    };
    const settles = this.samples.length % this.#settleEvery === this.#settleEvery - 1;
    this.samples.push(settles ? { ...sample, settled: settled() } : sample);
    this.#lastAt = at;
    this.#operations = ledger.operations;
    this.#errors = errors;
  }
}

function settled(): NonNullable<Sample['settled']> {
  gc?.();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return { heapMiB: heapUsed / MIB, arrayBuffersMiB: arrayBuffers / MIB };
}

function more(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): Record<string, number> {
  const grown = [...now].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
