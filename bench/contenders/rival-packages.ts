import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../support/package-root.ts';

/** The rivals are installed in a directory of their own, so that memvolley itself never depends on them. */
const RIVALS_DIRECTORY: string = join(PACKAGE_ROOT, 'bench', 'rivals');
const requireFromRivals = createRequire(join(RIVALS_DIRECTORY, 'package.json'));

/** Typed by the caller: the rivals may be absent while this file is compiled. */
export function requireRival<Module>(name: string): Module {
  return requireFromRivals(name) as Module;
}

export function rivalInstalled(name: string): boolean {
  try {
    requireFromRivals.resolve(name);
    return true;
  } catch {
    return false;
  }
}

export function rivalVersion(name: string): string | undefined {
  try {
    const path = join(RIVALS_DIRECTORY, 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(path, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

/** The file that importing the package would run first. */
export function rivalPath(name: string): string {
  return pathToFileURL(requireFromRivals.resolve(name)).href;
}
