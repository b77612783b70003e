import type { ClientOptions } from '../config/options.ts';
import { Settings } from '../config/settings.ts';
import { parseServers, type ServerSpec } from '../connection/address.ts';
import { MemcacheClient } from './client.ts';
import { type Explanation, explain } from './explanation.ts';
import type { Key } from './read.ts';

/** A client of any number of servers, each of which has its part of the keys. Made by `createClient`. */
export class FleetClient extends MemcacheClient {
  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION, ERR_MEMCACHE_KEY) for options it cannot work with. */
  constructor(input: string | URL | ClientOptions) {
    super(new Settings(input));
  }

  /**
   * The address of the server a key belongs to, found without asking anybody and whether or not that server is up.
   * `routeBy` places it as the option of a call does. Throws IllegalInputError for an illegal key, and
   * ERR_MEMCACHE_UNAVAILABLE before a discovery has named any server.
   */
  serverFor(key: Key, options: { routeBy?: Key } = {}): string {
    const { routeBy = key } = options;
    this.core.wire(key);
    this.core.wire(routeBy);
    return this.core.places.owner(routeBy).name;
  }

  /**
   * Why a key is on its server: what of it is hashed, to what, who stands in. For tools and for looking where a key is;
   * places the key anew and asks nobody. `routeBy` and errors are those of `serverFor`.
   */
  explain(key: Key, options: { routeBy?: Key } = {}): Explanation {
    const { routeBy = key } = options;
    return explain(this.core, key, routeBy);
  }

  /** The addresses of all servers; none before a discovery has named them. */
  get servers(): readonly string[] {
    return this.core.places.fleet.addresses.map(({ name }) => name);
  }

  /**
   * Puts another list of servers to use, as a whole: what is under way is answered where it was sent, removed servers
   * are let go after that, new ones are asked for an answer before keys move to them. Resolves when keys are placed
   * by the new list. A discovery, where there is one, replaces the list again when its own changes.
   * Rejects with IllegalInputError (ERR_MEMCACHE_OPTION) for a list that cannot be used.
   */
  async setServers(servers: string | readonly ServerSpec[]): Promise<void> {
    await this.core.places.change(parseServers(servers));
  }

  /**
   * Asks the discovery for the servers now, and believes it even where it held an answer back before. Rejects with why
   * they could not be learned, or with ERR_MEMCACHE_UNSUPPORTED where there is no discovery.
   */
  async rediscover(): Promise<void> {
    await this.core.places.rediscover();
  }
}
