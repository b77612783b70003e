import { MemcacheError, type Sent } from '../errors.ts';

/** What can be given up on a signal. */
export interface Abortable {
  watch: AbortWatch | undefined;
  readonly sent: Sent;
  readonly settled: boolean;
  abandon(error: MemcacheError): void;
}

/**
 * The calls that wait on one AbortSignal. It has one listener however many they are: the eleventh listener on a
 * signal makes Node print a warning.
 */
export class AbortWatch {
  readonly #signal: AbortSignal;
  readonly #calls = new Set<Abortable>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(call: Abortable): void {
    if (this.#calls.size === 0) this.#signal.addEventListener('abort', this.#abort, { once: true });
    this.#calls.add(call);
  }

  settled(call: Abortable): void {
    if (this.#calls.delete(call) && this.#calls.size === 0)
      this.#signal.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    for (const call of [...this.#calls]) call.abandon(aborted(this.#signal.reason, call.sent));
    this.#calls.clear();
  };
}

const watches = new WeakMap<AbortSignal, AbortWatch>();

export function watchOf(signal: AbortSignal): AbortWatch {
  const known = watches.get(signal);
  if (known !== undefined) return known;
  const watch = new AbortWatch(signal);
  watches.set(signal, watch);
  return watch;
}

export function aborted(reason: unknown, sent: Sent): MemcacheError {
  return new MemcacheError('ERR_MEMCACHE_ABORTED', 'the call was aborted', { sent, cause: reason });
}
