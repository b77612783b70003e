import type { CodecOption } from '../codec/codec-options.ts';
import type { ValueCodec } from '../codec/value-codec.ts';
import type { ResolvedOptions } from '../config/options.ts';
import type { ReadOptions } from './call-options.ts';
import type { LeaseQuestion } from './lease-question.ts';
import { PLAIN_GET, PLAIN_GETS, type Question } from './questions.ts';
import type { ReadPlan, ReadRoom } from './read.ts';

interface PlanRoom extends ReadRoom {
  codecFor(codec: CodecOption | undefined): ValueCodec;
}

/** How the reads of a client are done. The plans of reads without options are made once. */
export class ReadPlans {
  readonly #room: PlanRoom;
  readonly #options: ResolvedOptions;
  #get: ReadPlan;
  #gets: ReadPlan;
  #lease: ReadPlan | undefined;

  constructor(room: PlanRoom, options: ResolvedOptions) {
    this.#room = room;
    this.#options = options;
    this.#get = this.#make(PLAIN_GET, {});
    this.#gets = this.#make(PLAIN_GETS, {});
  }

  /** Plans made from options that have changed are made again. */
  retuned(): void {
    this.#get = this.#make(PLAIN_GET, {});
    this.#gets = this.#make(PLAIN_GETS, {});
    this.#lease = undefined;
  }

  of(question: Question, options: ReadOptions | undefined): ReadPlan {
    if (options === undefined) {
      if (question === PLAIN_GET) return this.#get;
      if (question === PLAIN_GETS) return this.#gets;
    }
    return this.#make(question, options ?? {});
  }

  /** The plan of a question that is asked again and again: one at a time. */
  ofLease(question: LeaseQuestion): ReadPlan {
    if (this.#lease?.shape !== question.shape)
      this.#lease = this.#make(question, question.options ?? {});
    return this.#lease;
  }

  /** The product's own format marks bytes that are empty: an item without flags and bytes is what `mg` with N leaves. */
  emptyIsNothing(codec: unknown): boolean {
    return this.#options.format === 'memvolley' && typeof codec !== 'object';
  }

  #make({ form, shape }: Question, options: ReadOptions): ReadPlan {
    const { onError, codec, failover } = this.#options;
    return {
      room: this.#room,
      codec: this.#room.codecFor(options.codec),
      form,
      shape,
      onError: options.onError ?? onError,
      emptyIsNothing: this.emptyIsNothing(options.codec ?? codec),
      outIsMiss: failover === 'miss',
      bulk: options.lane === 'bulk',
      routeBy: options.routeBy,
    };
  }
}
