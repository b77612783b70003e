import type { CommandMessage } from '../observability/channels.ts';
import type { Call } from './call.ts';
import { CarriedTally } from './carried-tally.ts';

/** A call that is to begin. */
export interface Beginning<R> {
  /** The caller's. */
  readonly verb: string;
  /** How many keys it is about, as far as that is known before it has begun; undefined for one. */
  readonly size: number | undefined;
  readonly begin: () => Call<R>;
  /** To be called once, as soon as it has begun. */
  readonly handOut: (call: Call<R>) => Promise<R>;
}

/** Who hears of calls as they begin. */
export interface CallWatch {
  /** Whether calls are to be begun by `begin`; asked for each. */
  readonly on: boolean;
  /** Never throws. */
  begin<R>(beginning: Beginning<R>): Promise<R>;
  /** An operation that is made of several calls: these are begun with what notes on `message` what carries them. */
  whole<R>(operation: Whole<R>): Promise<R>;
}

/** An operation made of several calls. */
export interface Whole<R> extends Pick<Beginning<R>, 'verb' | 'size'> {
  /** `message` is what is told of the operation, if anybody listens. */
  readonly go: (message: CommandMessage | undefined) => Promise<R>;
  /** Nobody waits for its answer. */
  readonly quiet?: boolean | undefined;
}

/** Watches the calls an operation is made of: the operation is told of, they are not. */
export class PartsWatch implements CallWatch {
  readonly on = true;
  readonly #message: CommandMessage;

  constructor(message: CommandMessage) {
    this.#message = message;
  }

  begin<R>({ begin, handOut }: Beginning<R>): Promise<R> {
    try {
      const call = begin();
      if (call.pending !== undefined) call.pending = new CarriedTally(this.#message, call.pending);
      return handOut(call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  whole<R>({ go }: Whole<R>): Promise<R> {
    return go(this.#message);
  }
}
