import { IllegalInputError } from '../errors.ts';

/** What is wrong with options, and where they were read. */
export function refusedIn(place: string, problem: string, cause?: unknown): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `${place} ${problem}`, { cause });
}

/** Does what may refuse options that were read in this place, and says so where it does. */
export function within<Answer>(place: string, read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    throw error instanceof IllegalInputError ? refusedIn(`${place}:`, error.message) : error;
  }
}
