import { EventEmitter } from 'node:events';
import { type FleetClient, ManyError, type MemcacheError } from '../../index.ts';
import type { Calls, Outcome, Told } from './calls.ts';
import { addressOf } from './fleet.ts';
import { Query, type Callback, type ServersCallback } from './query.ts';
import {
  type DumpedItem,
  itemsIn,
  type ServerStats,
  type ServerVersion,
  ARRANGED,
  type StatsGroup,
  versionOf,
} from './server-answers.ts';

/** What ends a listing. */
const END = /(?<![^\n])END\r\n/;

/** The verbs of npm `memcached` about whole servers. */
export abstract class ServerVerbs extends EventEmitter {
  protected abstract readonly calls: Calls;

  /** The version of each server. */
  version(callback?: ServersCallback<ServerVersion>): void {
    this.#ask(callback, (client) => client.version(), versionOf);
  }

  /** Empties every server; true for each. */
  flush(callback?: ServersCallback<boolean>): void {
    this.#ask(
      callback,
      (client) => client.flushAll(),
      () => true,
    );
  }

  /** Another name of `flush`. */
  flushAll(callback?: ServersCallback<boolean>): void {
    this.flush(callback);
  }

  /** `stats` */
  stats(callback?: ServersCallback<ServerStats>): void {
    this.#statsOf('stats', callback);
  }

  /** `stats settings` */
  settings(callback?: ServersCallback<ServerStats>): void {
    this.#statsOf('stats settings', callback);
  }

  /** Another name of `settings`. */
  statsSettings(callback?: ServersCallback<ServerStats>): void {
    this.settings(callback);
  }

  /** `stats slabs`, by slab class */
  slabs(callback?: ServersCallback<ServerStats>): void {
    this.#statsOf('stats slabs', callback);
  }

  /** Another name of `slabs`. */
  statsSlabs(callback?: ServersCallback<ServerStats>): void {
    this.slabs(callback);
  }

  /** `stats items`, by slab class */
  items(callback?: ServersCallback<ServerStats>): void {
    this.#statsOf('stats items', callback);
  }

  /** Another name of `items`. */
  statsItems(callback?: ServersCallback<ServerStats>): void {
    this.items(callback);
  }

  /**
   * `stats cachedump`: at most `number` keys of a slab class of a server; one of them alone, several as a list, none as
   * undefined. The server may leave out what it likes.
   */
  cachedump(
    server: string,
    slabid: number,
    number: number,
    callback?: Callback<DumpedItem | DumpedItem[] | undefined>,
  ): void {
    const query = new Query({
      type: 'stats cachedump',
      number,
      slabid,
      callback,
      validate: [
        ['number', Number],
        ['slabid', Number],
        ['callback', Function],
      ],
    });
    const command = `stats cachedump ${slabid} ${number}`;
    this.calls.ask(
      query,
      async (client) => linesOf(await client.raw(command, { to: addressOf(server), until: END })),
      (lines) => {
        const items = itemsIn(lines);
        return [undefined, items.length > 1 ? items : items[0]];
      },
    );
  }

  /**
   * Closes all connections once what is under way has been answered. Another call opens them again. Without it they
   * close after `idle` milliseconds, and a process that has nothing else to do ends then.
   */
  end(): void {
    this.calls.end();
  }

  #statsOf(group: StatsGroup, callback: unknown): void {
    this.#ask(
      callback,
      (client) =>
        everyServer(client, async (to) => linesOf(await client.raw(group, { to, until: END }))),
      ARRANGED[group],
    );
  }

  #ask<A>(
    callback: unknown,
    ask: (client: FleetClient) => Promise<ReadonlyMap<string, A>>,
    read: (server: string, answer: A) => unknown,
  ): void {
    this.calls.askMany(
      callback,
      async (client) => outcomeOf(await this.calls.told(ask(client)), read),
      (error) => [error, []],
    );
  }
}

const outcomeOf = <A>(
  { values, errors }: Told<A>,
  read: (server: string, answer: A) => unknown,
): Outcome => [errors.at(-1), [...values].map(([server, answer]) => read(server, answer))];

const linesOf = (answer: Buffer): string[] => answer.toString('latin1').split('\r\n');

/** Asks each server by itself. Rejects with ManyError where one of them failed. */
async function everyServer<A>(
  client: FleetClient,
  ask: (server: string) => Promise<A>,
): Promise<Map<string, A>> {
  const [values, errors] = [new Map<string, A>(), new Map<string, MemcacheError>()];
  const asked = client.servers.map(async (server) => {
    try {
      values.set(server, await ask(server));
    } catch (error) {
      errors.set(server, error as MemcacheError);
    }
  });
  await Promise.all(asked);
  if (errors.size > 0) throw new ManyError(values, errors);
  return values;
}
