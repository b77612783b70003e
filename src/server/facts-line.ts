import type { Guard } from '../errors.ts';
import { isText } from '../primitives/bytes.ts';
import { isBase64, isKeyText, type WireKey } from '../protocol/key.ts';
import { MetaFlags } from '../protocol/meta-flags.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { ReadForm } from './read-form.ts';

/** What an answer without a value says; filled anew for each. */
const FACTS = new MetaFlags(false);
const NO_BYTES = Buffer.alloc(0);

/**
 * An answer of `mg` that holds no value: `HD[ <flag>]*` for a hit, `EN[ <flag>]*` for a miss. The guard that stops it
 * for a line that is neither, or not about this key, or no answer to a read of this form. Before 1.6.18 a miss names
 * nothing.
 */
export function readFacts(
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  form: ReadForm,
  key: WireKey,
  opaque: string,
): 'hit' | 'miss' | Guard {
  const { bytes, start, end } = line;
  const hit = isText('HD', bytes, start, start + 2);
  const possible = hit ? form.conditional || !form.valued : isText('EN', bytes, start, start + 2);
  if (!possible) return 'answer';
  if (FACTS.read(bytes, start + 2, end, true) !== end) return 'grammar';
  return whatIsWrong(bytes, key, opaque, hit) ?? (hit ? 'hit' : 'miss');
}

/** About whom it is, a hit has to say. */
function whatIsWrong(bytes: Buffer, key: WireKey, opaque: string, hit: boolean): Guard | undefined {
  const { keyStart, keyEnd } = FACTS;
  if (keyStart > 0 && !isKeyText(key, bytes, keyStart, keyEnd)) return 'key';
  if (FACTS.opaque !== opaque && (hit || FACTS.opaque !== '')) return 'opaque';
  return hit && keyStart === 0 && !isBase64(key) ? 'key' : undefined;
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
