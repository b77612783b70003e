import type { ServerAddress, ServerSpec } from '../connection/address.ts';
import { closed } from '../connection/losses.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import { MemcacheConnectionError, MemcacheError, TimeoutError } from '../errors.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import type { Discovery } from './discovery.ts';
import { type DiscoveryLimits, Guard } from './guard.ts';
import { LONGEST_MS } from './option-check.ts';

export interface DiscoveryPollerParts {
  readonly discovery: Discovery;
  readonly limits?: Partial<DiscoveryLimits> | undefined;
  /** How the client connects: discoveries that dial do as it does. */
  readonly connection?: ConnectionOptions;
  /** The servers in use before the first answer. Default none. */
  readonly servers?: readonly ServerAddress[];
  /** Puts a list to use that differs from the last one. If it throws, the old list counts as still in use. */
  apply(servers: readonly ServerAddress[]): void | Promise<void>;
  /** No list could be learned, or it was refused: these are kept. */
  failed(error: MemcacheError, kept: readonly ServerAddress[]): void;
  /** Milliseconds from one question to the next that trouble may cause. Default 5000. */
  readonly troubleMs?: number;
  /** Milliseconds a question may take, whatever the discovery itself allows. Default 30 000. */
  readonly timeoutMs?: number;
  readonly random?: () => number;
}

/** A question that waits for its answer. */
interface Asking {
  readonly force: boolean;
  readonly controller: AbortController;
  readonly deadline: PatientTimer;
  readonly answer: Promise<readonly ServerAddress[]>;
}

/** Polls spread by this part to either side, so that a thousand clients do not ask in the same moment. */
const JITTER = 0.1;
/** A change is often told several times, the first time before it is complete. */
const SETTLE_MS = 50;
/** While there is no list at all, the next question waits this long, then twice as long each time, up to `pollMs`. */
const FIRST_RETRY_MS = 1000;

/** What a list is compared by; a different spelling or label may move keys. */
const TRAITS = ['name', 'weight', 'spelling', 'label'] as const;

/** Asks a discovery again and again, one question at a time, and hands on what is to be used. */
export class DiscoveryPoller {
  readonly #parts: DiscoveryPollerParts;
  readonly #guard: Guard;
  #servers: readonly ServerAddress[];
  #asking: Asking | undefined;
  /** All times are milliseconds of the monotonic clock. */
  #askedAt = -Infinity;
  #pollAt = Infinity;
  /** When the next question is due that a change or trouble asked for. */
  #wantedAt = Infinity;
  /** Counted until the first list is there. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  #closed = false;

  /** Throws IllegalInputError for limits it cannot work with. */
  constructor(parts: DiscoveryPollerParts) {
    this.#parts = parts;
    this.#guard = new Guard(parts.discovery, parts.limits);
    this.#servers = parts.servers ?? [];
  }

  /** How the discovery is called. */
  get name(): string {
    return this.#parts.discovery.name;
  }

  /** The servers in use: the last list that was applied. */
  get servers(): readonly ServerAddress[] {
    return this.#servers;
  }

