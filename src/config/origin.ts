import { flat } from './paths.ts';
import type { ProfileName } from './profiles.ts';

/** What said that an option is as it is. */
export type OptionSource =
  | 'default'
  | 'options'
  | 'URL'
  | 'tune'
  | `profile '${ProfileName}'`
  | `environment ${string}`
  | `file ${string}`;

interface Origin {
  readonly value: unknown;
  readonly source: OptionSource;
}

type Origins = ReadonlyMap<string, Origin>;

/** Options remember where they were read. It survives a spread, and a second copy of this package knows it. */
const ORIGINS = Symbol.for('memvolley.origins');

/** The same options, of which every value is remembered to come from there. */
export function from<Options extends object>(source: OptionSource, options: Options): Options {
  const known = originsOf(options);
  const values = [...flat(options)].map(([path, value]): [string, Origin] => [
    path,
    known?.get(path) ?? { value, source },
  ]);
  return { ...options, [ORIGINS]: new Map(values) };
}

/** What said the options, by path. One that has been put in the place of a remembered one is of the caller's own. */
export function sourcesOf(options: object): Map<string, OptionSource> {
  const origins = originsOf(options);
  const sources = new Map<string, OptionSource>();
  for (const [path, value] of flat(options)) {
    const origin = origins?.get(path);
    sources.set(path, origin !== undefined && origin.value === value ? origin.source : 'options');
  }
  return sources;
}

const originsOf = (options: object): Origins | undefined =>
  (options as { readonly [ORIGINS]?: Origins })[ORIGINS];
