import { build, type Histogram } from 'hdr-histogram-js';
import { ManyError, MemcacheError } from '../../src/index.ts';

const LONGEST_CALL_US = 600e6;
const EXAMPLES = 20;

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A call that has not been answered yet. */
interface Open {
  readonly verb: string;
  readonly startedAt: number;
  readonly limitMs: number;
}

/** An answer after its deadline. */
export interface Late {
  readonly ms: number;
  readonly verb: string;
}

/** What can be wrong whatever the servers do. */
export interface Faulty {
  /** Answers that were never stored under their key, torn or of another one. */
  wrong: number;
  /** Calls still open long after their deadline. */
  unanswered: number;
  /** Rejections nobody handled, and exceptions nobody caught. */
  unhandled: number;
  /** Errors that are none of the product's own. */
  foreign: number;
}

/** The books of the run: every call, how it ended and how long it took. */
export class Ledger {
  operations = 0;
  readonly byVerb: Map<string, number> = new Map();
  readonly errors: Map<string, number> = new Map();
  readonly faulty: Faulty = { wrong: 0, unanswered: 0, unhandled: 0, foreign: 0 };
  /** Sentences about the first faulty things; no keys, no values. */
  readonly examples: string[] = [];
  /** Of the answer that missed its deadline by most: by how many milliseconds, and whose it was. */
  latest: Late = { ms: 0, verb: 'none' };
  readonly #open = new Set<Open>();
  readonly #latencies: Histogram = build({
    highestTrackableValue: LONGEST_CALL_US,
    numberOfSignificantValueDigits: 3,
  });

  get open(): number {
    return this.#open.size;
  }

  /** Awaits a call that has to be settled after `limitMs` at the latest. Undefined where it was rejected. */
  async settled<T>(verb: string, limitMs: number, call: () => Promise<T>): Promise<T | undefined> {
    const entry = { verb, limitMs, startedAt: performance.now() };
    this.#open.add(entry);
    try {
      return await call();
    } catch (error) {
      this.#failed(verb, error);
      return undefined;
    } finally {
      this.#open.delete(entry);
      this.#took(verb, performance.now() - entry.startedAt, limitMs);
    }
  }

  wrong(verb: string, what: string): void {
    this.faulty.wrong++;
    this.#example(`${verb}: ${what}`);
  }

  unhandled(error: unknown): void {
    this.faulty.unhandled++;
    this.#example(`unhandled: ${nameOf(error)}`);
  }

  /** Counts calls that are more than `graceMs` beyond their limit, each once. */
  sweep(graceMs: number): void {
    const now = performance.now();
    for (const entry of this.#open) {
      if (now - entry.startedAt < entry.limitMs + graceMs) continue;
      this.#open.delete(entry);
      this.faulty.unanswered++;
      this.#example(`${entry.verb}: no answer after ${Math.round(now - entry.startedAt)} ms`);
    }
  }

  /** Of what was settled since the last time. */
  latency(): Latency {
    const at = (percentile: number): number =>
      this.#latencies.getValueAtPercentile(percentile) / 1000;
    const latency = { p50: at(50), p99: at(99), p999: at(99.9), max: at(100) };
    this.#latencies.reset();
    return latency;
  }

  #took(verb: string, ms: number, limitMs: number): void {
    this.operations++;
    this.byVerb.set(verb, (this.byVerb.get(verb) ?? 0) + 1);
    this.#latencies.recordValue(Math.min(LONGEST_CALL_US, Math.round(ms * 1000)));
    if (ms - limitMs > this.latest.ms) this.latest = { ms: ms - limitMs, verb };
  }

  #failed(verb: string, error: unknown): void {
    const name = nameOf(error);
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    if (error instanceof MemcacheError) return;
    this.faulty.foreign++;
    this.#example(`${verb}: ${error instanceof Error ? (error.stack ?? name) : name}`);
  }

  #example(text: string): void {
    if (this.examples.length < EXAMPLES) this.examples.push(text);
  }
}

/** The code of what a call was rejected with; of a many-key call that of its first key. */
function nameOf(error: unknown): string {
  if (error instanceof ManyError) return nameOf(error.cause);
  if (error instanceof MemcacheError) return error.code.replace('ERR_MEMCACHE_', '');
  return error instanceof Error ? error.name : typeof error;
}
