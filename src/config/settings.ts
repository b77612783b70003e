import { type Config, configOf } from './config.ts';
import type { ClientOptions, ResolvedOptions } from './options.ts';
import { type OptionSource, sourcesOf } from './origin.ts';
import { flat, nested, rulesByPath, valueAt } from './paths.ts';
import { PROFILES } from './profiles.ts';
import { optionsOf, resolveOptions } from './resolve.ts';
import { RULES } from './rules.ts';
import { isTunable, tuned, type TuneChanges, type TuneOptions } from './tune.ts';

type Group = Record<string, unknown>;

/**
 * The options of one client as they are in force, and what said so. All rooms keep the same object and its groups, and
 * read from it when they need to know: what `tune` changes there is what they do next.
 */
export class Settings {
  readonly options: ResolvedOptions;
  readonly #sources: Map<string, OptionSource>;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with. */
  constructor(input: string | URL | ClientOptions) {
    const given = optionsOf(input);
    this.options = changeable(resolveOptions(given));
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

  /** Changes all of it or, throwing IllegalInputError (ERR_MEMCACHE_OPTION), nothing. */
  tune(options: TuneOptions): TuneChanges {
    const said = tuned(options);
    const next = this.#with(said);
    const changes: Record<string, { before: unknown; after: unknown }> = {};
    for (const path of [...rulesByPath().keys()].filter(isTunable)) {
      const [before, after] = [valueAt(this.options, path), valueAt(next, path)];
      if (before === after) continue;
      changes[path] = Object.freeze({ before, after });
      this.#put(path, after);
    }
    for (const path of said.keys()) this.#sources.set(path, 'tune');
    return Object.freeze(changes as TuneChanges);
  }

  /** All options with these changes, looked at together as those of a new client. */
  #with(said: ReadonlyMap<string, unknown>): ResolvedOptions {
    const all = new Map([...flat(this.options), ...said]);
    // What has been looked at, and does not change, is not looked at twice: TLS may warn.
    for (const path of ['tls', 'auth']) all.delete(path);
    if (!this.#sources.has('stallTimeoutMs') && !said.has('stallTimeoutMs'))
      all.delete('stallTimeoutMs');
    return resolveOptions(nested(all));
  }

  #put(path: string, value: unknown): void {
    const [name, part = ''] = path.split('.');
    const options = this.options as unknown as Group;
    if (part === '') options[name] = value;
    else (options[name] as Group)[part] = value;
  }
}

/** A copy of which options, and parts of groups, may change. */
function changeable(options: ResolvedOptions): ResolvedOptions {
  const copy: Group = { ...options };
  for (const [name, { parts }] of Object.entries(RULES))
    if (parts !== undefined) copy[name] = { ...(copy[name] as Group) };
  return copy as unknown as ResolvedOptions;
}
