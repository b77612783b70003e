import { isText } from '../primitives/bytes.ts';
import { isBase64, isKeyText, type WireKey } from '../protocol/key.ts';
import { MetaFlags } from '../protocol/meta-flags.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { ReadForm } from './read-form.ts';

/** What an answer without a value says; filled anew for each. */
const FACTS = new MetaFlags(false);
const NO_BYTES = Buffer.alloc(0);

/**
 * An answer of `mg` that holds no value: `HD[ <flag>]*` for a hit, `EN[ <flag>]*` for a miss. Undefined for a line that
 * is neither, or not about this key, or no answer to a read of this form. Before 1.6.18 a miss names nothing.
 */
export function readFacts(
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  form: ReadForm,
  key: WireKey,
  opaque: string,
): 'hit' | 'miss' | undefined {
  const { bytes, start, end } = line;
  const hit = isText('HD', bytes, start, start + 2);
  if (!hit && !isText('EN', bytes, start, start + 2)) return undefined;
  if (FACTS.read(bytes, start + 2, end, true) !== end || namesAnother(key, bytes)) return undefined;
  if (!hit) return FACTS.opaque === '' || FACTS.opaque === opaque ? 'miss' : undefined;
  return (form.conditional || !form.valued) && isNamed(key, opaque) ? 'hit' : undefined;
}

const isNamed = (key: WireKey, opaque: string): boolean =>
  FACTS.opaque === opaque && (FACTS.keyStart > 0 || isBase64(key));

function namesAnother(key: WireKey, bytes: Buffer): boolean {
  const { keyStart, keyEnd } = FACTS;
  return keyStart > 0 && !isKeyText(key, bytes, keyStart, keyEnd);
}

/** The item that the last hit was about. */
export const factsOnly = (): ItemView => ({
  bytes: NO_BYTES,
  start: 0,
  end: 0,
  flags: FACTS.flags,
  cas: FACTS.cas,
  owned: false,
  facts: FACTS,
});
