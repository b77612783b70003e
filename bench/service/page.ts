import { Random } from '../support/random.ts';

/** Distinct requests; a page is the keys it needs at once. */
export const PAGES = 1024;
export const KEYS_AT_ONCE = 10;
/** Those, and the one whose key is known only from what they held. */
export const GETS_PER_PAGE: number = KEYS_AT_ONCE + 1;

const NUMBER_CHARACTERS = 8;
const STEP = 31;

/** What each page reads first, as indexes of keys: the same in the service and in the generator that checks it. */
export function pagesOf(keys: number): readonly (readonly number[])[] {
  const random = new Random(keys);
  return Array.from({ length: PAGES }, () =>
    Array.from({ length: KEYS_AT_ONCE }, () => random.below(keys)),
  );
}

/** Values begin with the number of their key, and the last one read says which is read next. */
function nextAfter(value: string, keys: number): number {
  return (Number(value.slice(0, NUMBER_CHARACTERS)) * STEP + 1) % keys;
}

/** Ten values at once, then the one they lead to; all of them are in the text. */
export async function pageText(
  page: readonly number[],
  keys: number,
  read: (index: number) => Promise<string>,
): Promise<string> {
  const values = await Promise.all(page.map(read));
  values.push(await read(nextAfter(values[values.length - 1], keys)));
  return values.join('\n');
}
