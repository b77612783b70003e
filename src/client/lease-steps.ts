import type { MemcacheError } from '../errors.ts';
import type { Look } from '../stampede/look.ts';
import type { KeyCalls } from './key-calls.ts';
import { type LeaseQuestion, NO_ITEM } from './lease-question.ts';
import type { ReadEnd } from './lease-read.ts';
import type { Key } from './read.ts';

/** A read for a lease in two steps, for calls that have to look at an answer before it is acted upon. */
export async function readInSteps<R>(
  calls: Pick<KeyCalls, 'readOne'>,
  { question, key, end }: { question: LeaseQuestion; key: Key; end: ReadEnd<R> },
): Promise<R> {
  let look: Look | undefined;
  try {
    const options = { ...question.options, onError: 'throw', signal: end.signal } as const;
    look = await calls.readOne<Look>(question, key, options);
  } catch (error) {
    return await end.failed(error as MemcacheError, undefined);
  }
  const seen = look ?? NO_ITEM;
  end.sighted(seen);
  return end.found(seen);
}
