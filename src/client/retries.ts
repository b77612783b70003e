import type { MemcacheError, Sent } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { type RetryOptions, retryDelay } from '../retry/policy.ts';
import type { RetryBudget } from '../retry/budget.ts';
import type { KeyOrder } from './key-order.ts';

/** One operation that failed, and what became of it so far. */
export interface FailedOperation {
  readonly error: MemcacheError;
  readonly verb: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly deadline: number;
  /** Whether any attempt of it left. */
  readonly sent: Sent;
  /** Another server would have it now. */
  readonly elsewhere: boolean;
  /** The key it changes, if it does: nothing else may happen to that key while it waits. */
  readonly changes?: WireKey;
}

/** Operations that failed together, and come back together. */
interface Pause {
  readonly error: MemcacheError;
  readonly due: number;
  readonly operations: { readonly run: () => void; readonly changes: WireKey | undefined }[];
  /** Keys that are held until they are back. */
  readonly keys: Set<WireKey>;
  timer: NodeJS.Timeout | undefined;
}

export interface RetriesParts {
  readonly options: RetryOptions;
  readonly budget: RetryBudget;
  readonly order: KeyOrder;
  /** Operations of one failure that count as one request: what a volley holds. */
  readonly perCharge: number;
  readonly retried: (error: MemcacheError, attempt: number) => void;
}

/**
 * Tries again what may be tried again, within its deadline and the budget. What failed together (a whole volley has one
 * error) is charged once and waits for one timer.
 */
export class Retries {
  readonly #parts: RetriesParts;
  readonly #pauses = new Set<Pause>();
  #latest: Pause | undefined;
  /** The one whose operations are coming back in this moment. */
  #ending: Pause | undefined;
  #charged: MemcacheError | undefined;
  #sinceCharge = 0;

  constructor(parts: RetriesParts) {
    this.#parts = parts;
  }

  /** Runs `operation` once more, now or after a pause; false if it has to fail. */
  again(failed: FailedOperation, operation: () => void): boolean {
    const { error, verb, attempt, sent, elsewhere, deadline } = failed;
    const { options, retried } = this.#parts;
    const delay = retryDelay({ code: error.code, verb, attempt, sent, elsewhere }, options);
    if (delay === undefined) return false;
    const due = delay === 0 ? 0 : this.#dueFor(error, delay);
    if (due >= deadline || (due > 0 && !this.#mayWait(failed)) || !this.#charge(error))
      return false;
    retried(error, attempt);
    if (due === 0) operation();
    else this.#wait(failed, due, operation);
    return true;
  }

  /** What still waits comes now: a client that is closing sends it once more, and nothing after that. */
  end(): void {
    for (const pause of this.#pauses) this.#run(pause);
  }

  #dueFor(error: MemcacheError, delay: number): number {
    return this.#latest?.error === error ? this.#latest.due : performance.now() + delay;
  }

  #charge(error: MemcacheError): boolean {
    if (error === this.#charged && this.#sinceCharge < this.#parts.perCharge) {
      this.#sinceCharge++;
      return true;
    }
    if (!this.#parts.budget.take()) return false;
    this.#charged = error;
    this.#sinceCharge = 1;
    return true;
  }

  /** Not behind a value of the same key that is still being encoded: that one would overtake it. */
  #mayWait({ error, changes }: FailedOperation): boolean {
    if (changes === undefined || !this.#parts.order.has(changes)) return true;
    if (this.#latest?.error === error && this.#latest.keys.has(changes)) return true;
    return this.#ending?.keys.has(changes) === true;
  }

  #wait({ error, changes }: FailedOperation, due: number, operation: () => void): void {
    const pause = this.#latest?.error === error ? this.#latest : this.#pause(error, due);
    pause.operations.push({ run: operation, changes });
    if (changes === undefined || pause.keys.has(changes)) return;
    pause.keys.add(changes);
    if (this.#ending?.keys.delete(changes) !== true) this.#parts.order.begin(changes);
  }

  #pause(error: MemcacheError, due: number): Pause {
    const pause: Pause = { error, due, operations: [], keys: new Set(), timer: undefined };
    // From Node.js 24 on it warns of what is over already.
    pause.timer = setTimeout(() => this.#run(pause), Math.max(0, due - performance.now()));
    this.#pauses.add(pause);
    this.#latest = pause;
    return pause;
  }

  #run(pause: Pause): void {
    clearTimeout(pause.timer);
    this.#pauses.delete(pause);
    if (this.#latest === pause) this.#latest = undefined;
    this.#ending = pause;
    for (const operation of pause.operations) {
      const { run, changes } = operation;
      // What came before it on its key waits once more: so does it.
      const held = [...this.#pauses].find(({ keys }) => changes !== undefined && keys.has(changes));
      if (held === undefined) run();
      else held.operations.push(operation);
    }
    this.#ending = undefined;
    for (const key of pause.keys) this.#parts.order.finish(key);
  }
}
