import type { Guard } from '../errors.ts';
import { isBase64 } from '../protocol/key.ts';
import type { ItemFacts } from '../protocol/meta-flags.ts';
import type { ItemView } from '../protocol/reply.ts';
import { type Asker, SAID, statusIn } from './meta-status.ts';
import type { ReadForm } from './read-form.ts';
import { unasked } from './refusals.ts';

const NO_BYTES = Buffer.alloc(0);
const MISS = ['EN'] as const;
const HIT_OR_MISS = ['HD', 'EN'] as const;

/**
 * An answer of `mg` that holds no value: `HD[ <flag>]*` for a hit, `EN[ <flag>]*` for a miss. Undefined for a line that
 * is neither, or no answer to a read of this form. About whom it is, a hit has to say; before 1.6.18 a miss does not.
 * Throws for a line that is about something else.
 */
export function readFacts(
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  form: ReadForm,
  asker: Asker,
): 'hit' | 'miss' | undefined {
  const word = statusIn(line, form.conditional || !form.valued ? HIT_OR_MISS : MISS, asker);
  if (word !== 'HD') return word === undefined ? undefined : 'miss';
  const { verb, server, key, mark } = asker;
  if (SAID.opaque !== mark.text) throw unasked(verb, server, 'opaque');
  if (SAID.keyStart === 0 && !isBase64(key)) throw unasked(verb, server, 'key');
  return 'hit';
}

/**
 * What there is against an item that `mg` answered with, if anything: the mark of another request, or a value without
 * the flags that were asked for: nobody knows what its bytes are then, nor that they have a checksum.
 */
export function doubtOf(
  { opaque, valued, flagged }: ItemFacts,
  mark: string,
  { withFlags }: ReadForm,
): Guard | undefined {
  if (opaque !== mark) return 'opaque';
  return valued && withFlags && !flagged ? 'answer' : undefined;
}

/** The item that the last hit was about. */
export const factsOnly = (): ItemView => ({
  bytes: NO_BYTES,
  start: 0,
  end: 0,
  flags: SAID.flags,
  cas: SAID.cas,
  owned: false,
  facts: SAID,
});
