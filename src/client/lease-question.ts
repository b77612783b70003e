import { NOTHING, PLACEHOLDER_FLAGS } from '../codec/placeholder.ts';
import type { ItemView } from '../protocol/reply.ts';
import { GET, GETS, metaRead, type ReadForm } from '../server/read-form.ts';
import type { Look } from '../stampede/look.ts';
import type { ReadOptions } from './call-options.ts';
import type { Question } from './questions.ts';
import type { ReadShape } from './read.ts';

/** How an item is looked at by those who might renew it. */
export interface LeaseShape extends ReadShape {
  /** Whether its value is all there is to say. */
  isFresh(item: ItemView): boolean;
  /** Its value is filled in when it is decoded. */
  about(item: ItemView): Look;
  answer(value: unknown, look: unknown): Look;
}

/** A read that tells how an item stands. One of them is made for all calls on the same terms. */
export interface LeaseQuestion extends Question {
  readonly shape: LeaseShape;
  /** What these calls have in common; never a signal. */
  readonly options: ReadOptions | undefined;
}

/** What stands for an item that is not there. */
export const NO_ITEM: Look = Object.freeze({
  kind: 'empty',
  value: undefined,
  stale: false,
  won: false,
  lost: false,
  lease: '',
});

/** An item that nobody here can decode; what else was seen of it, or its cas token at least. */
export function unreadable(seen: Look | string): Look {
  return typeof seen === 'string'
    ? { ...NO_ITEM, kind: 'unreadable', lease: seen }
    : { ...seen, kind: 'unreadable', value: undefined };
}

/** `staleFor` are the last seconds of an item, in which it is stale. */
function shapeOf(staleFor: number, emptyIsNothing: boolean): LeaseShape {
  const outlived = (ttl: number): boolean => ttl >= 0 && ttl < staleFor;
  const kindOf = ({ start, end, flags, facts }: ItemView): Look['kind'] => {
    if (start < end) return 'value';
    if (flags === NOTHING) return 'nothing';
    return flags === PLACEHOLDER_FLAGS && (emptyIsNothing || facts.won || facts.lost)
      ? 'empty'
      : 'value';
  };
  return {
    isFresh: ({ start, end, facts }) =>
      start < end && !facts.won && !facts.lost && !facts.stale && !outlived(facts.ttl),
    about: (item) => {
      const { won, lost, stale, ttl } = item.facts;
      const { cas } = item;
      const value = undefined;
      return { kind: kindOf(item), value, stale: stale || outlived(ttl), won, lost, lease: cas };
    },
    answer: (value, look) => {
      (look as Look).value = value;
      return look as Look;
    },
    placeholders: true,
  };
}

export interface LeaseQuestionParts {
  readonly verb: string;
  readonly options: ReadOptions | undefined;
  readonly emptyIsNothing: boolean;
}

const question = (
  { verb, options, emptyIsNothing }: LeaseQuestionParts,
  form: ReadForm,
  staleFor: number,
): LeaseQuestion => ({ verb, form, shape: shapeOf(staleFor, emptyIsNothing), options });

/**
 * Asks for the item and, with the meta commands, for the lease: `N` makes a placeholder of `lock` seconds where there
 * is no item, `R` gives the lease of one with less than `recache` seconds left.
 */
export function askLease(
  parts: LeaseQuestionParts,
  terms: { lock: number; recache: number; staleFor: number },
): LeaseQuestion {
  const { lock, recache, staleFor } = terms;
  const flags = `v f c t N${lock}${recache > 0 ? ` R${recache}` : ''}`;
  return question(parts, { ...metaRead(flags), renews: true }, staleFor);
}

/** Asks for the item alone. */
export const askItem = (parts: LeaseQuestionParts): LeaseQuestion => question(parts, GET, 0);

/** Asks for the item with its cas token. */
export const askToken = (parts: LeaseQuestionParts): LeaseQuestion => question(parts, GETS, 0);
