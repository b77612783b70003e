import type { ClientOptions } from '../config/options.ts';
import { Settings } from '../config/settings.ts';
import { IllegalInputError } from '../errors.ts';
import { MemcacheClient } from './client.ts';

/** A client of one server, and of no other ever. */
export class ServerClient extends MemcacheClient {
  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) for options it cannot work with, such as several servers. */
  constructor(input: string | URL | ClientOptions) {
    const settings = new Settings(input);
    const { options } = settings;
    if (options.discovery !== undefined || options.servers.length !== 1) {
      throw new IllegalInputError(
        'ERR_MEMCACHE_OPTION',
        "option 'servers' of a ServerClient must name one server; use createClient for several",
      );
    }
    super(settings);
  }

  /** The server's address. */
  get server(): string {
    return this.core.options.servers[0].name;
  }
}
