import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { MemcacheError } from '../errors.ts';
import { placesOf } from './late-package.ts';

/** Its name says whose it is: in the folder of a bundled program there may be another `worker.js`. */
const WORKER_FILE = 'memvolley-worker.js';

/**
 * The module that worker threads run. Throws ERR_MEMCACHE_UNSUPPORTED where it is nowhere: bundlers do not see that it
 * is needed.
 */
export function workerFile(): string {
  const places = placesOf(WORKER_FILE);
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return pathToFileURL(found).href;
  throw new MemcacheError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `worker threads cannot start: there is no ${places.join(', and no ')}. Where memvolley is bundled, ` +
      'leave it out of the bundle (external) and install it, or copy ' +
      `node_modules/memvolley/dist/bundle/${WORKER_FILE} into the folder of the bundle`,
    { sent: 'no' },
  );
}

/** What is wrong with a module that workers could run, but not for this main thread. */
export function otherVersion(file: string): MemcacheError {
  return new MemcacheError(
    'ERR_MEMCACHE_UNSUPPORTED',
    `worker threads cannot start: ${file} is not of the version of memvolley that this program was made with; copy or ` +
      'install that of the same version',
    { sent: 'no' },
  );
}

let told = false;

/**
 * Says once, by a warning of the process, that something workers need is not installed: callers get their values all the
 * same, from the main thread, and would never know.
 */
export function tellOnce(error: unknown): void {
  if (told || !(error instanceof MemcacheError)) return;
  told = true;
  process.emitWarning(`memvolley: ${error.message}.`, {
    type: 'MemvolleyWarning',
    code: 'MEMVOLLEY_NO_WORKERS',
    detail: 'Until then the main thread does what they would do.',
  });
}
