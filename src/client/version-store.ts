import type { Codec } from '../codec/codec.ts';
import { versionKey } from '../namespace/name.ts';
import type { Version } from '../namespace/version.ts';
import type {
  Patience,
  StoredVersion,
  VersionItem,
  VersionQuestion,
} from '../namespace/version-item.ts';
import type { WireKey } from '../protocol/key.ts';
import type { CallOptions } from './call-options.ts';
import type { Calls } from './calls.ts';
import type { Core } from './core.ts';
import { PLAIN_GET, PLAIN_GETS } from './questions.ts';
import type { ReadPlan, WithCas } from './read.ts';
import { SingleRead } from './single-read.ts';

/** A version is plain text, whatever the client's format: clients of several formats may share a namespace. */
const TEXT: Codec = {
  encode: (value) => ({ bytes: Buffer.from(value as string, 'latin1'), flags: 0 }),
  decode: (bytes) => Buffer.from(bytes).toString('latin1'),
};

/** The version of a namespace asked for, among the plain gets of its moment. */
class VersionRead extends SingleRead<unknown> implements VersionQuestion {
  answer: Promise<unknown> = Promise.resolve();

  get unsent(): boolean {
    return this.sent === 'no' && !this.settled;
  }
}

/** Where the version of a namespace is stored: under a key of its own, which is placed as any key. */
export class VersionStore implements VersionItem {
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #key: string;
  readonly #wire: WireKey;
  readonly #plan: ReadPlan;
  readonly #tokenPlan: ReadPlan;

  /** Throws IllegalInputError (ERR_MEMCACHE_KEY) where the client's prefix leaves no room for the key. */
  constructor(core: Core, calls: Calls, name: string) {
    this.#core = core;
    this.#calls = calls;
    this.#key = versionKey(name);
    this.#wire = core.wire(this.#key);
    const options = { codec: TEXT, onError: 'throw' } as const;
    // A server that is out has not said that there is none.
    this.#plan = { ...core.plans.of(PLAIN_GET, options), outIsMiss: false };
    this.#tokenPlan = { ...core.plans.of(PLAIN_GETS, options), outIsMiss: false };
  }

  ask({ deadline, signal }: Patience): VersionQuestion {
    const call = new VersionRead(this.#plan, deadline, this.#key, this.#wire);
    call.answer = this.#read(call, this.#plan, signal);
    return call;
  }

  look({ deadline, signal }: Patience): Promise<StoredVersion | undefined> {
    const plan = this.#tokenPlan;
    const call = new SingleRead<WithCas<unknown>>(plan, deadline, this.#key, this.#wire);
    return this.#read(call, plan, signal);
  }

  add(version: Version, patience: Patience): Promise<boolean> {
    return this.#store({ verb: 'add' }, version, patience);
  }

  swap(version: Version, cas: string, patience: Patience): Promise<boolean> {
    return this.#store({ verb: 'cas', cas }, version, patience);
  }

  #read<T>(
    call: SingleRead<T>,
    { form }: ReadPlan,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> {
    return this.#calls.begin('get', () => {
      const options = signal === undefined ? undefined : { signal };
      if (this.#core.begin(call, options)) this.#core.read(form, this.#wire, call, 0);
      return call;
    });
  }

  #store(
    how: { verb: 'add' } | { verb: 'cas'; cas: string },
    value: Version,
    patience: Patience,
  ): Promise<boolean> {
    const options = { ...within(patience), codec: TEXT, ttl: 0 };
    return this.#calls.storeOne(
      { ...how, key: this.#key, value },
      options,
      (answer) => answer === 'stored',
    );
  }
}

const within = ({ deadline, signal }: Patience): CallOptions => ({
  signal,
  timeoutMs: Math.max(1, deadline - performance.now()),
});
