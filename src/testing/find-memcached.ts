import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MemcacheConnectionError } from '../errors.ts';

/** Where package managers put the program even when the PATH of a service or an editor leaves them out. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

const HOW_TO_INSTALL =
  'install it (apt-get install memcached, apk add memcached, dnf install memcached, brew install memcached) ' +
  'or name the program by the option `binary` or by MEMCACHED_BIN in the environment';

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The memcached to run: the one named, or else the first of MEMCACHED_BIN, the PATH and the usual folders. */
export function findMemcached(named: string | undefined): string {
  const chosen = named ?? process.env['MEMCACHED_BIN'];
  if (chosen !== undefined && chosen !== '') {
    if (isExecutable(chosen)) return chosen;
    throw new MemcacheConnectionError(
      'ERR_MEMCACHE_CONNECT',
      `${chosen} is not a program that can be run; ${HOW_TO_INSTALL}`,
    );
  }
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...path, ...USUAL_FOLDERS]) {
    const candidate = join(folder, 'memcached');
    if (isExecutable(candidate)) return candidate;
  }
  throw new MemcacheConnectionError(
    'ERR_MEMCACHE_CONNECT',
    `No memcached was found; ${HOW_TO_INSTALL}`,
  );
}
