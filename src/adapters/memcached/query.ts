/** As npm `memcached` calls back about a key. Where no server has answered, `this` is the client. */
export type Callback<R> = (this: Query, error: Error | undefined, data: R) => void;
/** As it calls back about several keys, with every error. */
export type ManyCallback<R> = (errors: Error[] | undefined, data: R) => void;
/** As it calls back about all servers, with one of the errors and what the others have told. */
export type ServersCallback<R> = (error: Error | undefined, data: R[]) => void;

/** The verb on the wire. */
export type QueryType =
  | 'get'
  | 'gets'
  | 'set'
  | 'add'
  | 'replace'
  | 'append'
  | 'prepend'
  | 'cas'
  | 'incr'
  | 'decr'
  | 'touch'
  | 'delete'
  | 'stats cachedump';

/** An argument that is checked, and what it must be. */
export type Validation = readonly [
  name: string,
  kind: StringConstructor | NumberConstructor | FunctionConstructor,
];

/** What a query is made of. */
export interface QueryParts {
  readonly type: QueryType;
  readonly key?: string;
  readonly value?: unknown;
  readonly lifetime?: unknown;
  readonly cas?: unknown;
  readonly slabid?: unknown;
  readonly number?: unknown;
  readonly callback: unknown;
  readonly validate: readonly Validation[];
}

/** What a callback finds as `this` when the server has answered: what was asked, and how long it took. */
export class Query {
  /** The verb. */
  readonly type: QueryType;
  /** Namespace and key. */
  declare readonly key?: string;
  /** Of stores, as it was stored; of `incr` and `decr`, the delta. */
  declare readonly value?: unknown;
  /** As it was given, in seconds. */
  declare readonly lifetime?: unknown;
  /** The token of `cas`. */
  declare readonly cas?: unknown;
  /** The slab class of `cachedump`. */
  declare readonly slabid?: unknown;
  /** How many keys `cachedump` may tell. */
  declare readonly number?: unknown;
  /** The callback itself. */
  readonly callback: unknown;
  /** What was checked before it was sent. */
  readonly validate: readonly Validation[];
  /** When it was asked, in milliseconds since 1970. */
  readonly start: number = Date.now();
  /** Milliseconds until its answer had been read, or it failed; undefined where it never left. */
  execution: number | undefined;

  constructor(parts: QueryParts) {
    this.type = parts.type;
    this.callback = parts.callback;
    this.validate = parts.validate;
    Object.assign(this, parts);
  }
}

/** What is wrong with the arguments, or undefined. Of several, the last one is told, as that package does. */
export function problemIn(query: Query): string | undefined {
  let problem: string | undefined;
  for (const [name, kind] of query.validate) {
    const value = query[name as 'key'] as unknown;
    if (kind === Number && typeof value !== 'number')
      problem = `Argument "${name}" is not a valid Number.`;
    // No callback is nothing wrong: whoever wants no answer gets none.
    if (kind === Function && value !== undefined && typeof value !== 'function')
      problem = `Argument "${name}" is not a valid Function.`;
  }
  return problem;
}
