import type { CommandMessage } from '../observability/channels.ts';
import type { OperationTimes, VerbTimes } from '../observability/operation-times.ts';
import { type OperationResult, resultReader } from '../observability/results.ts';
import type { Timing } from '../observability/timing.ts';
import { COMMANDS } from '../observability/tracing.ts';
import type { Call } from './call.ts';
import type { Beginning, CallWatch, Whole } from './call-watch.ts';
import { CarriedTally } from './carried-tally.ts';
import { TimedTally } from './timed-tally.ts';
import { errorName } from './error-name.ts';
import type { Tally } from './tally.ts';

export interface ObserverParts {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  readonly timing: Timing;
  readonly times: OperationTimes;
  /** Where calls are counted in any case. */
  readonly pending: Tally;
  /** Milliseconds of the monotonic clock, read once in a moment. */
  readonly now: () => number;
}

/**
 * Hears of the operations of a client's callers: tells the channel `memvolley:command` of them, and counts what time
 * they take. With nobody listening it costs a call the question whether it is `on`.
 */
export class Observer implements CallWatch {
  readonly #parts: ObserverParts;
  /** The one of each verb that was made last: all calls of a moment share it. */
  readonly #tallies = new Map<string, TimedTally>();

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  get on(): boolean {
    return this.#parts.timing.on || COMMANDS.active;
  }

  begin<R>(beginning: Beginning<R>): Promise<R> {
    if (!COMMANDS.active) return this.#begin(beginning, undefined);
    const message = this.#messageOf(beginning.verb, beginning.size);
    const read = (answer: R): OperationResult =>
      resultReader(beginning.verb)(answer, message.batchSize ?? 1);
    return this.#traced(message, read, () => this.#begin(beginning, message));
  }

  /** An operation that is made of several calls. `message` is for them, if the operation is told of. */
  whole<R>({ verb, size, quiet, go }: Whole<R>): Promise<R> {
    const read = (answer: R): OperationResult =>
      quiet === true ? 'sent' : resultReader(verb)(answer, size ?? 1);
    const timed = (message: CommandMessage | undefined): Promise<R> =>
      this.#parts.timing.on ? this.#afterwards(verb, read, () => go(message)) : go(message);
    if (!COMMANDS.active) return timed(undefined);
    const message = this.#messageOf(verb, size);
    return this.#traced(message, read, () => timed(message));
  }

  /** An operation whose answers are taken one by one; to be ended with its error, if it has one. */
  open(verb: string): (error?: unknown) => void {
    const times = this.#timesOf(verb);
    const began = this.#parts.now();
    const message = COMMANDS.active ? this.#messageOf(verb, undefined) : undefined;
    if (message !== undefined) COMMANDS.begin(message);
    return (error) => {
      const ms = this.#parts.now() - began;
      if (error === undefined) times?.succeeded('ok', ms);
      else times?.failed(errorName(error), ms);
      if (message === undefined) return;
      if (error === undefined) message.result = 'ok';
      COMMANDS.done(message, error);
    };
  }

  #messageOf(command: string, batchSize: number | undefined): CommandMessage {
    return {
      command,
      client: this.#parts.client,
      batchSize,
      server: undefined,
      serverAddress: undefined,
      serverPort: undefined,
      batches: [],
      result: undefined,
    };
  }

  #traced<R>(
    message: CommandMessage,
    read: (answer: R) => OperationResult,
    begin: () => Promise<R>,
  ): Promise<R> {
    return COMMANDS.promise(message, begin, (answer) => {
      message.result = read(answer);
    });
  }

  #begin<R>(beginning: Beginning<R>, message: CommandMessage | undefined): Promise<R> {
    const { verb, begin, handOut } = beginning;
    let call: Call<R>;
    try {
      call = begin();
    } catch (error) {
      this.#timesOf(verb)?.failed(errorName(error), 0);
      return Promise.reject(error);
    }
    const { pending } = call;
    if (message !== undefined && call.operations > 1) message.batchSize = call.operations;
    if (pending === undefined || call.settled) return this.#settledAtOnce(call, beginning);
    const tally = this.#parts.timing.on ? this.#tallyOf(verb) : pending;
    call.pending = message === undefined ? tally : new CarriedTally(message, tally);
    return handOut(call);
  }

  /** One that was turned away, or had nothing to ask. */
  #settledAtOnce<R>(call: Call<R>, { verb, handOut }: Beginning<R>): Promise<R> {
    const promise = handOut(call);
    if (!this.#parts.timing.on) return promise;
    const read = (answer: R): OperationResult => resultReader(verb)(answer, call.operations);
    return this.#afterwards(verb, read, () => promise);
  }

  async #afterwards<R>(
    verb: string,
    read: (answer: R) => OperationResult,
    begin: () => Promise<R>,
  ): Promise<R> {
    const times = this.#parts.times.of(verb);
    const began = this.#parts.now();
    try {
      const answer = await begin();
      times.succeeded(read(answer), this.#parts.now() - began);
      return answer;
    } catch (error) {
      times.failed(errorName(error), this.#parts.now() - began);
      throw error;
    }
  }

  #timesOf(verb: string): VerbTimes | undefined {
    return this.#parts.timing.on ? this.#parts.times.of(verb) : undefined;
  }

  #tallyOf(verb: string): TimedTally {
    const { now, pending, times } = this.#parts;
    const began = now();
    const latest = this.#tallies.get(verb);
    if (latest?.began === began) return latest;
    const tally = new TimedTally({ began, times: times.of(verb), now, inner: pending });
    this.#tallies.set(verb, tally);
    return tally;
  }
}
