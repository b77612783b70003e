import { type Config, configOf } from './config.ts';
import type { ClientOptions, ResolvedOptions } from './options.ts';
import { type OptionSource, sourcesOf } from './origin.ts';
import { PROFILES } from './profiles.ts';
import { optionsOf, resolveOptions } from './resolve.ts';

/** The options of one client as they are in force, and what said so. */
export class Settings {
  readonly options: ResolvedOptions;
  readonly #sources: Map<string, OptionSource>;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with. */
  constructor(input: string | URL | ClientOptions) {
    const given = optionsOf(input);
    this.options = resolveOptions(given);
    this.#sources = sourcesOf(given);
    const { profile } = this.options;
    if (profile === undefined) return;
    const { hashes, keys, ...others } = PROFILES[profile];
    for (const path of Object.keys({ ...others, hashedPart: hashes, keyRule: keys }))
      if (!this.#sources.has(path)) this.#sources.set(path, `profile '${profile}'`);
  }

  config(): Config {
    return configOf(this.options, this.#sources);
  }
}
