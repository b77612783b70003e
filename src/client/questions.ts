import type { ItemView } from '../protocol/reply.ts';
import { GET, getAndTouch, GETS, type ReadForm } from '../server/read-form.ts';
import type { ReadShape, WithCas } from './read.ts';

/** What a read asks for, and what its caller is given. */
export interface Question {
  /** For errors: the caller's own verb. */
  readonly verb: string;
  readonly form: ReadForm;
  readonly shape: ReadShape | undefined;
}

const CAS: ReadShape = {
  about: (item: ItemView) => item.cas,
  answer: (value, cas): WithCas<unknown> => ({ value, cas: cas as string }),
  placeholders: false,
};

export const PLAIN_GET: Question = { verb: 'get', form: GET, shape: undefined };
export const PLAIN_GETS: Question = { verb: 'gets', form: GETS, shape: CAS };

/** The one that was asked last: a service gives most of its items the same ttl. */
let latest: Question | undefined;

/** A read that gives what it finds a new exptime. */
export function touching(exptime: number): Question {
  if (latest?.form.exptime !== exptime)
    latest = { verb: 'getAndTouch', form: getAndTouch(exptime, false), shape: undefined };
  return latest;
}
