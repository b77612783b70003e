import type { MemcacheError } from '../errors.ts';
import type { Look } from '../stampede/look.ts';
import type { FetchPolicy } from './fetch-policy.ts';
import type { ReadEnd } from './lease-read.ts';

/** Ends a read with what was seen. */
export class LookEnd implements ReadEnd<Look> {
  readonly signal = undefined;
  readonly takesFresh = false;
  readonly #policy: FetchPolicy;

  constructor(policy: FetchPolicy) {
    this.#policy = policy;
  }

  sighted(): boolean {
    return true;
  }

  found(look: Look): Look {
    return look;
  }

  failed(error: MemcacheError, look: Look | undefined): Look {
    if (look === undefined || this.#policy.failsWithCache) throw error;
    return look;
  }
}
