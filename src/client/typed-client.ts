import type { Ttl } from '../protocol/ttl.ts';
import type {
  Answered,
  ChangeOptions,
  CountOptions,
  ReadOptions,
  StoreOptions,
} from './call-options.ts';
import type { Count } from './count-step.ts';
import type { FetchOptions, InvalidateOptions } from './fetch-options.ts';
import type { FleetClient } from './fleet-client.ts';
import type { Inspection } from './inspection.ts';
import type { InspectOptions } from './meta-options.ts';
import type { Namespace } from './namespace.ts';
import type { NamespaceOptions } from './namespace-options.ts';
import type { WithCas } from './read.ts';
import type { CasAnswer } from './write-verbs.ts';

/** The keys a schema names, families of keys among them: `` `user:${string}` ``. */
type KeyOf<S extends object> = Extract<keyof S, string>;

/** The keys whose values are of a kind. */
type KeyFor<S extends object, V> = {
  [K in KeyOf<S>]: S[K] extends V ? K : never;
}[KeyOf<S>];

/** Pairs of a key and what is stored under it, or an object of them. */
type TypedEntries<S extends object> =
  Iterable<{ [K in KeyOf<S>]: readonly [K, S[K]] }[KeyOf<S>]> | { readonly [K in KeyOf<S>]?: S[K] };

/** What a loader of many keys answers. */
type LoadedOf<S extends object, K extends KeyOf<S>> =
  ReadonlyMap<K, S[K]> | { readonly [Name in K]?: S[Name] };

/** The verbs about keys, for keys and values as a schema pairs them. What they do is told at `ReadVerbs` and on. */
interface TypedVerbs<S extends object> {
  get<K extends KeyOf<S>>(key: K, options?: ReadOptions): Promise<S[K] | undefined>;
  gets<K extends KeyOf<S>>(key: K, options?: ReadOptions): Promise<WithCas<S[K]> | undefined>;
  getMany<K extends KeyOf<S>>(keys: Iterable<K>, options?: ReadOptions): Promise<Map<K, S[K]>>;
  getsMany<K extends KeyOf<S>>(
    keys: Iterable<K>,
    options?: ReadOptions,
  ): Promise<Map<K, WithCas<S[K]>>>;
  getValues<K extends KeyOf<S>>(
    keys: Iterable<K>,
    options?: ReadOptions,
  ): Promise<(S[K] | undefined)[]>;
  getAndTouch<K extends KeyOf<S>>(
    key: K,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<S[K] | undefined>;
  getAndTouchMany<K extends KeyOf<S>>(
    keys: Iterable<K>,
    ttl: Ttl,
    options?: ReadOptions,
  ): Promise<Map<K, S[K]>>;
  inspect<K extends KeyOf<S>>(
    key: K,
    options?: InspectOptions,
  ): Promise<Inspection<S[K]> | undefined>;
  inspectMany<K extends KeyOf<S>>(
    keys: Iterable<K>,
    options?: InspectOptions,
  ): Promise<Map<K, Inspection<S[K]>>>;
  set<K extends KeyOf<S>, N extends boolean = false>(
    key: K,
    value: S[K],
    options?: StoreOptions<N>,
  ): Promise<Answered<N, true>>;
  add<K extends KeyOf<S>, N extends boolean = false>(
    key: K,
    value: S[K],
    options?: StoreOptions<N>,
  ): Promise<Answered<N, boolean>>;
  replace<K extends KeyOf<S>, N extends boolean = false>(
    key: K,
    value: S[K],
    options?: StoreOptions<N>,
  ): Promise<Answered<N, boolean>>;
  append<N extends boolean = false>(
    key: KeyFor<S, string | Uint8Array>,
    value: string | Uint8Array,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>>;
  prepend<N extends boolean = false>(
    key: KeyFor<S, string | Uint8Array>,
    value: string | Uint8Array,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>>;
  cas<K extends KeyOf<S>>(
    key: K,
    value: S[K],
    token: string,
    options?: Omit<StoreOptions, 'noreply'>,
  ): Promise<CasAnswer>;
  setMany<N extends boolean = false>(
    entries: TypedEntries<S>,
    options?: StoreOptions<N>,
  ): Promise<Answered<N, true>>;
  delete<N extends boolean = false>(
    key: KeyOf<S>,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>>;
  deleteMany<K extends KeyOf<S>, N extends boolean = false>(
    keys: Iterable<K>,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, Map<K, boolean>>>;
  touch<N extends boolean = false>(
    key: KeyOf<S>,
    ttl: Ttl,
    options?: ChangeOptions<N>,
  ): Promise<Answered<N, boolean>>;
  incr<D extends number | bigint = number, N extends boolean = false>(
    key: KeyFor<S, number | bigint>,
    delta?: D,
    options?: CountOptions<N>,
  ): Promise<Answered<N, Count<D> | undefined>>;
  decr<D extends number | bigint = number, N extends boolean = false>(
    key: KeyFor<S, number | bigint>,
    delta?: D,
    options?: CountOptions<N>,
  ): Promise<Answered<N, Count<D> | undefined>>;
  fetch<K extends KeyOf<S>, V extends S[K] | undefined>(
    key: K,
    options: FetchOptions,
    loader: (key: K) => V | Promise<V>,
  ): Promise<V>;
  fetchMany<K extends KeyOf<S>>(
    keys: Iterable<K>,
    options: FetchOptions,
    loadMany: (keys: readonly K[]) => LoadedOf<S, K> | Promise<LoadedOf<S, K>>,
  ): Promise<Map<K, S[K]>>;
  invalidate(key: KeyOf<S>, options?: InvalidateOptions): Promise<boolean>;
}

/**
 * A client that knows what is stored under which key. A schema is a type of keys and their values, with template
 * literals for families of keys: `{ [key: `user:${string}`]: User; visits: number }`. It is a promise to the compiler:
 * nothing is checked when a value comes back.
 */
export type TypedClient<S extends object> = Omit<FleetClient, keyof TypedVerbs<S> | 'namespace'> &
  TypedVerbs<S> & {
    /** As `FleetClient.namespace`; its keys and values are anybody's. */
    namespace(name: string, options?: NamespaceOptions): Namespace;
    /** As `FleetClient.namespace`, with a schema of its own. */
    namespace<N extends object>(name: string, options?: NamespaceOptions): TypedNamespace<N>;
  };

/** A namespace that knows what is stored under which key. */
export type TypedNamespace<S extends object> = Omit<Namespace, keyof TypedVerbs<S>> & TypedVerbs<S>;
