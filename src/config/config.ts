import type { Group, ResolvedOptions } from './options.ts';
import type { OptionSource } from './origin.ts';
import { rulesByPath, valueAt } from './paths.ts';

/** An option by name; a part of a group as `retry.attempts`. */
export type OptionPath =
  | Exclude<keyof ResolvedOptions, Group>
  | { [G in Group]: `${G}.${keyof ResolvedOptions[G] & string}` }[Group];

type Resolved<Path> = Path extends `${infer G extends Group}.${infer Part}`
  ? Part extends keyof ResolvedOptions[G]
    ? ResolvedOptions[G][Part]
    : never
  : Path extends keyof ResolvedOptions
    ? ResolvedOptions[Path]
    : never;

/** What is no secret and can be printed: servers and discoveries by name. */
interface Shown {
  readonly servers: readonly string[];
  readonly 'gutter.servers': readonly string[];
  readonly discovery: string | undefined;
  readonly auth: '[hidden]' | undefined;
  readonly tls: boolean | '[hidden]';
}

/** One option as it is in force. */
export interface ConfigEntry<Value = unknown> {
  /** In the units of the option. */
  readonly value: Value;
  /**
   * What said so: `default`, `profile 'dalli'`, `options`, `URL`, `environment MEMVOLLEY_TIMEOUT_MS`,
   * `file /srv/memvolley.config.json` or `tune`.
   */
  readonly source: OptionSource;
}

/** Every option as it is in force, by path, in the order of the documentation. Secrets read `[hidden]`. */
export type Config = {
  readonly [Path in OptionPath]: ConfigEntry<
    Path extends keyof Shown ? Shown[Path] : Resolved<Path>
  >;
};

export function configOf(
  options: ResolvedOptions,
  sources: ReadonlyMap<string, OptionSource>,
): Config {
  const entries = [...rulesByPath().keys()].map((path) => {
    const value = shown(path, valueAt(options, path));
    return [path, Object.freeze({ value, source: sources.get(path) ?? 'default' })];
  });
  return Object.freeze(Object.fromEntries(entries) as Config);
}

function shown(path: string, value: unknown): unknown {
  switch (path) {
    case 'auth':
    case 'tls':
      return value === undefined || typeof value === 'boolean' ? value : '[hidden]';
    case 'servers':
    case 'gutter.servers':
      return Object.freeze((value as readonly { name: string }[]).map(({ name }) => name));
    case 'discovery':
      return (value as { name: string } | undefined)?.name;
    default:
      return value instanceof Uint8Array ? new Uint8Array(value) : value;
  }
}
