import { check, either, object, type Rule, text } from './check.ts';
import { fileOf, foreignOptions, ownOptions } from './env.ts';
import { optionsFromFile } from './file.ts';
import type { ClientOptions } from './options.ts';
import { from, saysWhere, together } from './origin.ts';
import { optionsOf } from './resolve.ts';
import { RULES } from './rules.ts';

/** Where `loadConfig` looks. */
export interface LoadConfigOptions {
  /** The folder of `memvolley.config.json`, `.js`, `.mjs` or `.ts`, and of relative paths. Default: the process's. */
  readonly cwd?: string | undefined;
  /** The environment. Default: the process's; `{}` for none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The path of the file, which has to exist. Default: what MEMVOLLEY_CONFIG says, else the one in `cwd`, if any. */
  readonly file?: string | undefined;
  /** Options that go before all others, or a URL of them. */
  readonly overrides?: string | URL | ClientOptions | undefined;
}

const LOAD_RULES: Readonly<Record<keyof LoadConfigOptions, Rule>> = {
  cwd: text,
  env: object,
  file: text,
  overrides: either(text, object),
};

/**
 * Options for `createClient` from where a deployment has them: `overrides`, then the environment (`MEMVOLLEY_URL`,
 * `MEMVOLLEY_TIMEOUT_MS` and the like, `MEMCACHIER_SERVERS`, `MEMCACHE_SERVERS`), then a file `memvolley.config.json`,
 * `.js`, `.mjs` or `.ts`. What comes first goes before the rest, option by option and part by part of groups.
 * `cache.config()` tells where each was read; passwords do not show where the options are printed.
 * Rejects with IllegalInputError (ERR_MEMCACHE_OPTION) that names the variable, or the file and in JSON its line.
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ClientOptions> {
  check(options, LOAD_RULES);
  const { cwd = process.cwd(), env = process.env, file = fileOf(env), overrides = {} } = options;
  const given = optionsOf(overrides);
  check(given, RULES);
  const highest = [...ownOptions(env), from('options', given)];
  const lowest = await optionsFromFile(cwd, file);
  const foreign = highest.some(saysWhere) ? [] : foreignOptions(env);
  return together([...lowest, ...foreign, ...highest]);
}
