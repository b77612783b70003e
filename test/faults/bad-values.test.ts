// What a codec cannot keep is refused with its place in the value, and no verb stores any of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CodecName, type FleetClient, ManyError, MemcacheError } from '../../src/index.ts';
import { assertInStep, lab, rejection, until } from '../support/fault-lab.ts';
import { fleetClient, startFleet } from '../support/fleet-lab.ts';
import { assertDiscreet, CANARY } from '../support/refusals.ts';

type Bad = readonly [what: string, value: unknown, reason: string];

const cycle: { secret: string; next: unknown[] } = { secret: CANARY, next: [] };
cycle.next.push({ back: cycle });

const throwing = {
  get secret(): string {
    throw new Error(CANARY);
  },
};

/** By what refuses them; the reason stands behind "the value cannot be stored". */
const BAD: Readonly<Record<CodecName, readonly Bad[]>> = {
  msgpack: [
    ['undefined', undefined, 'undefined'],
    ['a function', () => CANARY, 'a function'],
    ['a symbol', Symbol(CANARY), 'a symbol'],
    ['half a character', `${CANARY}\ud800`, 'text'],
    [
      'a function inside',
      { user: { callbacks: [1, 2, () => CANARY] } },
      'a function at .user.callbacks[2]',
    ],
    ['a symbol inside', [[Symbol(CANARY)]], 'a symbol at [0][0]'],
    ['a cycle', cycle, 'a cycle at .next[0].back'],
    ['a function in a Map', new Map([['key', { f: () => CANARY }]]), 'a function at .key.f'],
    [
      'a property that throws',
      { inner: throwing },
      'a property that throws when it is read at .inner.secret',
    ],
  ],
  json: [
    ['undefined', undefined, 'undefined'],
    ['a function', () => CANARY, 'a function'],
    ['a symbol', Symbol(CANARY), 'a symbol'],
    ['a cycle', cycle, 'a cycle at .next[0].back'],
    ['a bigint inside', { rows: [{ id: 1 }, { id: 5n }] }, 'a bigint at .rows[1].id'],
    ['a Map', new Map([[CANARY, CANARY]]), 'JSON keeps nothing of it'],
    [
      'a property that throws',
      { inner: throwing },
      'a property that throws when it is read at .inner.secret',
    ],
  ],
  v8: [
    ['undefined', undefined, 'undefined'],
    ['a function', () => CANARY, 'a function'],
    ['a function inside', { run: [() => CANARY] }, 'a function at .run[0]'],
    ['a symbol inside', new Map([['s', Symbol(CANARY)]]), 'a symbol at .s'],
    ['a promise inside', { p: Promise.resolve(CANARY) }, 'an object that cannot be cloned at .p'],
  ],
  string: [
    ['a number', 17, 'a number'],
    ['bytes', Buffer.from(CANARY), 'not bytes'],
    ['an object', { secret: CANARY }, 'an object'],
    ['undefined', undefined, 'undefined'],
    ['half a character', `${CANARY}\udc00`, 'text'],
  ],
  buffer: [
    ['text', CANARY, 'a string'],
    ['a number', 17, 'a number'],
    ['an array', [1, 2], 'an array'],
    ['undefined', undefined, 'undefined'],
  ],
};

/** Every verb that takes a value. */
const VERBS: Record<
  string,
  (client: FleetClient, value: unknown, codec: CodecName) => Promise<unknown>
> = {
  set: (client, value, codec) => client.set('a', value, { codec }),
  add: (client, value, codec) => client.add('a', value, { codec }),
  replace: (client, value, codec) => client.replace('a', value, { codec }),
  cas: (client, value, codec) => client.cas('a', value, '1', { codec }),
  'set without an answer': (client, value, codec) =>
    client.set('a', value, { codec, noreply: true }),
  'meta.set': (client, value, codec) => client.meta.set('a', value, { codec }),
  'set in a namespace': (client, value, codec) =>
    client.namespace('part', { versionCacheMs: 60_000 }).set('a', value, { codec }),
};

async function assertKept(
  client: FleetClient,
  codec: CodecName,
  [, value, reason]: Bad,
): Promise<void> {
  for (const [verb, store] of Object.entries(VERBS)) {
    const error = await rejection(store(client, value, codec));
    assert.equal(error.code, 'ERR_MEMCACHE_ENCODE', `${verb}: ${error.message}`);
    assert.equal(error.sent, 'no');
    assert.ok(error.message.includes(reason), `${verb}: ${error.message}`);
    assertDiscreet(error);
  }
}

for (const offload of ['never', 'always'] as const) {
  for (const [codec, values] of Object.entries(BAD) as [CodecName, readonly Bad[]][]) {
    test(`what codec '${codec}' cannot keep, offload '${offload}'`, async (t) => {
      const { server, client } = await lab(t, { offload, workers: 1 });
      await client.namespace('part', { versionCacheMs: 60_000 }).get('warm');
      const before = server.record;
      for (const bad of values) await t.test(bad[0], () => assertKept(client, codec, bad));
      assert.equal(server.record, before, 'nothing was sent');
      await assertInStep(client);
    });
  }
}

test('of many values those that cannot be kept fail alone, each with its place', async (t) => {
  const client = fleetClient(t, await startFleet(t, 1));
  for (const noreply of [false, true]) {
    const entries = { fine: 1, bad: { list: [() => CANARY] }, good: 2, worse: cycle };
    const error = await rejection(client.setMany(entries, { noreply }));
    assert.ok(error instanceof ManyError);
    const reasons = ['a function at .list[0]', 'a cycle at .next[0].back'];
    assert.deepEqual(
      [...error.errors].map(([key, { message }]) => [key, message]),
      ['bad', 'worse'].map((key, i) => [key, `the value cannot be stored: ${reasons[i]}`]),
    );
    assertDiscreet(error);
    assert.deepEqual(await client.getValues(Object.keys(entries)), [1, undefined, 2, undefined]);
    await client.deleteMany(Object.keys(entries));
  }
});

test('a loaded value that cannot be kept is answered, not stored, and told by an event', async (t) => {
  const { server, client } = await lab(t, { dialect: 'classic' });
  const failures: unknown[] = [];
  client.on('refresh', ({ error }) => failures.push(error));
  const load = (): unknown => ({ user: { run: () => CANARY } });
  for (const lease of ['auto', 'add'] as const) {
    const value = await client.fetch<{ user: object }>('a', { ttl: 10, lease }, load as never);
    assert.deepEqual(Object.keys(value.user), ['run']);
    await until(() => failures.length > 0);
    const [failure] = failures.splice(0);
    assert.ok(failure instanceof MemcacheError);
    assert.equal(failure.message, 'the value cannot be stored: a function at .user.run');
    assertDiscreet(failure);
    // The lock is given back too: the next caller loads at once.
    await until(() => server.items.size === 0);
  }
});
