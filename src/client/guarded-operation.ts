import type { MemcacheError } from '../errors.ts';
import type { Moment, Operation } from '../namespace/moment.ts';
import type { Version } from '../namespace/version.ts';
import type { CallOptions } from './call-options.ts';
import type { Calls } from './calls.ts';

/** What is done under a version; `O` are its options. */
export interface Guarded<R, O extends CallOptions> {
  readonly options: O | undefined;
  start(calls: Calls, options: O | undefined): Promise<R>;
  /** What is answered where the version cannot be had; `begun` if it may have been done even so. */
  without(error: MemcacheError, begun: boolean): Promise<R>;
}

const nothing = (): void => {};

/** An operation of a namespace: answered once the version it was done under is known to have stood. */
export class GuardedOperation<R, O extends CallOptions> implements Operation {
  readonly #what: Guarded<R, O>;
  readonly #deadline: number;
  readonly #callsFor: (version: Version) => Calls;
  #version: Version | undefined;
  #result: Promise<R> | undefined;
  #isAwaited = false;

  /** `callsFor` gives the calls behind the prefix of a version. */
  constructor(what: Guarded<R, O>, deadline: number, callsFor: (version: Version) => Calls) {
    this.#what = what;
    this.#deadline = deadline;
    this.#callsFor = callsFor;
  }

  begin(version: Version): void {
    if (version === this.#version) return;
    this.#version = version;
    const { options } = this.#what;
    const calls = this.#callsFor(version);
    if (!this.#isAwaited) {
      this.#result = this.#what.start(calls, options);
      return;
    }
    const timeoutMs = Math.max(1, this.#deadline - performance.now());
    this.#result = this.#what.start(calls, { ...options, timeoutMs } as O);
    // It may fail before it is looked at.
    this.#result.catch(nothing);
  }

  async outcome(moment: Moment): Promise<R> {
    this.#isAwaited = true;
    const early = this.#result;
    let value: R | undefined;
    let isAnswered = false;
    if (early !== undefined) {
      try {
        value = await early;
        isAnswered = true;
      } catch {
        // Told below, unless it failed under a version that did not stand.
      }
    }
    try {
      if (!moment.isConfirmed) await moment.confirmed;
    } catch (error) {
      if (early !== undefined) await early;
      return this.#what.without(error as MemcacheError, this.#version !== undefined);
    }
    return (isAnswered && early === this.#result ? value : this.#result) as R | Promise<R>;
  }
}
