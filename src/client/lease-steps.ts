import { MemcacheError } from '../errors.ts';
import type { Look } from '../stampede/look.ts';
import type { KeyCalls } from './key-calls.ts';
import { LeaseManyRead } from './lease-many-read.ts';
import type { LeaseQuestion } from './lease-question.ts';
import type { ReadEnd } from './lease-read.ts';
import type { Key } from './read.ts';

/** A read for a lease in two steps, for calls that have to look at an answer before it is acted upon. */
export async function readInSteps<R>(
  calls: Pick<KeyCalls, 'readMany'>,
  { question, key, end }: { question: LeaseQuestion; key: Key; end: ReadEnd<R> },
): Promise<R> {
  let found: Look | MemcacheError;
  try {
    const options = { ...question.options, onError: 'throw', signal: end.signal } as const;
    // A read of one key knows nothing of an item that cannot be decoded.
    [found] = await calls.readMany(question, [key], options, LeaseManyRead);
  } catch (error) {
    return await end.failed(error as MemcacheError, undefined);
  }
  if (found instanceof MemcacheError) return end.failed(found, undefined);
  end.sighted(found);
  return found.failure === undefined ? end.found(found) : end.failed(found.failure, found);
}
