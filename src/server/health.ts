import type { Wait } from '../connection/connection-host.ts';
import type { MemcacheError, MemcacheErrorCode } from '../errors.ts';

/** What a fleet holds of one of its servers. */
export type HealthState =
  /** It answers. */
  | 'up'
  /** It failed lately. Its keys stay with it. */
  | 'suspect'
  /** It is taken for lost: commands are turned away, or go to whoever stands in. */
  | 'down'
  /** Down, and being asked whether it is back. */
  | 'probing';

const NEXT: Readonly<Record<HealthState, readonly HealthState[]>> = {
  up: ['suspect', 'down'],
  suspect: ['up', 'down'],
  down: ['probing'],
  probing: ['up', 'down'],
};

/** When a server is taken for lost, and when it is asked again. */
export interface HealthOptions {
  /**
   * Failures in a row, after the first one, that take a server out of the fleet. Default 2, 0 to
   * 1000.
   *
   * A failure is a connection lost or refused, or calls that ran out of time while nothing was
   * answered; a clean end of the connection counts when answers were due. So do calls that are
   * turned away after a failure, because it is too soon to dial again.
   */
  readonly retryAttempts: number;
  /**
   * Milliseconds within which failures count as one. Default 50, from 1.
   *
   * A lost connection fails thousands of calls at once; it is one failure.
   */
  readonly retryTimeoutMs: number;
  /**
   * Failures within `errorWindowMs`, in a row or not, after which one more takes a server out; 0:
   * no such limit. Default 10.
   *
   * For servers that answer just often enough between their failures.
   */
  readonly errorLimit: number;
  /** Milliseconds for which failures count against `errorLimit`. Default 60 000, from 1. */
  readonly errorWindowMs: number;
  /**
   * Milliseconds until a server that is out is asked for its version; the pause doubles while it
   * does not come back to stay, up to `deadTimeoutMs`. Default 1000, from 1.
   */
  readonly probeMs: number;
  /** Milliseconds that pause ends at. Default 10 000, from `probeMs`. */
  readonly deadTimeoutMs: number;
  /**
   * Empties a server before it gets its keys back. Default false.
   *
   * While it was out its keys may have been written elsewhere: what it still holds may be old.
   */
  readonly flushOnReturn: boolean;
}

export const HEALTH_DEFAULTS: HealthOptions = {
  retryAttempts: 2,
  retryTimeoutMs: 50,
  errorLimit: 10,
  errorWindowMs: 60_000,
  probeMs: 1000,
  deadTimeoutMs: 10_000,
  flushOnReturn: false,
};

/** A server that is out again sooner than this after its return has not stayed: a mere connect proves nothing. */
const STEADY_MS = 10_000;
/** When a suspect is first looked at: whether it answers again. */
const LOOK_MS = 50;

export interface HealthEvents {
  changed(state: HealthState, error: MemcacheError | undefined): void;
  /** Asks the server, other than by a user's key; resolves when it is fit for its keys. */
  probe(): Promise<void>;
}

/** How a server is doing, and how it did. */
export interface HealthSnapshot {
  /** What is held of it now. */
  readonly state: HealthState;
  /** Milliseconds since it came into that state. */
  readonly sinceMs: number;
  /** Failures so far; those within `retryTimeoutMs` are one. */
  readonly failures: number;
  /** Times it was taken out. */
  readonly takenOut: number;
  /** Times it was asked whether it is back. */
  readonly probes: number;
  /** Why it failed the last time; undefined if it never did. */
  readonly lastError: MemcacheErrorCode | undefined;
}

