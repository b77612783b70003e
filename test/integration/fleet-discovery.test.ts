// Servers that are learned while callers wait, and learned anew.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type ClientOptions, type FleetClient, IllegalInputError } from '../../src/index.ts';
import { rejects } from '../support/fault-lab.ts';
import { addressesOf, each, fleetClient, healthOf, startFleet } from '../support/fleet-lab.ts';

const LOCAL: ClientOptions = { discoveryLimits: { allowLocal: true, maxShrink: 1 } };

/** A discovery that answers when it is told to. */
class Told {
  asked = 0;
  readonly #answers: ((list: readonly string[]) => void)[] = [];

  readonly discover = (): Promise<readonly string[]> => {
    this.asked++;
    return new Promise((resolve) => this.#answers.push(resolve));
  };

  tell(list: readonly string[]): void {
    this.#answers.shift()?.(list);
  }
}

function discovered(
  t: TestContext,
  discovery: ClientOptions['discovery'],
  options: ClientOptions = {},
): FleetClient {
  return fleetClient(t, [], { ...LOCAL, timeoutMs: 5000, ...options, discovery });
}

/** One call of every verb, and what it is answered where nothing but `there` is stored. */
const verbsOf = (
  client: FleetClient,
): [name: string, call: Promise<unknown>, answer: unknown][] => [
  ['set', client.set('discovered:1', 'v'), true],
  ['setMany', client.setMany(each(['discovered:2', 'discovered:3'], 'v')), true],
  ['get', client.get('discovered:1'), 'v'],
  ['getMany', client.getMany(['discovered:2']), new Map([['discovered:2', 'v']])],
  ['getValues', client.getValues(['discovered:3', 'none']), ['v', undefined]],
  ['add', client.add('discovered:1', 'w'), false],
  ['replace', client.replace('discovered:1', 'w'), true],
  ['cas', client.cas('none', 'w', '1'), 'missing'],
  ['gets', client.gets('none'), undefined],
  ['touch', client.touch('discovered:1', 10), true],
  ['incr', client.incr('discovered:count', 1, { initial: 4 }), 5],
  ['delete', client.delete('discovered:2'), true],
  ['deleteMany', client.deleteMany(['discovered:3']), new Map([['discovered:3', true]])],
];

test('calls wait for the first answer, and are carried out in their order', async (t) => {
  const fleet = await startFleet(t, 3);
  const told = new Told();
  const client = discovered(t, told.discover);
  assert.deepEqual(client.servers, []);
  assert.throws(() => client.serverFor('a'), { code: 'ERR_MEMCACHE_UNAVAILABLE' });
  assert.equal(told.asked, 0);
  const verbs = verbsOf(client);
  const stats = client.stats();
  const version = client.version();
  const answers = Promise.all(verbs.map(([, call]) => call));
  await new Promise(setImmediate);
  assert.equal(told.asked, 1);
  told.tell(addressesOf(fleet));
  const found = await answers;
  verbs.forEach(([name, , answer], i) => assert.deepEqual(found[i], answer, name));
  assert.equal((await stats).size, 3);
  assert.equal((await version).size, 3);
  assert.deepEqual(client.servers, addressesOf(fleet));
});

test('a discovery that never answers: every call has its deadline', async (t) => {
  const client = discovered(t, () => new Promise(() => {}), { timeoutMs: 60 });
  const calls = [...verbsOf(client).map(([, call]) => call), client.stats(), client.version()];
  for (const outcome of await Promise.allSettled(calls)) {
    assert.equal(outcome.status, 'rejected');
    const { code, cause } = outcome.reason as { code: string; cause?: { code: string } };
    const own = code === 'ERR_MEMCACHE_MANY' ? cause?.code : code;
    assert.equal(own, 'ERR_MEMCACHE_TIMEOUT');
    assert.equal((outcome.reason as { sent: string }).sent, 'no');
  }
  assert.equal(await client.get('a', { onError: 'miss' }), undefined);
  await rejects(client.get('a', { signal: AbortSignal.timeout(20) }), 'ERR_MEMCACHE_ABORTED', 'no');
});

test('close while the first answer is waited for', async (t) => {
  const client = discovered(t, () => new Promise(() => {}));
  const calls = [...verbsOf(client).map(([, call]) => call), client.stats(), client.connect()];
  const settling = Promise.allSettled(calls);
  const began = performance.now();
  await client.close();
  for (const outcome of await settling) {
    assert.equal(outcome.status, 'rejected');
    const { code, cause } = outcome.reason as { code: string; cause?: { code: string } };
    assert.equal(code === 'ERR_MEMCACHE_MANY' ? cause?.code : code, 'ERR_MEMCACHE_CLOSED');
  }
  assert.ok(performance.now() - began < 1000, 'it waited for something');
});

test('a discovery that fails at first: calls are told at their deadline, later ones are served', async (t) => {
  const fleet = await startFleet(t, 2);
  let fails = true;
  const failures: string[] = [];
  const client = discovered(
    t,
    () => {
      if (fails) throw new Error('not yet');
      return addressesOf(fleet);
    },
    { timeoutMs: 100 },
  );
  client.on('discovery', ({ error, kept }) => failures.push(`${error.code} ${kept.length}`));
  await rejects(client.connect(), 'ERR_MEMCACHE_CONNECT');
  await rejects(client.set('a', 1), 'ERR_MEMCACHE_TIMEOUT', 'no');
  assert.deepEqual(failures.slice(0, 1), ['ERR_MEMCACHE_CONNECT 0']);
  fails = false;
  await client.rediscover();
  assert.equal(await client.set('a', 1), true);
  assert.deepEqual(client.servers, addressesOf(fleet));
});

test('rediscover puts another list to use', async (t) => {
  const fleet = await startFleet(t, 3);
  let list = addressesOf(fleet);
  const client = discovered(t, () => list);
  await client.connect();
  const changes: object[] = [];
  client.on('topology', (change) => changes.push(change));
  const keys = Array.from({ length: 60 }, (_, i) => `re:${i}`);
  await client.setMany(each(keys));
  const [first, second, third] = addressesOf(fleet);
  list = [third, first];
  const reading = client.getMany(keys);
  await client.rediscover();
  assert.equal((await reading).size, keys.length);
  assert.deepEqual(changes, [{ servers: [third, first], added: [], removed: [second] }]);
  assert.deepEqual(client.servers, [third, first]);
  await client.setMany(each(keys, 'again'));
  assert.equal((await client.getMany(keys)).size, keys.length);
  await client.rediscover();
  assert.equal(changes.length, 1);
});

test('a discovery that fails later: the servers are kept', async (t) => {
  const fleet = await startFleet(t, 2);
  let works = true;
  const client = discovered(t, () => (works ? addressesOf(fleet) : []));
  await client.connect();
  works = false;
  await rejects(client.rediscover(), 'ERR_MEMCACHE_PROTOCOL');
  assert.deepEqual(client.servers, addressesOf(fleet));
  assert.equal(await client.set('kept', 1), true);
});

test('rediscover without a discovery', async (t) => {
  const client = fleetClient(t, await startFleet(t, 2));
  const error = await rejects(client.rediscover(), 'ERR_MEMCACHE_UNSUPPORTED');
  assert.ok(error instanceof IllegalInputError);
});

test('close while servers change: everything settles, nothing is left', async (t) => {
  const fleet = await startFleet(t, 3);
  const client = fleetClient(t, fleet.slice(0, 1), { timeoutMs: 5000, connectTimeoutMs: 5000 });
  await client.set('a', 1);
  // New servers are asked first: this one takes its time.
  fleet[2].pause();
  const changes = [
    client.setServers(addressesOf(fleet)),
    client.setServers(addressesOf(fleet.slice(1))),
  ];
  const settling = Promise.allSettled([...changes, client.get('a')]);
  await new Promise(setImmediate);
  const began = performance.now();
  await client.close({ timeoutMs: 200 });
  const [first, second, read] = await settling;
  const took = performance.now() - began;
  assert.ok(took < 1500, `it took ${took} ms`);
  for (const outcome of [first, second]) {
    assert.equal(outcome.status, 'rejected');
    assert.equal((outcome.reason as { code: string }).code, 'ERR_MEMCACHE_CLOSED');
  }
  assert.equal(read.status, 'fulfilled');
  await rejects(client.setServers(addressesOf(fleet)), 'ERR_MEMCACHE_CLOSED');
});

test('close while a discovered change waits for a server that does not answer', async (t) => {
  const fleet = await startFleet(t, 3);
  let list = addressesOf(fleet.slice(0, 2));
  const client = discovered(t, () => list, { connectTimeoutMs: 5000 });
  await client.connect();
  fleet[2].pause();
  list = addressesOf(fleet);
  const states = healthOf(client, fleet[2]);
  const refusal = rejects(client.rediscover(), 'ERR_MEMCACHE_CLOSED');
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  const began = performance.now();
  await client.close();
  await refusal;
  const took = performance.now() - began;
  assert.ok(took < 1500, `it took ${took} ms`);
  assert.ok(!states.includes('up'));
});
