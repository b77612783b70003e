import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { variant } from './memvolley-variant.ts';
import type { published } from './published.ts';

const SWAP = pathToFileURL(join(import.meta.dirname, '..', 'guards', 'swap-parser.js')).href;

/** Where only its sources have the parts that are exchanged. */
const fromSources: typeof published = () => import('../../src/index.ts');

/** As it comes, for those that follow to be compared with. */
export const GUARDED: Contender = variant('with guards', {}, { load: fromSources });
/** Its parser believes everything, and looks at no key. Nothing in the product knows of it. */
export const UNGUARDED: Contender = variant(
  'without guards',
  {},
  { load: fromSources, nodeArgs: ['--import', SWAP] },
);
export const MARKED: Contender = variant('opaque: true', { opaque: true }, { load: fromSources });
export const CHECKED: Contender = variant(
  'checksum: true',
  { checksum: true },
  { load: fromSources },
);
