import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemcacheError } from '../errors.ts';

/**
 * This file; where a bundler has made a program of it, that program: in one that is CommonJS there is no import.meta, and
 * webpack writes down where this file was when it made the program.
 */
function findOwnFile(): string {
  const url = import.meta.url as string | undefined;
  const file = url === undefined ? '' : fileURLToPath(url);
  if (existsSync(file)) return file;
  // Of a program that is given by --eval neither names a file.
  return [commonJsFile(), process.argv.at(1)].find(isPath) ?? process.execPath;
}

const isPath = (name: string | undefined): name is string => name !== undefined && isAbsolute(name);

/** There is none in a module, though webpack says so to whoever asks by typeof. */
function commonJsFile(): string | undefined {
  try {
    return __filename;
  } catch {
    return undefined;
  }
}

const ownFile = findOwnFile();

/** Not imported by its name: webpack would answer for it when it bundles, where nothing is known of the program's folder. */
const { createRequire } = process.getBuiltinModule('node:module');
const load = createRequire(ownFile);

/**
 * A package that is loaded when it is first needed. Bundlers leave it out, as it has files of its own to find: it is
 * looked for beside this file, then beside the package memvolley, where a program is a bundle and that is installed.
 * Throws ERR_MEMCACHE_UNSUPPORTED where it cannot be had: what it was to read is neither damaged nor a miss.
 */
export function latePackage(name: string): unknown {
  try {
    return load(name);
  } catch (cause) {
    const found = besideInstalled(name);
    if (found !== undefined) return found;
    throw new MemcacheError(
      'ERR_MEMCACHE_UNSUPPORTED',
      `the package ${name} cannot be loaded: it has to be installed beside memvolley, also where that is bundled`,
      { sent: 'no', cause },
    );
  }
}

function besideInstalled(name: string): unknown {
  const installed = installedMemvolley();
  if (installed === undefined) return undefined;
  try {
    return createRequire(installed)(name);
  } catch {
    return undefined;
  }
}

/** The main file of the package memvolley that is installed for this program. */
function installedMemvolley(): string | undefined {
  try {
    return load.resolve('memvolley');
  } catch {
    return undefined;
  }
}

/** Where a file of this package's own may be that is not loaded but named: beside this code, or in the installed package. */
export function placesOf(file: string): string[] {
  const installed = installedMemvolley();
  const beside = join(dirname(ownFile), file);
  return installed === undefined ? [beside] : [beside, join(dirname(installed), file)];
}
