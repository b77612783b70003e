import { INSPECT } from '../primitives/inspect.ts';
import type { ClientOptions } from './options.ts';
import { flat, nested } from './paths.ts';
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

/** Options remember where they were read. It survives a spread, and a second copy of this package knows it. */
const ORIGINS = Symbol.for('memvolley.origins');

type Remembering = { readonly [ORIGINS]?: Origins };

/** The same options, of which every value is remembered to come from there, unless it is from elsewhere already. */
export function from(source: OptionSource, options: ClientOptions): ClientOptions {
  return remembering(originsOf(options, source));
}

/** All that these options say, the later ones before the earlier ones. `servers` and `discovery` exclude each other. */
export function together(all: readonly ClientOptions[]): ClientOptions {
  const said = new Map<string, Origin>();
  for (const options of all) {
    if (saysWhere(options)) for (const path of PLACES) said.delete(path);
    for (const [path, origin] of originsOf(options)) said.set(path, origin);
  }
  return remembering(said);
}

/** Whether they say where the servers are. */
export const saysWhere = (options: ClientOptions): boolean =>
  PLACES.some((name) => options[name] !== undefined);

const PLACES = ['servers', 'discovery'] as const;

/** What said the options, by path. One that has been put in the place of a remembered one is of the caller's own. */
export function sourcesOf(options: ClientOptions): Map<string, OptionSource> {
  const origins = originsOf(options);
  return new Map([...origins].map(([path, { source }]) => [path, source]));
}

function originsOf(options: ClientOptions, unknown: OptionSource = 'options'): Map<string, Origin> {
  const known = (options as Remembering)[ORIGINS];
  const values = [...flat(options)].map(([path, value]): [string, Origin] => {
    const origin = known?.of(path);
    const isAsItWas = origin !== undefined && origin.value === value;
    return [path, isAsItWas ? origin : { value, source: unknown }];
  });
  return new Map(values);
}

function remembering(origins: ReadonlyMap<string, Origin>): ClientOptions {
  const values = [...origins].map(([path, { value }]) => [path, value] as const);
  return { ...nested(values), [ORIGINS]: new Origins(origins) } as ClientOptions;
}

/** Nothing that needs to be seen where options are printed. */
class Origins {
  readonly #byPath: ReadonlyMap<string, Origin>;

  constructor(byPath: ReadonlyMap<string, Origin>) {
    this.#byPath = byPath;
  }

  of(path: string): Origin | undefined {
    return this.#byPath.get(path);
  }

  [INSPECT](): string {
    return '[where each was read]';
  }
}
