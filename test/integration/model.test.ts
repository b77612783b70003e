// A run that failed is had again with the seed it ends with: `npm test -- integration/model --seed=<seed>`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { KeyVerbs } from '../../src/client/key-verbs.ts';
import { createClient, type FleetClient } from '../../src/index.ts';
import { startFakeMemcached } from '../../src/testing/index.ts';
import { many, runs } from '../support/runs.ts';
import { backend, type Options, PATIENCE_MS } from './backend.ts';
import { as, KEYS, Model, type Real, type Step } from './model.ts';
import { LEASES } from './model-lease-steps.ts';
import { META, META_WRITES } from './model-meta-steps.ts';
import { COMPOUND, invalidation, SINGLE } from './model-steps.ts';

const server = backend();
/** Without the threads that hold an item for a moment: a counter that is held is made anew, and forgets its past. */
const alone = backend({ args: ['-o', 'no_lru_maintainer,no_lru_crawler'] });

async function emptied(cache: KeyVerbs, count = (): void => {}): Promise<Real> {
  await cache.deleteMany([...KEYS.map(as), 'never']);
  return { cache, tokens: new Map(), count };
}

const ALL = [...SINGLE, ...COMPOUND, ...META, ...LEASES];

/** Steps a run is to have at least, on the average: with fewer the runs would say little. */
const STEPS = 33;

interface Way {
  /** Whose verbs are called: the client's own by default. */
  readonly view?: (client: FleetClient) => KeyVerbs;
  readonly connect?: () => FleetClient;
  readonly times?: number;
}

/** Does the steps one after the other. */
async function inSteps(
  all: readonly Steps[],
  { view = (client) => client, connect = () => alone.client(), times = 150 }: Way = {},
): Promise<void> {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands([...all], { maxCommands: 120, size: 'max' }), async (commands) => {
      // A client of its own: what becomes of a connection in one run is no concern of the next.
      const client = connect();
      const setup = async (): Promise<{ model: Model; real: Real }> => ({
        model: new Model(),
        real: await emptied(view(client), () => done++),
      });
      try {
        await fc.asyncModelRun(setup, commands);
      } finally {
        await client.close({ timeoutMs: 0 });
      }
    }),
    runs(times),
  );
  assert.ok(done >= many(times) * STEPS, `${done} steps`);
}

type Steps = fc.Arbitrary<Step>;

test('one step after the other, the server holds what the model holds', async () => {
  await inSteps(ALL);
});

test('with marked answers it holds the same', async () => {
  await inSteps(ALL, { connect: () => alone.client({ opaque: true }) });
});

for (const versionCacheMs of [0, 60_000]) {
  test(`a namespace holds it too, its version relied on for ${versionCacheMs} ms`, async () => {
    const view = (client: FleetClient): KeyVerbs => client.namespace('part', { versionCacheMs });
    await inSteps([...ALL, invalidation], { view });
  });
}

const CONCURRENT: Record<string, Options> = {
  'as it comes': {},
  'with marked answers': { opaque: true },
  'with four connections': { connections: 4 },
  'with a lane for everything over 100 bytes': { bulkBytes: 100, compressor: 'none' },
  'with values encoded in the pool': { offload: 'always', workers: 1 },
  'with volleys of three keys': { volleyKeys: 3, flush: 'poll' },
};

/** Between the call of a step and the next one: nothing, a moment that is the same for the client, a later one. */
async function paused(pause: number): Promise<void> {
  if (pause === 1) await Promise.resolve();
  if (pause === 2) await new Promise((resolve) => setImmediate(resolve));
}

async function atOnce(sequence: readonly (readonly [Step, number])[], real: Real): Promise<void> {
  const model = new Model();
  const outcomes: { step: Step; outcome: Promise<unknown>; expected: unknown }[] = [];
  for (const [step, pause] of sequence) {
    if (!step.check(model)) continue;
    const { run, expected } = step.plan(model);
    outcomes.push({ step, outcome: run(real), expected });
    if (pause > 0) await paused(pause);
  }
  const answers = await Promise.all(outcomes.map(({ outcome }) => outcome));
  outcomes.forEach(({ step, expected }, i) => {
    assert.deepEqual(answers[i], expected, `step ${i}: ${String(step)}`);
  });
}

async function inOneMoment(cache: KeyVerbs, times: number): Promise<void> {
  const turns = fc.array(fc.tuple(fc.oneof(...SINGLE, ...META_WRITES), fc.nat({ max: 3 })), {
    maxLength: 60,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(turns, async (sequence) => {
      await atOnce(sequence, await emptied(cache));
    }),
    runs(times),
  );
}

for (const [name, options] of Object.entries(CONCURRENT)) {
  for (const inNamespace of [false, true]) {
    const where = inNamespace ? 'of a namespace ' : '';
    test(`all steps ${where}in one moment take effect in their order, ${name}`, async () => {
      const client = server.client(options);
      const cache = inNamespace ? client.namespace('part') : client;
      await inOneMoment(cache, 100);
      await client.close();
    });
  }
}

test('the fake server holds what the model holds, step by step and in one moment', async (t) => {
  const fake = await startFakeMemcached();
  t.after(() => fake.stop());
  const connect = (): FleetClient =>
    createClient({
      servers: fake.address,
      timeoutMs: PATIENCE_MS,
      connectTimeoutMs: PATIENCE_MS,
    });
  await inSteps(ALL, { connect, times: 40 });
  await using client = connect();
  await inOneMoment(client, 30);
});
