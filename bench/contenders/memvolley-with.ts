import type { ClientOptions } from '../../src/index.ts';
import type { Contender } from './contender.ts';
import { variant } from './memvolley-variant.ts';

const PREFIX = 'memvolley with ';

/** With other options than it comes with; these are plain data, for its name carries them to its process. */
export const memvolleyWith = (options: ClientOptions): Contender =>
  variant(PREFIX + JSON.stringify(options), options);

/** The contender of a name that the above has given. */
export function memvolleyWithNamed(name: string): Contender | undefined {
  return name.startsWith(PREFIX)
    ? memvolleyWith(JSON.parse(name.slice(PREFIX.length)) as ClientOptions)
    : undefined;
}