  /** Asks for the first time, and goes on until `close`. Rejects as `refresh` does, and goes on all the same. */
  start(): Promise<readonly ServerAddress[]> {
    const { discovery } = this.#parts;
    if (!this.#closed) this.#unwatch ??= discovery.watch?.(() => this.#want(SETTLE_MS));
    return this.refresh();
  }

  /**
   * Asks now and resolves with the list in use then; callers who ask while a question is under way share its answer.
   * `force` also takes a list that is much shorter, or older, than the one in use. Rejects with the MemcacheError that
   * `failed` is told, with ERR_MEMCACHE_CLOSED after `close`.
   */
  refresh({ force = false }: { force?: boolean } = {}): Promise<readonly ServerAddress[]> {
    if (this.#closed) return Promise.reject(closed(undefined));
    const asking = this.#asking;
    if (asking === undefined) return this.#begin(force).answer;
    if (!force || asking.force) return asking.answer;
    const again = (): Promise<readonly ServerAddress[]> => this.refresh({ force });
    return asking.answer.then(again, again);
  }

  /** Servers fail: the list may have changed. Asks soon, but not every time it is told. */
  onTrouble(): void {
    const { troubleMs = 5000 } = this.#parts;
    this.#want(Math.max(0, this.#askedAt + troubleMs - performance.now()));
  }

  /** Asks no more. Resolves when nothing is under way: `apply` and `failed` are not called after that. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#asking?.controller.abort(closed(undefined));
    await this.#asking?.answer.catch(() => {});
  }

  #begin(force: boolean): Asking {
    clearTimeout(this.#timer);
    this.#wantedAt = Infinity;
    this.#askedAt = performance.now();
    const controller = new AbortController();
    const deadline = this.#deadline(controller);
    const answer = Promise.resolve().then(() => this.#ask(controller, force));
    this.#asking = { force, controller, deadline, answer };
    return this.#asking;
  }

  async #ask(controller: AbortController, force: boolean): Promise<readonly ServerAddress[]> {
    try {
      const specs = await this.#answer(controller, force);
      const servers = this.#guard.admit(specs, this.#servers, force);
      if (!isSame(servers, this.#servers)) await this.#apply(servers);
      return this.#servers;
    } catch (cause) {
      const error = this.#errorOf(controller.signal.aborted ? controller.signal.reason : cause);
      this.#failures++;
      if (!this.#closed) this.#parts.failed(error, this.#servers);
      throw error;
    } finally {
      this.#asking?.deadline.stop();
      this.#asking = undefined;
      this.#pollAt = performance.now() + this.#pollDelay();
      this.#schedule();
    }
  }

  /** A discovery of the caller's own may never settle and may not heed the signal. */
  async #answer(controller: AbortController, force: boolean): Promise<readonly ServerSpec[]> {
    const { discovery, connection } = this.#parts;
    const { signal } = controller;
    signal.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as MemcacheError), {
        once: true,
      });
    });
    const context = { known: this.#servers, signal, force };
    const specs = discovery.discover(
      connection === undefined ? context : { ...context, connection },
    );
    const answer = await Promise.race([specs, aborted]);
    signal.throwIfAborted();
    this.#asking?.deadline.stop();
    return answer;
  }

  #deadline(controller: AbortController): PatientTimer {
    const { timeoutMs = 30_000 } = this.#parts;
    return new PatientTimer(timeoutMs, () => controller.abort(late(this.name, timeoutMs)));
  }

  async #apply(servers: readonly ServerAddress[]): Promise<void> {
    try {
      await this.#parts.apply(servers);
    } catch (cause) {
      if (cause instanceof MemcacheError) throw cause;
      throw failure(`the servers of ${this.#parts.discovery.name} could not be put to use`, cause);
    }
    this.#servers = servers;
  }

  #errorOf(cause: unknown): MemcacheError {
    if (cause instanceof MemcacheError) return cause;
    return failure(`${this.#parts.discovery.name} could not tell its servers`, cause);
  }

  #pollDelay(): number {
    const { discovery, random = Math.random } = this.#parts;
    const { pollMs } = discovery;
    if (pollMs === 0) return Infinity;
    const soon = FIRST_RETRY_MS * 2 ** (this.#failures - 1);
    const delay = this.#servers.length === 0 ? Math.min(soon, pollMs) : pollMs;
    return delay * (1 - JITTER + 2 * JITTER * random());
  }

  /** Nobody waits for this one, so it keeps no process. Whoever is told of failures hears of it. */
  #poll(): void {
    const { answer, deadline } = this.#begin(false);
    deadline.unref();
    answer.catch(() => {});
  }

  #want(inMs: number): void {
    this.#wantedAt = Math.min(this.#wantedAt, performance.now() + inMs);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#asking !== undefined) return;
    clearTimeout(this.#timer);
    const at = Math.min(this.#pollAt, this.#wantedAt);
    if (at === Infinity) return;
    const delay = Math.min(Math.max(0, at - performance.now()), LONGEST_MS);
    this.#timer = setTimeout(() => this.#poll(), delay);
    this.#timer.unref();
  }
}

function isSame(a: readonly ServerAddress[], b: readonly ServerAddress[]): boolean {
  return (
    a.length === b.length &&
    a.every((address, i) => TRAITS.every((trait) => address[trait] === b[i][trait]))
  );
}

function failure(message: string, cause: unknown): MemcacheError {
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, { cause, retryable: true });
}

function late(name: string, ms: number): MemcacheError {
  const message = `${name} did not tell its servers within ${ms} ms`;
  return new TimeoutError('ERR_MEMCACHE_CONNECT', message, { retryable: true });
}
