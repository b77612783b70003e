import type { ClientOptions } from '../../src/index.ts';
import { wins, worthOf } from './gain.ts';
import type { Candidate } from './sweep.ts';

/** Races options with the default once more. */
export type Again = (title: string, options: ClientOptions) => Promise<Candidate>;

/**
 * What won, all of it together, or else the best of it; what it gains is that of another race than the one it was chosen
 * by, where luck chose with it. Undefined if it does not win there.
 */
export async function chosenOf(
  winners: readonly Candidate[],
  again: Again,
): Promise<Candidate | undefined> {
  const [best, ...others] = winners.toSorted((a, b) => worthOf(b.gains) - worthOf(a.gains));
  if (best === undefined) return undefined;
  if (others.length > 0) {
    const all: ClientOptions = Object.assign({}, ...winners.map(({ options }) => options));
    const together = await again('all that won, together', all);
    if (wins(together.gains)) return together;
  }
  const alone = await again('the best, once more', best.options);
  return wins(alone.gains) ? alone : undefined;
}
