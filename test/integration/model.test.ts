import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { MemcacheClient } from '../../src/index.ts';
import { backend, type Options } from './backend.ts';

const server = backend();

/** One that no item of this test will have. */
const NO_TOKEN = '9999999999999999999';

const KEYS = ['a', 'b', 'c', 'd', 'ключ'];

/** What a server with room for everything would hold. */
class Model {
  readonly items = new Map<string, { value: unknown; token: number }>();
  /** The token each key had when it was last looked at. */
  readonly seen = new Map<string, number>();
  #token = 0;

  store(key: string, value: unknown): void {
    this.items.set(key, { value, token: ++this.#token });
  }

  value(key: string): unknown {
    return this.items.get(key)?.value;
  }
}

interface Real {
  readonly cache: MemcacheClient;
  /** The token each key had when it was last looked at. */
  readonly tokens: Map<string, string>;
}

type Step = (model: Model) => {
  readonly run: (real: Real) => Promise<unknown>;
  readonly expected: unknown;
};

const key = fc.constantFrom(...KEYS);
const value = fc.oneof(
  fc.nat({ max: 1000 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.record(
    { n: fc.integer(), list: fc.array(fc.boolean(), { maxLength: 4 }) },
    { noNullPrototype: true },
  ),
  fc.constant('long '.repeat(2000)),
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, value).map(([k, v]): Step => (model) => {
    model.store(k, v);
    return { run: ({ cache }) => cache.set(k, v), expected: true };
  }),
  fc.array(fc.tuple(key, value), { maxLength: 6 }).map((pairs): Step => (model) => {
    for (const [k, v] of pairs) model.store(k, v);
    return { run: ({ cache }) => cache.setMany(pairs), expected: true };
  }),
  fc.tuple(key, value).map(([k, v]): Step => (model) => {
    const expected = !model.items.has(k);
    if (expected) model.store(k, v);
    return { run: ({ cache }) => cache.add(k, v), expected };
  }),
  fc.tuple(key, value).map(([k, v]): Step => (model) => {
    const expected = model.items.has(k);
    if (expected) model.store(k, v);
    return { run: ({ cache }) => cache.replace(k, v), expected };
  }),
  key.map((k): Step => (model) => {
    const expected = model.items.delete(k);
    return { run: ({ cache }) => cache.delete(k), expected };
  }),
  fc.array(key, { maxLength: 6 }).map((keys): Step => (model) => {
    const expected = new Map(keys.map((k) => [k, model.items.has(k)]));
    for (const k of keys) model.items.delete(k);
    return { run: ({ cache }) => cache.deleteMany(keys), expected };
  }),
  key.map((k): Step => (model) => {
    const expected = model.items.has(k);
    return { run: ({ cache }) => cache.touch(k, 1000), expected };
  }),
  fc.tuple(key, fc.nat({ max: 50 }), fc.boolean()).map(([k, delta, up]): Step => (model) => {
    const now = model.value(k);
    if (typeof now !== 'number') {
      // A text of digits is a counter too; whatever else is not, and that is another test.
      return { run: ({ cache }) => cache.get(k), expected: now };
    }
    const next = up ? now + delta : Math.max(0, now - delta);
    model.store(k, next);
    return {
      run: ({ cache }) => (up ? cache.incr(k, delta) : cache.decr(k, BigInt(delta)).then(Number)),
      expected: next,
    };
  }),
  key.map((k): Step => (model) => {
    const expected = model.value(k);
    return { run: ({ cache }) => cache.get(k), expected };
  }),
  fc.array(fc.oneof(key, fc.constant('never')), { maxLength: 12 }).map((keys): Step => (model) => {
    const expected = new Map(
      keys.filter((k) => model.items.has(k)).map((k) => [k, model.value(k)]),
    );
    return { run: ({ cache }) => cache.getMany(keys), expected };
  }),
  fc.array(fc.oneof(key, fc.constant('never')), { maxLength: 12 }).map((keys): Step => (model) => {
    const expected = keys.map((k) => model.value(k));
    return { run: ({ cache }) => cache.getValues(keys), expected };
  }),
);

/** What takes several commands: only where each step waits for the one before. */
const compound: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, fc.nat({ max: 50 })).map(([k, delta]): Step => (model) => {
    const now = model.value(k);
    if (now !== undefined) return { run: ({ cache }) => cache.get(k), expected: now };
    model.store(k, delta + 7);
    return { run: ({ cache }) => cache.incr(k, delta, { initial: 7 }), expected: delta + 7 };
  }),
  key.map((k): Step => (model) => {
    const item = model.items.get(k);
    const unchanged = item !== undefined && model.seen.get(k) === item.token;
    if (unchanged) model.store(k, 'by token');
    const outcome = item === undefined ? 'missing' : unchanged ? 'stored' : 'exists';
    const after = model.items.get(k);
    if (after !== undefined) model.seen.set(k, after.token);
    return {
      run: async ({ cache, tokens }) => {
        const told = await cache.cas(k, 'by token', tokens.get(k) ?? NO_TOKEN);
        const read = await cache.gets(k);
        if (read !== undefined) tokens.set(k, read.cas);
        return { outcome: told, value: read?.value };
      },
      expected: { outcome, value: after?.value },
    };
  }),
  fc.tuple(key, value, fc.nat({ max: 20 })).map(([k, v, age]): Step => (model) => {
    const item = model.items.get(k);
    const expected = item === undefined ? 'missing' : age === 0 ? 'stored' : 'exists';
    if (expected === 'stored') model.store(k, v);
    return {
      run: async ({ cache }) => {
        const fresh = (await cache.gets(k))?.cas ?? NO_TOKEN;
        return await cache.cas(
          k,
          v,
          age === 0 ? fresh : String((BigInt(fresh) + BigInt(age)) % 10n ** 20n),
        );
      },
      expected,
    };
  }),
);

async function emptied(cache: MemcacheClient): Promise<Real> {
  await cache.deleteMany(KEYS);
  return { cache, tokens: new Map() };
}

test('one step after the other, the server holds what the model holds', async () => {
  const { cache } = server;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 4, arbitrary: steps }, { weight: 1, arbitrary: compound }), {
        maxLength: 40,
      }),
      async (sequence) => {
        const real = await emptied(cache);
        const model = new Model();
        for (const step of sequence) {
          const { run, expected } = step(model);
          assert.deepEqual(await run(real), expected);
        }
      },
    ),
    { numRuns: 120 },
  );
});

