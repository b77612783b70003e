import { FlagLine, META_SINCE } from '../protocol/meta-requests.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { KeyCalls } from './key-calls.ts';
import { exptime } from '../protocol/ttl.ts';
import { metaRead } from '../server/read-form.ts';
import type { ReadOptions } from './call-options.ts';
import type { InspectOptions, MetaFact, MetaGetOptions } from './meta-options.ts';
import { checkMetaCall, needs, refusal } from './meta-rules.ts';
import type { Question } from './questions.ts';
import type { ReadShape } from './read.ts';

/** What the answer of a meta get tells beside the facts that were asked for. */
export interface Lease {
  /** The caller is the one who is to store a new value: nobody else is told so before that, or before the item ends. */
  readonly won: boolean;
  /** Another caller was told so before. */
  readonly lost: boolean;
  /** The item has been marked as out of date. */
  readonly stale: boolean;
  /** The value was left out: it is the one that `unlessCas` names. */
  readonly unchanged: boolean;
}

/** What memcached knows of an item. */
export interface Inspection<T = unknown> extends Lease {
  /** With `value: true`; undefined also for an empty item that a `vivify` has made. */
  readonly value: T | undefined;
  /** Bytes of the value as it is stored. */
  readonly size: number;
  /** The token that `cas` needs to replace just this value. */
  readonly cas: string;
  /** What the item's writer noted of its format. */
  readonly flags: number;
  /** Whole seconds left; undefined for an item without an end. */
  readonly ttl: number | undefined;
  /** Seconds since it was last used. */
  readonly lastAccess: number;
  /** Whether it had been read since it was stored. */
  readonly hitBefore: boolean;
}

/** The same; undefined is what was not asked for. */
export type MetaItem<T = unknown> = Lease & {
  readonly [Fact in MetaFact]: Inspection<T>[Fact] | undefined;
};

const LETTERS: Readonly<Record<MetaFact, string>> = {
  size: 's',
  cas: 'c',
  flags: 'f',
  ttl: 't',
  lastAccess: 'l',
  hitBefore: 'h',
  value: 'v',
};
const EVERYTHING = Object.keys(LETTERS) as readonly MetaFact[];
const ALL_BUT_VALUE: ReadonlySet<MetaFact> = new Set(EVERYTHING.filter((fact) => fact !== 'value'));

/** What `inspect` and `inspectMany` ask. */
export function inspecting(
  verb: 'inspect' | 'inspectMany',
  calls: KeyCalls,
  options: InspectOptions | undefined,
): Question {
  if (options === undefined) return UNTOUCHED;
  checkMetaCall(options, verb);
  const facts = options.value === true ? new Set(EVERYTHING) : ALL_BUT_VALUE;
  return question(verb, { ...options, bump: options.bump === true }, facts, calls);
}

/** What `meta.get` asks. */
export function metaGetting(calls: KeyCalls, options: MetaGetOptions): Question {
  checkMetaCall(options, 'meta.get');
  const facts = new Set(options.facts ?? EVERYTHING);
  return question('meta.get', { ...options, bump: options.bump !== false }, facts, calls);
}

/** The options that such a read shares with `get`. */
export function readOptions(options: ReadOptions | undefined): ReadOptions | undefined {
  if (options === undefined) return undefined;
  const { signal, timeoutMs, routeBy, onError, lane, codec } = options;
  return { signal, timeoutMs, routeBy, onError, lane, codec };
}

function question(
  verb: 'inspect' | 'inspectMany' | 'meta.get',
  options: Omit<MetaGetOptions, 'facts'>,
  facts: ReadonlySet<MetaFact>,
  calls: Pick<KeyCalls, 'exptime'>,
): Question {
  const { recache, touch, vivify, newCas, unlessCas, bump } = options;
  if (unlessCas !== undefined && !facts.has('value'))
    throw refusal(`option 'unlessCas' of ${verb} has no effect where the value is not asked for`);
  needs(verb, options, 'newCas', ['vivify']);
  // What changes the item comes first: the server does one after the other, and is to tell of the result.
  const line = new FlagLine('')
    .token('R', recache)
    .token('T', touch === undefined ? undefined : calls.exptime(touch))
    .token('N', vivify)
    .token('E', newCas, META_SINCE.newCas)
    .token('C', unlessCas, META_SINCE.unlessCas)
    .flag('u', bump === false);
  for (const fact of EVERYTHING)
    line.flag(LETTERS[fact], facts.has(fact) || (fact === 'flags' && facts.has('value')));
  const { text, since } = line.marks(options);
  return { verb, form: metaRead(text, since), shape: shapeOf(facts) };
}

/** One object for each item, made once: `npm run bench -- --scenario fetch` has the case. */
function shapeOf(asked: ReadonlySet<MetaFact>): ReadShape {
  const [size, token, flagged, ttl, idle, hit, value] = EVERYTHING.map((fact) => asked.has(fact));
  return {
    about: ({ cas, flags, facts }: ItemView): { -readonly [F in keyof MetaItem]: MetaItem[F] } => ({
      value: undefined,
      size: size ? facts.size : undefined,
      cas: token ? cas : undefined,
      flags: flagged ? flags : undefined,
      ttl: ttl && facts.ttl >= 0 ? facts.ttl : undefined,
      lastAccess: idle ? facts.idle : undefined,
      hitBefore: hit ? facts.hit === 1 : undefined,
      won: facts.won,
      lost: facts.lost,
      stale: facts.stale,
      unchanged: value && !facts.valued,
    }),
    answer: (decoded, about) => {
      (about as { value: unknown }).value = decoded;
      return about;
    },
    placeholders: true,
  };
}

const UNTOUCHED: Question = question('inspect', { bump: false }, ALL_BUT_VALUE, {
  exptime: (ttl) => exptime(ttl),
});
