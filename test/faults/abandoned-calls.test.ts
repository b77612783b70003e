// Whoever gives up, wherever its call stands: whoever asks next on that connection gets what is its own. (CVE-2023-28858.)
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOptions, type FleetClient, ManyError, MemcacheError } from '../../src/index.ts';
import { chaosLab, sentFromNow, SENTINEL, wellAgain } from '../support/chaos-lab.ts';
import { type LabOptions, PATIENT, rejection, until, valueOf } from '../support/fault-lab.ts';
import { randomFrom } from '../support/fleet-lab.ts';
import { many } from '../support/runs.ts';

type Call = (client: FleetClient, options: CallOptions) => Promise<unknown>;

const load = (): never => assert.fail('the cache answers');

const VERBS: Record<string, Call> = {
  get: (c, options) => c.get('left', options),
  getMany: (c, options) => c.getMany(['left', 'other'], options),
  getValues: (c, options) => c.getValues(['left', 'other'], options),
  gets: (c, options) => c.gets('left', options),
  getAndTouch: (c, options) => c.getAndTouch('left', 60, options),
  inspect: (c, options) => c.inspect('left', { ...options, value: true }),
  'get in base64': (c, options) => c.get(Buffer.from('left behind'), options),
  set: (c, options) => c.set('left', 'new', options),
  setMany: (c, options) => c.setMany({ left: 'new', other: 'new' }, options),
  add: (c, options) => c.add('left', 'new', options),
  append: (c, options) => c.append('left', 'more', options),
  cas: (c, options) => c.cas('left', 'new', '1', options),
  delete: (c, options) => c.delete('left', options),
  deleteMany: (c, options) => c.deleteMany(['left', 'other'], options),
  touch: (c, options) => c.touch('left', 60, options),
  incr: (c, options) => c.incr('count', 1, options),
  'incr with an initial': (c, options) => c.incr('left', 1, { ...options, initial: 1 }),
  'meta.set': (c, options) => c.meta.set('left', 'new', options),
  fetch: (c, options) => c.fetch('left', { ...options, onError: 'throw' }, load),
  'get in a namespace': (c, options) => c.namespace('part').get('left', options),
  'set in a namespace': (c, options) => c.namespace('part').set('left', 'new', options),
};

/** Both ways of giving up, alike but for their code. */
const WAYS: Record<string, { code: MemcacheError['code']; options: (ms: number) => CallOptions }> =
  {
    'a timeout': { code: 'ERR_MEMCACHE_TIMEOUT', options: (timeoutMs) => ({ timeoutMs }) },
    'an abort': {
      code: 'ERR_MEMCACHE_ABORTED',
      options: (ms) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), ms);
        return { signal: controller.signal };
      },
    },
  };

const GIVE_UP_MS = 30;
/** No connection is to be lost while somebody gives up. */
const STEADY: LabOptions = { stallTimeoutMs: 60_000, connectTimeoutMs: 60_000 };

async function prepare(client: FleetClient): Promise<void> {
  await client.setMany({ left: valueOf('left'), other: valueOf('other'), count: 7 }, PATIENT);
  await client.namespace('part').set('left', 'in the namespace', PATIENT);
}

/** Calls of every kind, each of which has an answer of its own. */
async function assertOwnAnswers(client: FleetClient, number: number): Promise<void> {
  const mine = `mine:${number}`;
  const answers = await Promise.all([
    client.get(SENTINEL),
    client.set(mine, valueOf(mine)),
    client.get(mine),
    client.getMany([mine, SENTINEL, 'none']),
    client.incr(`steps:${number}`, 3, { initial: 39 }),
    client.delete('none'),
    client.touch('none', 1),
  ]);
  const found = new Map([
    [mine, valueOf(mine)],
    [SENTINEL, 'here'],
  ]);
  assert.deepEqual(answers, ['here', true, valueOf(mine), found, 42, false, false]);
}

/** Every key it asked for was given up for the same reason. */
function assertGivenUp(
  error: MemcacheError,
  code: string,
  sent: string | undefined,
  verb: string,
): void {
  const all = error instanceof ManyError ? [...error.errors.values()] : [error];
  for (const one of all) {
    assert.equal(one.code, code, verb);
    if (sent !== undefined) assert.equal(one.sent, sent, verb);
  }
}

