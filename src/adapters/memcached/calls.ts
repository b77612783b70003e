import {
  type FleetClient,
  IllegalInputError,
  ManyError,
  MemcacheConnectionError,
  type MemcacheError,
} from '../../index.ts';
import { Fleet, type ServerLocations } from './fleet.ts';
import { isIssue, type IssueDetails, type IssueEvent, ServerIssues } from './issues.ts';
import { type KeySettings, type StoredKey, storedKey } from './keys.ts';
import type { Settings } from './options.ts';
import { problemIn, type Query } from './query.ts';

/** Whose calls these are. What it says about keys and limits may change at any time. */
export interface Caller extends KeySettings {
  readonly maxQueueSize: number;
  emit(event: IssueEvent, details: IssueDetails): unknown;
}

/** What a callback is called with. */
export type Outcome = readonly unknown[];

/** What the servers have answered, by address, and the errors of the others. */
export interface Told<A> {
  readonly values: ReadonlyMap<string, A>;
  readonly errors: readonly MemcacheError[];
}

/** Brings calls to the servers and their answers to callbacks. */
export class Calls {
  readonly #caller: Caller;
  readonly #settings: Settings;
  readonly #fleet: Fleet;
  readonly #spares: string[];
  readonly #issues = new Map<string, ServerIssues>();
  #client: FleetClient | undefined;
  #active = 0;

  constructor(caller: Caller, servers: ServerLocations | undefined, settings: Settings) {
    this.#caller = caller;
    this.#settings = settings;
    this.#spares = [...settings.failOverServers];
    this.#fleet = new Fleet(servers, settings);
    this.#client = this.#connect();
  }

  /** Calls that have not been called back. */
  get active(): number {
    return this.#active;
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** After `end` another one, as long as anything is asked. */
  get client(): FleetClient {
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** One command about one key, or about none. */
  ask<A>(
    query: Query,
    send: (client: FleetClient, key: StoredKey) => Promise<A>,
    read: (answer: A) => Outcome,
  ): void {
    const begun = this.#begin();
    if (begun !== undefined) return this.#callBack(query, this.#caller, [begun, null]);
    const key = this.#keyOf(query);
    if (key instanceof Error) return this.#callBack(query, query, [key]);
    send(this.client, key).then(
      (answer) => {
        query.execution = Date.now() - query.start;
        this.#callBack(query, query, read(answer));
      },
      (error: MemcacheError) => {
        query.execution = Date.now() - query.start;
        this.#blame(error);
        const unanswered = isIssue(error);
        this.#callBack(
          query,
          unanswered ? this.#caller : query,
          unanswered ? [error] : [error, false],
        );
      },
    );
  }

  /** Something that has no `this`: several keys, or all servers. `failed` says how an error is told of all of it. */
  askMany(
    callback: unknown,
    send: (client: FleetClient) => Promise<Outcome>,
    failed: (error: Error) => Outcome,
  ): void {
    const begun = this.#begin();
    if (begun !== undefined) return this.#settle(callback, undefined, failed(begun));
    new Promise<Outcome>((resolve) => resolve(send(this.client))).then(
      (outcome) => this.#settle(callback, undefined, outcome),
      (error: Error) => this.#settle(callback, undefined, failed(error)),
    );
  }

  /** Calls back with what is wrong with a call that never left. */
  refuse(callback: unknown, outcome: Outcome): void {
    this.#active++;
    this.#settle(callback, undefined, outcome);
  }

  /** What of a call about many keys or servers went well. */
  async told<A>(asked: Promise<ReadonlyMap<unknown, A>>): Promise<Told<A>> {
    try {
      return { values: (await asked) as ReadonlyMap<string, A>, errors: [] };
    } catch (error) {
      this.#blame(error as MemcacheError);
      if (!(error instanceof ManyError))
        return { values: new Map(), errors: [error as MemcacheError] };
      return { values: error.values as Map<string, A>, errors: [...error.errors.values()] };
    }
  }

  /** Lets what is under way be answered, and all connections go. */
  end(): void {
    const client = this.#client;
    this.#client = undefined;
    void client?.close();
  }

  #connect(): FleetClient {
    return this.#fleet.connect().on('server', ({ server, state }) => {
      // Either is what came of dialling it.
      if (state === 'ready' || state === 'backoff') this.#issues.get(server)?.dialled();
      if (state === 'ready') this.#issues.get(server)?.reached();
    });
  }

  #begin(): Error | undefined {
    this.#active++;
    const { maxQueueSize } = this.#caller;
    if (maxQueueSize <= 0 || this.#active <= maxQueueSize) return undefined;
    return new MemcacheConnectionError('ERR_MEMCACHE_OVERLOADED', 'over queue limit');
  }

  #keyOf(query: Query): StoredKey | Error {
    const problem = problemIn(query);
    if (problem !== undefined) return new IllegalInputError('ERR_MEMCACHE_VALUE', problem);
    if (query.key === undefined) return NO_KEY;
    try {
      return storedKey(query.key, this.#caller);
    } catch (error) {
      return error as Error;
    }
  }

  #callBack(query: Query, self: unknown, outcome: Outcome): void {
    this.#settle(query.callback, self, outcome);
  }

  /** Never inside the call, and where what a callback throws is nobody's but the process's. */
  #settle(callback: unknown, self: unknown, outcome: Outcome): void {
    queueMicrotask(() => {
      this.#active--;
      if (typeof callback === 'function') Reflect.apply(callback, self, outcome);
    });
  }

  #blame(error: MemcacheError): void {
    if (error instanceof ManyError) for (const one of error.errors.values()) this.#blame(one);
    else if (isIssue(error)) this.#issuesOf(error.server).failed(error.message);
  }

  #issuesOf(server: string): ServerIssues {
    let issues = this.#issues.get(server);
    if (issues === undefined) {
      issues = new ServerIssues(server, this.#settings, (event, details) => {
        this.#tell(event, details);
        if (event === 'remove') this.#remove(server, details);
      });
      this.#issues.set(server, issues);
    }
    return issues;
  }

  #tell(event: IssueEvent, details: IssueDetails): void {
    queueMicrotask(() => this.#caller.emit(event, details));
  }

  #remove(server: string, details: IssueDetails): void {
    const spare = this.#spares.shift();
    if (spare === undefined) {
      this.#fleet.remove(server);
      this.#tell('failure', details);
    } else {
      this.#fleet.swap(server, spare);
    }
    // It only rejects where the client is being closed, and the next one is made of the servers as they are now.
    this.#client?.setServers(this.#fleet.specs).catch(() => {});
  }
}

const NO_KEY: StoredKey = { wire: '', routeBy: undefined };
