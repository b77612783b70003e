import { DurationCounts, type ServerDurations } from './durations.ts';
import { type LatencyRecorder, type LatencySnapshot, smallRecorder } from './histogram.ts';

/** What of time a client measures. */
export class Timing {
  readonly percentiles: boolean;
  /** Once somebody has asked for them. */
  durations = false;

  constructor(percentiles: boolean) {
    this.percentiles = percentiles;
  }

  get on(): boolean {
    return this.durations || this.percentiles;
  }
}

/** How long the requests and the dials of one server take. */
export class ServerTimes {
  readonly #timing: Timing;
  readonly #create = new DurationCounts();
  readonly #wait = new DurationCounts();
  readonly #use = new DurationCounts();
  readonly #latency: LatencyRecorder | undefined;

  constructor(timing: Timing) {
    this.#timing = timing;
    this.#latency = timing.percentiles ? smallRecorder() : undefined;
  }

  /** Whether requests are to be timed; to be asked for each, or for each flush. */
  get on(): boolean {
    return this.#timing.on;
  }

  created(ms: number): void {
    if (this.#timing.durations) this.#create.record(ms);
  }

  /** A request has been written, so many milliseconds after it was queued. */
  waited(ms: number): void {
    if (this.#timing.durations) this.#wait.record(ms);
  }

  /** A request has been answered, so many milliseconds after it was written. */
  used(ms: number): void {
    if (this.#timing.durations) this.#use.record(ms);
    this.#latency?.record(ms);
  }

  latency(): LatencySnapshot | undefined {
    return this.#latency?.snapshot();
  }

  durations(): ServerDurations {
    return {
      create: this.#create.snapshot(),
      wait: this.#wait.snapshot(),
      use: this.#use.snapshot(),
    };
  }
}

/** Of a server nobody times. */
export const UNTIMED: ServerTimes = new ServerTimes(new Timing(false));
