import * as fc from 'fast-check';
import {
  as,
  byName,
  key,
  keys,
  type Model,
  NOTHING,
  type Real,
  type Step,
  steps,
  value,
} from './model.ts';

/** Whether the loader is to be run, and what the callers get otherwise. */
interface Found {
  readonly loads: boolean;
  readonly value: unknown;
}

/** What `fetch` finds: one look at the item. */
function found(model: Model, k: string): Found {
  const now = model.value(k);
  const here = model.items.has(k);
  const { won } = model.look(k, true);
  return { loads: !here || won, value: now };
}

const ttls = fc.record({ ttl: fc.constantFrom(0, 1000), staleFor: fc.constantFrom(0, 60) });

/** Without an end it is never stale by itself. */
const livesFor = ({ ttl, staleFor }: { ttl: number; staleFor: number }): number =>
  ttl === 0 ? 0 : ttl + staleFor;

class LoaderError extends Error {}

/** What protects against stampedes, one caller at a time. */
export const LEASES: readonly fc.Arbitrary<Step>[] = [
  steps('fetch', fc.record({ key, value, times: ttls }), ({ key: k, value: v, times }, model) => {
    const { loads, value: now } = found(model, k);
    if (loads) model.store(k, v, livesFor(times));
    const run = async ({ cache }: Real): Promise<unknown> => {
      let loaded = 0;
      const told = await cache.fetch(as(k), times, () => {
        loaded++;
        return v;
      });
      return [told, loaded];
    };
    return { run, expected: loads ? [v, 1] : [now, 0] };
  }),
  steps('fetch whose loader fails', key, (k, model) => {
    const before = model.items.get(k);
    const { loads, value: now } = found(model, k);
    // Whoever asks next is to try again.
    if (loads && before !== undefined) released(model, k);
    const run = async ({ cache }: Real): Promise<unknown> => {
      const failing = (): never => {
        throw new LoaderError('the loader failed');
      };
      try {
        return await cache.fetch(as(k), { ttl: 1000 }, failing);
      } catch (error) {
        return error instanceof LoaderError ? 'failed' : error;
      }
    };
    return { run, expected: loads ? 'failed' : now };
  }),
  steps(
    'fetch of nothing',
    fc.record({ key, negativeTtl: fc.constantFrom(0, 100) }),
    ({ key: k, negativeTtl }, model) => {
      const { loads, value: now } = found(model, k);
      if (loads && negativeTtl > 0) model.store(k, NOTHING, negativeTtl);
      else if (loads) model.items.delete(k);
      const run = async ({ cache }: Real): Promise<unknown> => {
        let loaded = 0;
        const told = await cache.fetch(as(k), { ttl: 1000, negativeTtl }, () => void loaded++);
        return [told, loaded];
      };
      return { run, expected: loads ? [undefined, 1] : [now, 0] };
    },
  ),
  steps('fetchMany', fc.record({ keys, value }), ({ keys: all, value: v }, model) => {
    const expected = new Map<string, unknown>();
    const loads: string[] = [];
    for (const k of new Set(all)) {
      const { loads: missing, value: now } = found(model, k);
      if (missing || now !== undefined) expected.set(k, missing ? v : now);
      if (missing) loads.push(k);
    }
    for (const k of loads) model.store(k, v, 1000);
    const run = async (real: Real): Promise<unknown> => {
      const asked: unknown[] = [];
      const told = await real.cache.fetchMany(all.map(as), { ttl: 1000 }, (wanted) => {
        asked.push(...wanted);
        return new Map(wanted.map((k) => [k, v]));
      });
      return [byName(told), asked.map(String).toSorted()];
    };
    return { run, expected: [expected, loads.toSorted()] };
  }),
  steps(
    'invalidate',
    fc.record({ key, staleFor: fc.constantFrom(0, 60) }),
    ({ key: k, staleFor }, model) => {
      const expected = model.items.has(k);
      if (staleFor > 0) model.invalidate(k, staleFor);
      else model.items.delete(k);
      return { run: ({ cache }) => cache.invalidate(as(k), { staleFor }), expected };
    },
  ),
];

/** The item is as stale as it was, and the next one wins. */
function released(model: Model, k: string): void {
  const item = model.items.get(k);
  if (item !== undefined) model.invalidate(k, item.ends === undefined ? 0 : left(item.ends));
}

const left = (ends: number): number => ends - Date.now() / 1000;
