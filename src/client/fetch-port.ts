import type { Codec } from '../codec/codec.ts';
import { NOTHING } from '../codec/placeholder.ts';
import type { WireKey } from '../protocol/key.ts';
import type { MetaAnswer } from '../server/meta-commands.ts';
import type { StoreVerb } from '../server/store-command.ts';
import type { KeyPort } from '../stampede/key-port.ts';
import type { Leases } from '../stampede/leases.ts';
import { LockLeases } from '../stampede/lock-leases.ts';
import type { Look } from '../stampede/look.ts';
import { ServerLeases } from '../stampede/server-leases.ts';
import type { CallOptions, StoreOptions } from './call-options.ts';
import type { FetchPolicy, Way } from './fetch-policy.ts';
import type { KeyCalls } from './key-calls.ts';
import type { LeaseQuestion } from './lease-question.ts';
import { LookEnd } from './look-end.ts';
import { lockKeyOf } from './lock-key.ts';
import { PLAIN_GET } from './questions.ts';
import type { Key } from './read.ts';
import { remove } from './remove.ts';

const NO_BYTES = new Uint8Array(0);

/** Writes the mark of nothing. */
const MARK: Codec = {
  encode: () => ({ bytes: NO_BYTES, flags: NOTHING }),
  decode: () => undefined,
};

/** A lock is text that no format knows. */
const OWNER: Codec = {
  encode: (owner) => ({ bytes: Buffer.from(owner as string), flags: 0 }),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

/** The commands of one fetch, by way of the client's calls. */
export class FetchPort implements KeyPort {
  readonly id: WireKey;
  readonly #calls: KeyCalls;
  readonly #key: Key;
  readonly #policy: FetchPolicy;
  readonly #way: Way;
  #lockKey: Key | undefined;

  constructor(calls: KeyCalls, key: Key, policy: FetchPolicy, way: Way) {
    this.id = calls.wireOf(key);
    this.#calls = calls;
    this.#key = key;
    this.#policy = policy;
    this.#way = way;
  }

  get leases(): Leases {
    const { locks } = this.#calls.fetching;
    return this.#way === 'server' ? new ServerLeases(this, locks) : new LockLeases(this, locks);
  }

  look(): Promise<Look> {
    return this.#look(this.#policy.ask[this.#way]);
  }

  lookWithToken(): Promise<Look> {
    return this.#look(this.#policy.ask.token);
  }

  add(value: unknown): Promise<unknown> {
    return this.#store('add', value);
  }

  replace(token: string, value: unknown): Promise<unknown> {
    return this.#store('cas', value, token);
  }

  remove(token: string): Promise<unknown> {
    return this.#delete(token, false);
  }

  spoil(token: string): Promise<unknown> {
    return this.#delete(token, true);
  }

  lock(owner: string): Promise<boolean> {
    const { lock } = this.#policy;
    return this.#calls.storeOne(
      { verb: 'add', key: this.#beside, value: owner, counter: true },
      { ...this.#lockOptions, ttl: lock, codec: OWNER },
      (answer) => answer === 'stored',
    );
  }

  lockOwner(): Promise<string | undefined> {
    const options = this.#last({ ...this.#lockOptions, codec: OWNER, onError: 'throw' } as const);
    return this.#calls.readOne<string>(PLAIN_GET, this.#beside, options);
  }

  unlock(): Promise<unknown> {
    return remove(this.#calls, this.#beside, this.#last(this.#lockOptions));
  }

  get #beside(): Key {
    this.#lockKey ??= lockKeyOf(this.#key, (key) => this.#calls.wireOf(key));
    return this.#lockKey;
  }

  /** On the key's own server. */
  get #lockOptions(): CallOptions {
    const { timeoutMs, routeBy } = this.#callOptions;
    return { timeoutMs, routeBy: routeBy ?? this.#key };
  }

  get #callOptions(): CallOptions {
    const { timeoutMs, routeBy } = this.#policy.options ?? {};
    return { timeoutMs, routeBy };
  }

  /** What was loaded is stored even by a client that closes. */
  #last<O extends object>(options: O): O {
    return this.#calls.fetching.finishes(options);
  }

  #look(question: LeaseQuestion): Promise<Look> {
    return this.#calls.readTo(question, this.#key, new LookEnd(this.#policy));
  }

  #store(verb: StoreVerb, value: unknown, cas?: string): Promise<unknown> {
    const ttl = this.#policy.ttlOf(value, this.#way);
    const codec = value === undefined ? MARK : this.#policy.options?.codec;
    const options: StoreOptions = this.#last({ ...this.#callOptions, ttl, codec });
    const what = { verb, key: this.#key, value, counter: true };
    return this.#calls.storeOne(
      cas === undefined ? what : { ...what, cas },
      options,
      (answer) => answer,
    );
  }

  #delete(cas: string, invalidate: boolean): Promise<unknown> {
    return this.#calls.askOne<MetaAnswer>(
      { verb: 'delete', key: this.#key, options: this.#last(this.#callOptions) },
      (answer) => answer,
      (server, wire, sink) => {
        server.meta({ verb: 'md', key: wire, cas, invalidate }, { sink, tag: 0 });
      },
    );
  }
}