const CONCURRENT: Record<string, Options> = {
  'as it comes': {},
  'with four connections': { connections: 4 },
  'with a lane for everything over 100 bytes': { bulkBytes: 100, compressor: 'none' },
  'with values encoded in the pool': { offload: 'always', workers: 1 },
  'with volleys of three keys': { volleyKeys: 3, flush: 'poll' },
};

for (const [name, options] of Object.entries(CONCURRENT)) {
  test(`all steps in one moment take effect in their order, ${name}`, async () => {
    const cache = server.client(options);
    const turns = fc.array(fc.tuple(steps, fc.nat({ max: 3 })), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(turns, async (sequence) => {
        const real = await emptied(cache);
        const model = new Model();
        const outcomes: [Promise<unknown>, unknown][] = [];
        for (const [step, pause] of sequence) {
          const { run, expected } = step(model);
          outcomes.push([run(real), expected]);
          if (pause === 1) await Promise.resolve();
          if (pause === 2) await new Promise((resolve) => setImmediate(resolve));
        }
        const actual = await Promise.all(outcomes.map(([outcome]) => outcome));
        actual.forEach((answer, i) => {
          assert.deepEqual(answer, outcomes[i][1], `step ${i}`);
        });
      }),
      { numRuns: 60 },
    );
    await cache.close();
  });
}
