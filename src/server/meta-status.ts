import type { Guard } from '../errors.ts';
import { isText } from '../primitives/bytes.ts';
import { isKeyText, type WireKey } from '../protocol/key.ts';
import { MetaFlags } from '../protocol/meta-flags.ts';
import type { Mark } from './marks.ts';
import { unasked } from './refusals.ts';

/** Whom a line is to answer. */
export interface Asker {
  readonly verb: string;
  readonly key: WireKey;
  readonly server: string;
  readonly mark: Pick<Mark, 'text' | 'demanded'>;
}

/** What the latest line said beside its word; filled anew for each. */
export const SAID: MetaFlags = new MetaFlags(false);

/**
 * The word of `<word>[ <flag>]*`; undefined where it is none of these. Throws for a line that is about another key, or
 * carries another mark. Where neither stands in it, the order of the answers says whose it is.
 */
export function statusIn<Word extends string>(
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  words: readonly Word[],
  asker: Asker,
): Word | undefined {
  const { bytes, start, end } = line;
  const word = words.find((one) => isText(one, bytes, start, start + one.length));
  if (word === undefined) return undefined;
  const ends = SAID.read(bytes, start + word.length, end, true) === end;
  const guard = ends ? strangeness(bytes, asker) : 'grammar';
  if (guard !== undefined) throw unasked(asker.verb, asker.server, guard);
  return word;
}

function strangeness(bytes: Buffer, { key, mark }: Asker): Guard | undefined {
  const { keyStart, keyEnd, opaque } = SAID;
  if (keyStart > 0 && !isKeyText(key, bytes, keyStart, keyEnd)) return 'key';
  const repeats = opaque === mark.text || (opaque === '' && !mark.demanded);
  return repeats ? undefined : 'opaque';
}
