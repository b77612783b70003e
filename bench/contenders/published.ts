import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../support/package-root.ts';

/** The file that users import: the bundle, which loads faster and leaves less on the heap than the sources do. */
export const PUBLISHED: string = pathToFileURL(
  join(PACKAGE_ROOT, 'dist', 'bundle', 'index.js'),
).href;

/** The package as users get it. */
export async function published(): Promise<typeof import('../../src/index.ts')> {
  return (await import(PUBLISHED)) as typeof import('../../src/index.ts');
}