/** Whether a server can be counted on: learned from what its callers meet, and asked of it before its return. */
export class Health {
  readonly #options: HealthOptions;
  readonly #events: HealthEvents;
  readonly #now: () => number;
  readonly #random: () => number;
  #state: HealthState = 'up';
  #lastError: MemcacheError | undefined;
  /** Answers in time, counted; `#seen` is what the count was when it was last looked at. */
  #served = 0;
  #seen = 0;
  #row = 0;
  #failedAt = -Infinity;
  #lateAt = -Infinity;
  readonly #failures: number[] = [];
  #upAt = 0;
  #changedAt = 0;
  #pauses = 0;
  #failed = 0;
  #takenOut = 0;
  #probes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    options: HealthOptions,
    events: HealthEvents,
    clock: { now?: () => number; random?: () => number } = {},
  ) {
    this.#options = options;
    this.#events = events;
    this.#now = clock.now ?? (() => performance.now());
    this.#random = clock.random ?? Math.random;
    this.#upAt = this.#now();
    this.#changedAt = this.#upAt;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Out of the fleet: down, or being asked. */
  get out(): boolean {
    return this.#state === 'down' || this.#state === 'probing';
  }

  /** Why it is not up. */
  get lastError(): MemcacheError | undefined {
    return this.#lastError;
  }

  snapshot(): HealthSnapshot {
    return {
      state: this.#state,
      sinceMs: this.#now() - this.#changedAt,
      failures: this.#failed,
      takenOut: this.#takenOut,
      probes: this.#probes,
      lastError: this.#lastError?.code,
    };
  }

  /** Somebody had an answer in time. */
  served(): void {
    this.#served++;
  }

  /** A connection was lost, refused, or broke the protocol. */
  failed(error: MemcacheError): void {
    this.#lastError = error;
    const now = this.#now();
    if (this.out || this.#closed || now - this.#failedAt < this.#options.retryTimeoutMs) return;
    this.#failedAt = now;
    this.#failed++;
    this.#note();
    this.#row++;
    if (this.#row > this.#options.retryAttempts || this.#tooMany(now)) this.#leave(error);
    else if (this.#state === 'up') {
      this.#change('suspect', error);
      this.#look(LOOK_MS);
    }
  }

  /**
   * Callers gave up waiting. That is a failure only while nobody is answered: no byte comes, or only late ones. A large
   * value that takes its time is none.
   */
  late(error: MemcacheError, { silentMs, arriving }: Wait): void {
    const now = this.#now();
    if (this.out || now - this.#lateAt < this.#options.retryTimeoutMs) return;
    this.#lateAt = now;
    const answered = this.#note();
    const silent = silentMs >= this.#options.retryTimeoutMs;
    if (silent || (!answered && !arriving)) this.failed(error);
  }

  /**
   * A caller was turned away: it is too soon to dial again. After a failure that is a further one, as long as nobody is
   * answered: the pauses between two dials may be far longer than callers are to be kept waiting for a stand-in.
   */
  turnedAway(): void {
    const error = this.#lastError;
    if (this.#state !== 'suspect' || this.#served !== this.#seen || error === undefined) return;
    this.failed(error);
  }

  /** Takes it out until it has been asked: it is new, and nobody knows whether it is there. */
  doubt(error: MemcacheError): void {
    if (!this.out && !this.#closed) this.#leave(error);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Whether anybody was answered since the last time; an answer ends a row of failures. */
  #note(): boolean {
    if (this.#served === this.#seen) return false;
    this.#seen = this.#served;
    this.#row = 0;
    return true;
  }

  #tooMany(now: number): boolean {
    const { errorLimit, errorWindowMs } = this.#options;
    if (errorLimit === 0) return false;
    this.#failures.push(now);
    while (this.#failures.length > 0 && this.#failures[0] <= now - errorWindowMs)
      this.#failures.shift();
    return this.#failures.length > errorLimit;
  }

  /** Looks whether it answers again, less and less often while nobody asks it anything. */
  #look(inMs: number): void {
    this.#after(inMs, () => {
      if (this.#note()) this.#change('up', undefined);
      else this.#look(Math.min(2 * inMs, this.#options.probeMs));
    });
  }

  #leave(error: MemcacheError): void {
    this.#lastError = error;
    if (this.#now() - this.#upAt > STEADY_MS) this.#pauses = 0;
    this.#takenOut++;
    this.#change('down', error);
    this.#pause();
  }

  #pause(): void {
    const { probeMs, deadTimeoutMs } = this.#options;
    const pause = Math.min(deadTimeoutMs, probeMs * 2 ** Math.min(this.#pauses++, 30));
    // A random three quarters to whole: the clients of a fleet are not to ask all at once.
    this.#after(pause * (0.75 + this.#random() / 4), () => this.#probe());
  }

  #probe(): void {
    this.#probes++;
    this.#change('probing', undefined);
    this.#events.probe().then(
      () => this.#back(),
      (error: unknown) => {
        if (this.#closed) return;
        this.#lastError = error as MemcacheError;
        this.#change('down', this.#lastError);
        this.#pause();
      },
    );
  }

  #back(): void {
    if (this.#closed) return;
    this.#row = 0;
    this.#failures.length = 0;
    this.#failedAt = -Infinity;
    this.#upAt = this.#now();
    this.#change('up', undefined);
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
    this.#timer.unref();
  }

  /** Throws when the table has no such way: that is a defect of this package. */
  #change(to: HealthState, error: MemcacheError | undefined): void {
    if (!NEXT[this.#state].includes(to))
      throw new Error(`memvolley: a server cannot go from ${this.#state} to ${to}`);
    this.#state = to;
    this.#changedAt = this.#now();
    this.#events.changed(to, error);
  }
}
