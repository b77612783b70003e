// Whoever gives up while a worker has its value: it is told in time, and whoever asks next gets what is its own.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallOptions,
  type FleetClient,
  ManyError,
  type MemcacheError,
} from '../../src/index.ts';
import { chaosLab, sentFromNow } from '../support/chaos-lab.ts';
import { rejection, until, valueOf } from '../support/fault-lab.ts';
import type { ChaosProxy } from '../../src/testing/index.ts';
import { begunBy, type Held } from '../unit/codec/hooks/held-codec.ts';

const HOOK = new URL('../unit/codec/hooks/held-codec.js', import.meta.url);
/** Long enough for an answer to come and a worker to begin, on a busy machine too. */
const GIVE_UP_MS = 400;
/** What a busy machine may add to it. */
const SLACK_MS = 3000;

interface HeldLab {
  readonly client: FleetClient;
  readonly proxy: ChaosProxy;
  /** A worker that gets it keeps it from `hold` to `letGo`. */
  readonly held: Held;
  hold(): void;
  letGo(): void;
  /** Whether a worker keeps it. */
  readonly begun: () => boolean;
}

/** A client with one worker, which has started. */
async function heldLab(t: TestContext): Promise<HeldLab> {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  const gate = join(folder, 'gate');
  const { client, proxy } = await chaosLab(t, {
    codec: { module: HOOK },
    offload: 'always',
    workers: 1,
    shardTimeoutMs: 60_000,
    stallTimeoutMs: 60_000,
  });
  t.after(() => rmSync(folder, { recursive: true }));
  const pooled = (): number => client.metrics().codec.encodedInPool;
  for (let i = 0; pooled() === 0 && i < 2000; i++) {
    await client.set('warm', i);
    await sleep(5);
  }
  assert.ok(pooled() > 0, 'the pool did not start');
  return {
    client,
    proxy,
    held: { gate, text: 'held' },
    hold: () => writeFileSync(gate, ''),
    letGo: () => {
      for (const file of [gate, begunBy(gate)]) rmSync(file);
    },
    begun: () => existsSync(begunBy(gate)),
  };
}

type Call = (client: FleetClient, options: CallOptions) => Promise<unknown>;

const load = (): never => assert.fail('the cache answers');

const READS: Record<string, Call> = {
  get: (c, options) => c.get('left', options),
  getMany: (c, options) => c.getMany(['left', 'other'], options),
  getValues: (c, options) => c.getValues(['other', 'left'], options),
  gets: (c, options) => c.gets('left', options),
  getsMany: (c, options) => c.getsMany(['left', 'other'], options),
  getAndTouch: (c, options) => c.getAndTouch('left', 60, options),
  inspect: (c, options) => c.inspect('left', { ...options, value: true }),
  fetch: (c, options) => c.fetch('left', { ...options, onError: 'throw' }, load),
  'get in a namespace': (c, options) => c.namespace('part').get('left', options),
};

const STORES: Record<string, (value: Held) => Call> = {
  set: (value) => (c, options) => c.set('left', value, options),
  setMany: (value) => (c, options) => c.setMany({ left: value, other: 'lost' }, options),
  replace: (value) => (c, options) => c.replace('left', value, options),
  'meta.set': (value) => (c, options) => c.meta.set('left', value, options),
};

/** Both ways of giving up a call whose value a worker has. */
const WAYS: Record<
  string,
  { code: MemcacheError['code']; giveUp: (call: Call, lab: HeldLab) => Promise<MemcacheError> }
> = {
  'a timeout': {
    code: 'ERR_MEMCACHE_TIMEOUT',
    giveUp: (call, { client }) => rejection(call(client, { timeoutMs: GIVE_UP_MS })),
  },
  'an abort': {
    code: 'ERR_MEMCACHE_ABORTED',
    giveUp: async (call, { client, begun }) => {
      const controller = new AbortController();
      const error = rejection(call(client, { signal: controller.signal }));
      await until(begun);
      controller.abort();
      return error;
    },
  },
};

const errorsOf = (error: MemcacheError): MemcacheError[] =>
  error instanceof ManyError ? [...error.errors.values()] : [error];

