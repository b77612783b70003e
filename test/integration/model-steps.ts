import * as fc from 'fast-check';
import type { Namespace } from '../../src/client/namespace.ts';
import {
  as,
  byName,
  key,
  keys,
  LONG,
  type Model,
  type Plan,
  type Real,
  type Step,
  steps,
  ttl,
  value,
} from './model.ts';

/** Text and bytes that do not change what an item is when they are appended to it. */
const more = fc.oneof(
  fc.stringMatching(/^[a-z]{0,5}$/),
  fc.stringMatching(/^[a-z]{1,5}$/).map((text) => Buffer.from(text)),
);
const noreply = fc.oneof(
  { weight: 3, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);

/** Without an answer the call answers undefined, whatever becomes of it. */
const told = (quiet: boolean, answer: unknown): unknown => (quiet ? undefined : answer);

type Options = Record<string, unknown>;
/** As types know it where it may be asked for or not. */
const quietly = (quiet: boolean, options: Options = {}): Options =>
  quiet ? { ...options, noreply: true } : options;

const storing = fc.record({ key, value, ttl, noreply });

export function joined(
  model: Readonly<Model>,
  k: string,
  part: string | Buffer,
  front: boolean,
): unknown {
  const now = model.value(k);
  if (typeof now === 'string') return front ? `${String(part)}${now}` : `${now}${String(part)}`;
  const bytes = Buffer.from(part);
  return Buffer.concat(front ? [bytes, now as Buffer] : [now as Buffer, bytes]);
}

/** To compressed and structured values nothing is appended, nor to counters. */
export const isPlain = (k: string, model: Readonly<Model>): boolean =>
  model.isFree(k, (now) => Buffer.isBuffer(now) || (typeof now === 'string' && now.length < LONG));

function appending(verb: 'append' | 'prepend'): fc.Arbitrary<Step> {
  return steps(
    verb,
    fc.record({ key, part: more, noreply }),
    ({ key: k, part, noreply: quiet }, model): Plan => {
      const expected = model.items.has(k);
      if (expected) model.amend(k, joined(model, k, part, verb === 'prepend'));
      return {
        run: ({ cache }) => cache[verb](as(k), part, quietly(quiet)),
        expected: told(quiet, expected),
      };
    },
    (given, model) => isPlain(given.key, model),
  );
}

/** A text of digits is a counter too; whatever else is not, and that is another test. */
export const counts = (k: string, model: Readonly<Model>): boolean =>
  model.isFree(k, (now) => Number.isSafeInteger(now));

export function counted(model: Model, k: string, delta: number): number | undefined {
  if (!model.items.has(k)) return undefined;
  model.count(k, Math.max(0, (model.value(k) as number) + delta));
  return model.value(k) as number;
}

/** Steps of one command each: they take effect in their order even if they are all issued in one moment. */
export const SINGLE: readonly fc.Arbitrary<Step>[] = [
  steps('set', storing, ({ key: k, value: v, ttl: seconds, noreply: quiet }, model) => {
    model.store(k, v, seconds);
    return {
      run: ({ cache }) => cache.set(as(k), v, quietly(quiet, { ttl: seconds })),
      expected: told(quiet, true),
    };
  }),
  steps('add', storing, ({ key: k, value: v, ttl: seconds, noreply: quiet }, model) => {
    const expected = !model.items.has(k);
    if (expected) model.store(k, v, seconds);
    return {
      run: ({ cache }) => cache.add(as(k), v, quietly(quiet, { ttl: seconds })),
      expected: told(quiet, expected),
    };
  }),
  steps('replace', storing, ({ key: k, value: v, ttl: seconds, noreply: quiet }, model) => {
    const expected = model.items.has(k);
    if (expected) model.store(k, v, seconds);
    return {
      run: ({ cache }) => cache.replace(as(k), v, quietly(quiet, { ttl: seconds })),
      expected: told(quiet, expected),
    };
  }),
  steps(
    'setMany',
    fc.record({ pairs: fc.array(fc.tuple(key, value), { maxLength: 6 }), ttl, noreply }),
    ({ pairs, ttl: seconds, noreply: quiet }, model) => {
      for (const [k, v] of pairs) model.store(k, v, seconds);
      return {
        run: ({ cache }) =>
          cache.setMany(
            pairs.map(([k, v]) => [as(k), v] as const),
            quietly(quiet, { ttl: seconds }),
          ),
        expected: told(quiet, true),
      };
    },
  ),
  appending('append'),
  appending('prepend'),
  steps('delete', fc.record({ key, noreply }), ({ key: k, noreply: quiet }, model) => {
    const expected = model.items.delete(k);
    return {
      run: ({ cache }) => cache.delete(as(k), quietly(quiet)),
      expected: told(quiet, expected),
    };
  }),
  steps('deleteMany', fc.record({ keys, noreply }), ({ keys: all, noreply: quiet }, model) => {
    const expected = new Map(all.map((k) => [k, model.items.has(k)]));
    for (const k of all) model.items.delete(k);
    const run = async ({ cache }: Real): Promise<unknown> => {
      const answers: unknown = await cache.deleteMany(all.map(as), quietly(quiet));
      return answers instanceof Map ? byName(answers) : answers;
    };
    return { run, expected: told(quiet, expected) };
  }),
  steps(
    'touch',
    fc.record({ key, ttl, noreply }),
    ({ key: k, ttl: seconds, noreply: quiet }, model) => {
      const expected = model.items.has(k);
      model.touch(k, seconds);
      return {
        run: ({ cache }) => cache.touch(as(k), seconds, quietly(quiet)),
        expected: told(quiet, expected),
      };
    },
  ),
  steps(
    'incr or decr',
    fc.record({ key, delta: fc.nat({ max: 50 }), up: fc.boolean(), big: fc.boolean(), noreply }),
    ({ key: k, delta, up, big, noreply: quiet }, model) => {
      const sum = counted(model, k, up ? delta : -delta);
      const verb = up ? 'incr' : 'decr';
      return {
        run: ({ cache }) => cache[verb](as(k), big ? BigInt(delta) : delta, quietly(quiet)),
        expected: told(quiet, big && sum !== undefined ? BigInt(sum) : sum),
      };
    },
    (given, model) => counts(given.key, model),
  ),
  steps(
    'incr, signed',
    fc.record({ key, delta: fc.integer({ min: -50, max: 50 }), down: fc.boolean() }),
    ({ key: k, delta, down }, model) => ({
      expected: counted(model, k, down ? -delta : delta),
      run: ({ cache }) => cache[down ? 'decr' : 'incr'](as(k), delta, { signed: true }),
    }),
    (given, model) => counts(given.key, model),
  ),
  steps('get', key, (k, model) => {
    const expected = model.value(k);
    model.touch(k);
    return { run: ({ cache }) => cache.get(as(k)), expected };
  }),
  steps('getMany', keys, (all, model) => {
    const expected = model.hits(all);
    for (const k of all) model.touch(k);
    return { run: async ({ cache }) => byName(await cache.getMany(all.map(as))), expected };
  }),
  steps('getValues', keys, (all, model) => {
    const expected = all.map((k) => model.value(k));
    for (const k of all) model.touch(k);
    return { run: ({ cache }) => cache.getValues(all.map(as)), expected };
  }),
  steps('getAndTouch', fc.record({ key, ttl }), ({ key: k, ttl: seconds }, model) => {
    const expected = model.value(k);
    model.touch(k, seconds);
    return { run: ({ cache }) => cache.getAndTouch(as(k), seconds), expected };
  }),
  steps('getAndTouchMany', fc.record({ keys, ttl }), ({ keys: all, ttl: seconds }, model) => {
    const expected = model.hits(all);
    for (const k of all) model.touch(k, seconds);
    const run = async ({ cache }: Real): Promise<unknown> =>
      byName(await cache.getAndTouchMany(all.map(as), seconds));
    return { run, expected };
  }),
];

/** What takes several commands, or an answer of an earlier one: only where each step waits for the one before. */
export const COMPOUND: readonly fc.Arbitrary<Step>[] = [
  steps(
    'incr with an initial',
    fc.record({
      key,
      delta: fc.nat({ max: 50 }),
      initial: fc.nat({ max: 50 }),
      up: fc.boolean(),
      ttl,
    }),
    ({ key: k, delta, initial, up, ttl: seconds }, model) => {
      const step = up ? delta : -delta;
      const made = model.items.has(k) ? undefined : Math.max(0, initial + step);
      const expected = made ?? counted(model, k, step);
      if (made !== undefined) model.store(k, made, seconds);
      const options = { initial, ttl: seconds };
      return { run: ({ cache }) => cache[up ? 'incr' : 'decr'](as(k), delta, options), expected };
    },
    (given, model) => counts(given.key, model),
  ),
  steps(
    "incr with Swift's rules",
    fc.record({ key, delta: fc.integer({ min: -50, max: 50 }), ttl }),
    ({ key: k, delta, ttl: seconds }, model) => {
      const made = model.items.has(k) ? undefined : Math.max(0, delta);
      const expected = made ?? counted(model, k, delta);
      if (made !== undefined) model.store(k, made, seconds);
      const options = { signed: true, initial: 0, ttl: seconds };
      return { run: ({ cache }) => cache.incr(as(k), delta, options), expected };
    },
    (given, model) => counts(given.key, model),
  ),
];

/** In a namespace alone. */
export const invalidation: fc.Arbitrary<Step> = steps(
  'invalidateNamespace',
  fc.constant(''),
  (_, model) => {
    model.items.clear();
    return {
      run: ({ cache }) => (cache as Namespace).invalidateNamespace(),
      expected: undefined,
    };
  },
);