for (const [way, { code, options }] of Object.entries(WAYS)) {
  test(`${way} before the connection stands: nothing of any verb is sent, and the next calls are right`, async (t) => {
    const { proxy, client } = await chaosLab(t, { ...STEADY, reconnect: { minMs: 1, maxMs: 1 } });
    await prepare(client);
    await proxy.admit('silent');
    proxy.cut('end');
    const sent = sentFromNow(proxy);
    await until(() => proxy.counters.open === 0);
    await sleep(5);
    const errors = await Promise.all(
      Object.values(VERBS).map((call) => rejection(call(client, options(GIVE_UP_MS)))),
    );
    Object.keys(VERBS).forEach((verb, i) => assertGivenUp(errors[i], code, 'no', verb));
    await proxy.heal();
    proxy.cut();
    await wellAgain(client);
    await assertOwnAnswers(client, 0);
    assert.doesNotMatch(sent(), /left|other|count/);
  });

  test(`${way} while queued behind others: nothing of any verb is sent, and the next calls are right`, async (t) => {
    const { proxy, client } = await chaosLab(t, { ...STEADY, maxInFlight: { operations: 1 } });
    await prepare(client);
    const sent = sentFromNow(proxy);
    proxy.set({ freeze: true });
    const first = client.get('first');
    await sleep(5);
    const errors = await Promise.all(
      Object.values(VERBS).map((call) => rejection(call(client, options(GIVE_UP_MS)))),
    );
    Object.keys(VERBS).forEach((verb, i) => assertGivenUp(errors[i], code, 'no', verb));
    proxy.clear();
    assert.equal(await first, undefined);
    await assertOwnAnswers(client, 0);
    assert.doesNotMatch(sent(), /left|other|count/);
    assert.equal(client.metrics().reconnects, 0);
  });

  for (const [where, wait] of Object.entries({
    'once it is written': () => ({ freeze: true }),
    'while its answer has half arrived': (byte: number) => ({ byte }),
  })) {
    test(`${way} ${where}: the next calls on that connection are right, whatever the verb`, async (t) => {
      const { proxy, client } = await chaosLab(t, STEADY);
      let number = 0;
      for (const [verb, call] of Object.entries(VERBS)) {
        await prepare(client);
        const held = wait(1 + (number % 2));
        if ('byte' in held) proxy.strike({ do: 'pause', at: held, ms: Infinity });
        else proxy.set(held);
        const error = await rejection(call(client, options(GIVE_UP_MS)));
        assertGivenUp(error, code, undefined, verb);
        const next = assertOwnAnswers(client, number++);
        await sleep(2);
        proxy.clear();
        await next;
      }
      assert.equal(client.metrics().reconnects, 0, 'on the same connection');
      assert.equal(client.metrics().protocolErrors, 0);
    });
  }
}

/** A verb, and whether its answer is the right one. */
const STORM: [call: Call, right: (answer: unknown) => boolean][] = [
  'a',
  'b',
  'c',
  'd',
  'e',
].flatMap((key): [Call, (answer: unknown) => boolean][] => [
  [(c, o) => c.get(key, o), (answer) => answer === valueOf(key)],
  [(c, o) => c.gets(key, o), (answer) => (answer as { value: unknown }).value === valueOf(key)],
  [(c, o) => c.set(key, valueOf(key), o), (answer) => answer === true],
  [
    (c, o) => c.getMany([key, 'a', 'none'], o),
    (answer) => [...(answer as Map<string, unknown>)].every(([k, value]) => value === valueOf(k)),
  ],
  [(c, o) => c.delete(`no:${key}`, o), (answer) => answer === false],
  [(c, o) => c.getAndTouch(key, 60, o), (answer) => answer === valueOf(key)],
  [(c, o) => c.namespace('part').get(key, o), (answer) => answer === `part of ${key}`],
]);

test('a storm of timeouts and aborts over a slow way: every answer belongs to its call', async (t) => {
  const { proxy, client } = await chaosLab(t, STEADY);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  await client.setMany(keys.map((key) => [key, valueOf(key)] as const));
  await client.namespace('part').setMany(keys.map((key) => [key, `part of ${key}`] as const));
  proxy.set({ delayMs: [0, 20], split: { upTo: 30 } });
  const random = randomFrom(many(1) + 7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const count = { right: 0, givenUp: 0 };
  const caller = async (): Promise<void> => {
    for (let i = 0; i < many(40); i++) {
      const [call, right] = pick(STORM);
      const options = random() < 0.5 ? pick(Object.values(WAYS)).options(random() * 40) : PATIENT;
      const answer = await call(client, options).catch((error: MemcacheError) => error);
      if (answer instanceof MemcacheError) {
        assert.match(answer.code, /^ERR_MEMCACHE_(TIMEOUT|ABORTED|MANY)$/);
        count.givenUp++;
      } else {
        assert.ok(right(answer), `not its own: ${JSON.stringify(answer)}`);
        count.right++;
      }
    }
  };
  await Promise.all(Array.from({ length: 30 }, caller));
  proxy.clear();
  await assertOwnAnswers(client, 0);
  assert.ok(count.right > 100 && count.givenUp > 100, JSON.stringify(count));
  assert.equal(client.metrics().protocolErrors, 0);
});