/** The connection and the workers are those from the beginning. */
function assertNothingLost({ client }: HeldLab): void {
  const { reconnects, protocolErrors, unreadable, codec } = client.metrics();
  assert.deepEqual(
    [reconnects, protocolErrors, unreadable, codec.workerFailures],
    [0, 0, 0, 0],
    'reconnects, protocol errors, unreadable items, lost workers',
  );
}

for (const [way, { code, giveUp }] of Object.entries(WAYS)) {
  test(`${way} while a worker decodes: the next calls get their own, whatever the verb`, async (t) => {
    const lab = await heldLab(t);
    const { client, held, hold, letGo, begun } = lab;
    for (const [verb, call] of Object.entries(READS)) {
      await client.setMany({
        left: held,
        other: valueOf('other'),
        near: valueOf('near'),
        count: 7,
      });
      await client.namespace('part').set('left', held);
      hold();
      // In one volley with it, and in one shard.
      const near = client.get('near');
      const began = performance.now();
      const error = await giveUp(call, lab);
      const took = performance.now() - began;
      assert.ok(took < GIVE_UP_MS + SLACK_MS, `${verb}: ${took} ms`);
      assert.ok(begun(), `${verb}: a worker has it`);
      for (const one of errorsOf(error)) assert.equal(one.code, code, verb);
      const next = Promise.all([
        client.get('left'),
        client.getMany(['near', 'left', 'none']),
        client.set('left', valueOf('left')),
        client.incr('count', 3),
        client.get('left'),
        client.get('near'),
      ]);
      assert.equal(await client.incr('count', 1), 11, 'what needs no worker waits for none');
      letGo();
      assert.equal(await near, valueOf('near'), verb);
      assert.deepEqual(
        await next,
        [
          held,
          new Map<string, unknown>([
            ['near', valueOf('near')],
            ['left', held],
          ]),
          true,
          10,
          valueOf('left'),
          valueOf('near'),
        ],
        verb,
      );
    }
    assertNothingLost(lab);
  });

  test(`${way} while a worker encodes: nothing of it is sent, and the next calls are right`, async (t) => {
    const lab = await heldLab(t);
    const { client, proxy, held, hold, letGo, begun } = lab;
    for (const [verb, call] of Object.entries(STORES)) {
      await client.setMany({ left: 7, other: valueOf('other'), count: 7 });
      const sent = sentFromNow(proxy);
      hold();
      const near = client.set('near', valueOf('near'));
      const began = performance.now();
      const error = await giveUp(call(held), lab);
      const took = performance.now() - began;
      assert.ok(took < GIVE_UP_MS + SLACK_MS, `${verb}: ${took} ms`);
      assert.ok(begun(), `${verb}: a worker has it`);
      for (const one of errorsOf(error)) assert.deepEqual([one.code, one.sent], [code, 'no'], verb);
      const next = Promise.all([
        client.get('left'),
        client.incr('left', 1),
        client.set('left', valueOf('left')),
        client.get('left'),
        client.get('other'),
        client.get('near'),
      ]);
      assert.equal(await client.incr('count', 1), 8, 'what needs no worker waits for none');
      letGo();
      assert.equal(await near, true, verb);
      const answers = [7, 8, true, valueOf('left'), valueOf('other'), valueOf('near')];
      assert.deepEqual(await next, answers, verb);
      assert.doesNotMatch(sent(), /held|lost/, verb);
    }
    assertNothingLost(lab);
  });
}

test('who has aborted is told of nothing more: no guard at its deadline', async (t) => {
  const lab = await heldLab(t);
  const { client, held, hold } = lab;
  await client.setMany({ left: held, other: held });
  hold();
  const guarded: string[] = [];
  client.on('guard', ({ error }) => void guarded.push(error.code));
  const given = { timeoutMs: GIVE_UP_MS, onError: 'miss' } as const;
  const calls: Call[] = [
    (c, options) => c.get('left', { ...options, ...given }),
    (c, options) => c.getMany(['left', 'other'], { ...options, ...given }),
  ];
  const errors = await Promise.all(calls.map((call) => WAYS['an abort'].giveUp(call, lab)));
  for (const { code } of errors) assert.equal(code, 'ERR_MEMCACHE_ABORTED');
  await sleep(GIVE_UP_MS + 100);
  assert.deepEqual(guarded, []);
});
