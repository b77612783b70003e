import { createRequire } from 'node:module';
import { MemcacheError } from '../errors.ts';

const require = createRequire(import.meta.url);

/**
 * A package that is loaded when it is first needed. Throws ERR_MEMCACHE_UNSUPPORTED where it cannot be had: what it was to
 * read is neither damaged nor a miss.
 */
export function latePackage(name: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    throw new MemcacheError(
      'ERR_MEMCACHE_UNSUPPORTED',
      `the package ${name} cannot be loaded: it has to be installed beside memvolley`,
      { sent: 'no', cause },
    );
  }
}
