import { check, object, type Rules } from '../config/check.ts';
import { IllegalInputError } from '../index.ts';
import { kindOf } from '../primitives/kind.ts';

/** Throws IllegalInputError (ERR_MEMCACHE_OPTION) unless these are options, and as their rules say. */
export function checkOptions(asker: string, options: object, rules: Rules): void {
  if (!object.accepts(options)) {
    const problem = `the options of ${asker} must be an object; got ${kindOf(options)}`;
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
  }
  check(options, rules);
}
