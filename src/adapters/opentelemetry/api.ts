import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import { MemcacheError } from '../../errors.ts';

const require = createRequire(import.meta.url);

/**
 * The package all parts of OpenTelemetry meet in; several copies of it share what is registered. Throws
 * ERR_MEMCACHE_UNSUPPORTED where it is not installed.
 */
export function loadApi(): typeof Api {
  try {
    return require('@opentelemetry/api') as typeof Api;
  } catch (cause) {
    throw new MemcacheError(
      'ERR_MEMCACHE_UNSUPPORTED',
      'memvolley/opentelemetry cannot load the package @opentelemetry/api: install it beside memvolley',
      { cause },
    );
  }
}
