import { ManyError, MemcacheError } from '../../../src/errors.ts';
import type { Finding } from './ledger.ts';

/** What came of the calls of a case. */
export class Tally {
  /** Calls that were settled, or given up as unanswered. */
  operations = 0;
  /** Values and misses that were looked at. */
  readonly findings: Record<Finding, number> = { right: 0, miss: 0, lost: 0, stale: 0, wrong: 0 };
  /** Calls that had not settled when they had to. */
  unanswered = 0;
  /** Failed keys and calls by code; what is no error of memvolley by its name. */
  readonly errors: Map<string, number> = new Map();
  /** Errors that are none of memvolley's. */
  foreign = 0;
  /** The longest a call took, as a part of the time it had. */
  worst = 0;
  /** Milliseconds of the monotonic clock; 0 as long as nothing has failed. */
  lastFailureAt = 0;

  found(finding: Finding): void {
    this.findings[finding]++;
  }

  settled(tookMs: number, deadlineMs: number): void {
    this.operations++;
    this.worst = Math.max(this.worst, tookMs / deadlineMs);
  }

  failed(error: unknown): void {
    this.lastFailureAt = performance.now();
    if (error instanceof ManyError) for (const one of error.errors.values()) this.failed(one);
    else if (error instanceof MemcacheError) this.#count(error.code.replace('ERR_MEMCACHE_', ''));
    else {
      this.foreign++;
      this.#count(error instanceof Error ? error.name : typeof error);
    }
  }

  #count(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
