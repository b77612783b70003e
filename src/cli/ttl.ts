import { wholeNumber } from './given.ts';

/** Whole seconds; negative for already expired. Undefined where none is given. */
export const ttlOf = (text: string | undefined, what: string): number | undefined =>
  text === undefined ? undefined : wholeNumber(what, text, { from: -1, to: 2_147_483_647 });
