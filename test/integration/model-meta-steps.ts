import * as fc from 'fast-check';
import {
  as,
  byName,
  key,
  keys,
  leftOf,
  type Model,
  NO_TOKEN,
  type Plan,
  type Real,
  sizeOf,
  type Step,
  steps,
  ttl,
  value,
} from './model.ts';
import { counted, counts, isPlain, joined } from './model-steps.ts';

type Told = Awaited<ReturnType<Real['cache']['inspect']>>;

/** What a look answers, and what the model makes of it. */
function looked(model: Model, k: string, bump: boolean, withValue: boolean): unknown {
  const item = model.items.get(k);
  const { won, lost } = model.look(k, bump);
  if (item === undefined) return undefined;
  return {
    value: withValue ? model.value(k) : undefined,
    size: sizeOf(item),
    flags: item.flags,
    ends: item.ends,
    hitBefore: item.fetched,
    stale: item.stale,
    won,
    lost,
  };
}

/** The same of what was told: what the model does not know is left out. */
function known(told: Told, expected: unknown): unknown {
  if (told === undefined || expected === undefined) return told;
  const model = expected as { size?: number; flags?: number; ends?: number };
  const { value: v, size, flags, ttl: left, hitBefore, stale, won, lost } = told;
  return {
    value: v,
    size: model.size === undefined ? undefined : size,
    flags: model.flags === undefined ? undefined : flags,
    ends: leftOf(left, model.ends),
    hitBefore,
    stale,
    won,
    lost,
  };
}

/** Keeps the token of what was looked at, for a later step. */
function kept(real: Real, k: string, cas: string | undefined): void {
  if (cas !== undefined) real.tokens.set(k, cas);
}

const tokenOf = ({ tokens }: Real, k: string): string => tokens.get(k) ?? NO_TOKEN;

const casAnswer = { missing: 'missing', exists: 'exists', same: 'stored' } as const;
const looking = fc.record({ key, value: fc.boolean(), bump: fc.boolean() });

const READS: readonly fc.Arbitrary<Step>[] = [
  steps('meta.debug', key, (k, model) => {
    const item = model.items.get(k);
    const run = async ({ cache }: Real): Promise<unknown> => {
      const told = await cache.meta.debug(as(k));
      return told && [told.fetched, leftOf(told.ttl, item?.ends)];
    };
    return { run, expected: item && [item.fetched, item.ends] };
  }),
  steps('inspect', looking, ({ key: k, value: withValue, bump }, model) => {
    model.see(k);
    const expected = looked(model, k, bump, withValue);
    const run = async (real: Real): Promise<unknown> => {
      const told = await real.cache.inspect(as(k), { value: withValue, bump });
      kept(real, k, told?.cas);
      return known(told, expected);
    };
    return { run, expected };
  }),
  steps('inspectMany', keys, (all, model) => {
    const expected = new Map<string, unknown>();
    for (const k of new Set(all)) {
      const told = looked(model, k, false, false);
      if (told !== undefined) expected.set(k, told);
    }
    const run = async ({ cache }: Real): Promise<unknown> => {
      const told = byName(await cache.inspectMany(all.map(as)));
      return new Map([...told].map(([k, item]) => [k, known(item, expected.get(k))]));
    };
    return { run, expected };
  }),
  steps('inspect with touch', fc.record({ key, ttl }), ({ key: k, ttl: seconds }, model) => {
    const before = looked(model, k, false, true) as { ends?: number } | undefined;
    const fetched = model.items.get(k)?.fetched ?? false;
    model.touch(k, seconds);
    const item = model.items.get(k);
    // It does not count as a use.
    if (item !== undefined) model.items.set(k, { ...item, fetched });
    const expected = before && { ...before, ends: item?.ends };
    const run = async ({ cache }: Real): Promise<unknown> => {
      const told = known(await cache.inspect(as(k), { touch: seconds, value: true }), expected);
      // Of an item that ends with this it tells no more than its value.
      return seconds < 0 ? told && { ...told, ends: undefined } : told;
    };
    return { run, expected };
  }),
  steps('meta.get', key, (k, model) => {
    model.see(k);
    const expected = looked(model, k, true, true);
    const run = async (real: Real): Promise<unknown> => {
      const told = await real.cache.meta.get(as(k), { opaque: 'mark' });
      kept(real, k, told?.cas);
      return known(told as Told, expected);
    };
    return { run, expected };
  }),
  steps('gets', key, (k, model) => {
    const expected = model.value(k);
    if (expected !== undefined) model.see(k);
    model.touch(k);
    const run = async (real: Real): Promise<unknown> => {
      const told = await real.cache.gets(as(k));
      kept(real, k, told?.cas);
      return told?.value;
    };
    return { run, expected };
  }),
  steps('getsMany', keys, (all, model) => {
    const expected = model.hits(all);
    for (const k of all) {
      if (expected.has(k)) model.see(k);
      model.touch(k);
    }
    const run = async (real: Real): Promise<unknown> => {
      const told = byName(await real.cache.getsMany(all.map(as)));
      for (const [k, { cas }] of told) kept(real, k, cas);
      return new Map([...told].map(([k, { value: v }]) => [k, v]));
    };
    return { run, expected };
  }),
];

