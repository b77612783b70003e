import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout: the nearest directory above that holds the lock file, wherever the compiled bench lies. */
function findPackageRoot(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'bench', 'rivals', 'package.json'))) return directory;
    if (dirname(directory) === directory)
      throw new Error('the bench runs only inside a memvolley checkout');
  }
}

export const PACKAGE_ROOT: string = findPackageRoot(import.meta.dirname);
