import { DurationCounts, type OperationDurations } from './durations.ts';
import { LatencyRecorder, type LatencySnapshot, smallRecorder } from './histogram.ts';
import { type OperationResult, type ReadResult, resultReader } from './results.ts';
import type { Timing } from './timing.ts';

/** Names of errors that are told apart, for each verb: a loader may throw any, and each is a histogram. */
const MOST_ERRORS = 64;

/** How long the operations of one verb take. */
export class VerbTimes {
  readonly #timing: Timing;
  readonly #command: string;
  readonly #latencies: readonly LatencyRecorder[];
  readonly #succeeded = new Map<OperationResult, DurationCounts>();
  readonly #failed = new Map<string, DurationCounts>();
  /** What came of an operation, by its answer and how many keys it was about. */
  readonly resultOf: ReadResult;

  constructor(timing: Timing, command: string, latencies: readonly LatencyRecorder[]) {
    this.#timing = timing;
    this.#command = command;
    this.#latencies = latencies;
    this.resultOf = resultReader(command);
  }

  succeeded(result: OperationResult, ms: number): void {
    this.#record(this.#succeeded, result, ms);
  }

  failed(error: string, ms: number): void {
    const failed = this.#failed;
    this.#record(failed, failed.size < MOST_ERRORS || failed.has(error) ? error : 'other', ms);
  }

  durations(): OperationDurations[] {
    const command = this.#command;
    return [
      ...[...this.#succeeded].map(([result, counts]) => ({
        command,
        result,
        error: undefined,
        ...counts.snapshot(),
      })),
      ...[...this.#failed].map(([error, counts]) => ({
        command,
        result: undefined,
        error,
        ...counts.snapshot(),
      })),
    ];
  }

  #record<O>(byOutcome: Map<O, DurationCounts>, outcome: O, ms: number): void {
    for (const latency of this.#latencies) latency.record(ms);
    if (!this.#timing.durations) return;
    let counts = byOutcome.get(outcome);
    if (counts === undefined) {
      counts = new DurationCounts();
      byOutcome.set(outcome, counts);
    }
    counts.record(ms);
  }
}

/** How long the operations of callers take, by verb. */
export class OperationTimes {
  readonly #timing: Timing;
  readonly #verbs = new Map<string, VerbTimes>();
  readonly #all: LatencyRecorder | undefined;
  readonly #latencies = new Map<string, LatencyRecorder>();

  constructor(timing: Timing) {
    this.#timing = timing;
    this.#all = timing.percentiles ? new LatencyRecorder() : undefined;
  }

  of(command: string): VerbTimes {
    const known = this.#verbs.get(command);
    if (known !== undefined) return known;
    const times = new VerbTimes(this.#timing, command, this.#recorders(command));
    this.#verbs.set(command, times);
    return times;
  }

  /** Of all verbs; undefined unless percentiles are wanted. */
  latency(): LatencySnapshot | undefined {
    return this.#all?.snapshot();
  }

  /** By verb; undefined unless percentiles are wanted. */
  latencies(): Record<string, LatencySnapshot> | undefined {
    if (this.#all === undefined) return undefined;
    const snapshots: Record<string, LatencySnapshot> = {};
    for (const [command, recorder] of this.#latencies) {
      const snapshot = recorder.snapshot();
      if (snapshot !== undefined) snapshots[command] = snapshot;
    }
    return snapshots;
  }

  durations(): OperationDurations[] {
    return [...this.#verbs.values()].flatMap((times) => times.durations());
  }

  #recorders(command: string): LatencyRecorder[] {
    if (this.#all === undefined) return [];
    const own = smallRecorder();
    this.#latencies.set(command, own);
    return [this.#all, own];
  }
}