const storing = fc.record({ key, value, ttl });

const COMPARES: readonly fc.Arbitrary<Step>[] = [
  steps('cas', storing, ({ key: k, value: v, ttl: seconds }, model) => {
    const expected = casAnswer[model.compare(k)];
    if (expected === 'stored') model.store(k, v, seconds);
    return {
      run: (real) => real.cache.cas(as(k), v, tokenOf(real, k), { ttl: seconds }),
      expected,
    };
  }),
  steps('meta.set with cas', storing, ({ key: k, value: v, ttl: seconds }, model) => {
    const expected = casAnswer[model.compare(k)];
    if (expected === 'stored') model.store(k, v, seconds);
    const run = async (real: Real): Promise<unknown> => {
      const options = { cas: tokenOf(real, k), ttl: seconds };
      return (await real.cache.meta.set(as(k), v, options)).status;
    };
    return { run, expected };
  }),
  steps('delete with cas', key, (k, model) => {
    const expected = model.compare(k) === 'same';
    if (expected) model.items.delete(k);
    return { run: (real) => real.cache.delete(as(k), { cas: tokenOf(real, k) }), expected };
  }),
  steps('meta.delete with cas', key, (k, model) => {
    const found = model.compare(k);
    if (found === 'same') model.items.delete(k);
    return {
      run: (real) => real.cache.meta.delete(as(k), { cas: tokenOf(real, k) }),
      expected: found === 'same' ? 'deleted' : found,
    };
  }),
];

const modes = fc.constantFrom('set', 'add', 'replace');

/** Of one command each, as those of `SINGLE`. */
export const META_WRITES: readonly fc.Arbitrary<Step>[] = [
  steps(
    'meta.set',
    fc.record({ key, value, ttl, mode: modes }),
    ({ key: k, value: v, ttl: seconds, mode }, model) => {
      const stored = mode === 'set' || model.items.has(k) === (mode === 'replace');
      if (stored) model.store(k, v, seconds);
      const run = async (real: Real): Promise<unknown> => {
        const options = { mode, ttl: seconds, returnCas: true } as const;
        return (await real.cache.meta.set(as(k), v, options)).status;
      };
      return { run, expected: stored ? 'stored' : 'not stored' };
    },
  ),
  steps(
    'meta.set at one end',
    fc.record({ key, front: fc.boolean(), part: fc.stringMatching(/^[a-z]{1,5}$/) }),
    ({ key: k, front, part }, model): Plan => {
      const stored = model.items.has(k);
      if (stored) model.amend(k, joined(model, k, part, front));
      const mode = front ? 'prepend' : 'append';
      return {
        run: async ({ cache }) => (await cache.meta.set(as(k), part, { mode })).status,
        expected: stored ? 'stored' : 'not stored',
      };
    },
    (given, model) => isPlain(given.key, model),
  ),
  steps('meta.delete', key, (k, model) => ({
    expected: model.items.delete(k) ? 'deleted' : 'missing',
    run: ({ cache }) => cache.meta.delete(as(k)),
  })),
  steps('meta.delete, stale', fc.record({ key, ttl }), ({ key: k, ttl: seconds }, model) => {
    const expected = model.items.has(k) ? 'deleted' : 'missing';
    model.invalidate(k, seconds);
    const options = { invalidate: true, ttl: seconds };
    return { run: ({ cache }) => cache.meta.delete(as(k), options), expected };
  }),
  steps(
    'meta.arithmetic',
    fc.record({ key, delta: fc.nat({ max: 50 }), mode: fc.constantFrom('incr', 'decr') }),
    ({ key: k, delta, mode }, model) => {
      const sum = counted(model, k, mode === 'incr' ? delta : -delta);
      const ends = model.items.get(k)?.ends;
      const run = async ({ cache }: Real): Promise<unknown> => {
        const told = await cache.meta.arithmetic(as(k), { delta, mode });
        return [told.status, told.value, leftOf(told.ttl, ends)];
      };
      const stored = ['stored', BigInt(sum ?? 0), ends];
      return { run, expected: sum === undefined ? ['missing', undefined, undefined] : stored };
    },
    ({ key: k }, model) => counts(k, model),
  ),
];

/** Steps that look at metadata, or do what depends on it. */
export const META: readonly fc.Arbitrary<Step>[] = [...READS, ...COMPARES, ...META_WRITES];
