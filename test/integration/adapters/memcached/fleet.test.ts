// Old and new processes share a fleet: what one stores the other finds, on the same server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { type RunningMemcached, startMemcached } from '../../../../src/testing/index.ts';
import {
  type Called,
  called,
  type CallbackClient,
  type CallbackClientClass,
  NpmMemcached,
} from './npm-memcached.ts';

const servers: RunningMemcached[] = [];
before(async () => {
  for (let i = 0; i < 4; i++) servers.push(await startMemcached());
});
after(() => Promise.all(servers.map((server) => server.stop())));

const addresses = (count = 3): string[] => servers.slice(0, count).map(({ address }) => address);

const Adapter = Memcached as unknown as CallbackClientClass;

/** What fails at once would leave the loop no time for anything else. */
async function askedAgain(client: CallbackClient, key: string): Promise<Called> {
  await sleep(5);
  return called(client, 'get', key);
}

const VALUES: readonly unknown[] = [
  'text',
  'lines\r\nof text',
  '',
  5,
  -0.5,
  { name: 'Ada', of: [1, null, true] },
  Buffer.from([0, 13, 10, 255]),
  Buffer.alloc(0),
  true,
  null,
];

const keysOf = (who: string): string[] =>
  Array.from({ length: 60 }, (_, i) => `${who}:${i}${i % 10 === 0 ? 'k'.repeat(300) : ''}`);

async function storeAll(client: CallbackClient, who: string): Promise<void> {
  for (const [i, key] of keysOf(who).entries())
    assert.deepEqual(
      (await called(client, 'set', key, VALUES[i % VALUES.length], 100)).args,
      [undefined, true],
      key,
    );
}

async function findAll(client: CallbackClient, who: string): Promise<void> {
  for (const [i, key] of keysOf(who).entries())
    assert.deepEqual(
      (await called(client, 'get', key)).args,
      [undefined, VALUES[i % VALUES.length]],
      key,
    );
  const short = keysOf(who).filter((key) => key.length < 250);
  const { args } = await called(client, 'getMulti', short);
  assert.equal(Object.keys(args[1] as object).length, short.length);
}

const FLEETS: Readonly<Record<string, { servers?: () => unknown; options?: object }>> = {
  'as it comes': {},
  'with a namespace': { options: { namespace: 'app:' } },
  'with weights': {
    servers: () => Object.fromEntries(addresses().map((address, i) => [address, i + 1])),
  },
  'with shares that are no whole numbers': {
    servers: () => Object.fromEntries(addresses().map((address, i) => [address, i + 0.5])),
  },
  'with vnodes': {
    servers: () =>
      Object.fromEntries(
        addresses().map((address, i) => [address, { weight: 1, vnodes: 10 * (i + 1) }]),
      ),
  },
  'with sha1': { options: { algorithm: 'sha1' } },
  'with a hash of its own': {
    options: { algorithm: (key: string) => Buffer.from(key.padEnd(16).slice(-16)) },
  },
  "with compatibility 'hash_ring'": { options: { compatibility: 'hash_ring' } },
  'with a server twice': { servers: () => [...addresses(), addresses()[0]] },
};

for (const [name, fleet] of Object.entries(FLEETS)) {
  test(`npm memcached and the adapter share three servers ${name}`, async () => {
    const locations = fleet.servers?.() ?? addresses();
    const ours = new Adapter(locations, fleet.options);
    const theirs = new NpmMemcached(locations, fleet.options);
    await storeAll(ours, 'ours');
    await storeAll(theirs, 'theirs');
    await findAll(theirs, 'ours');
    await findAll(ours, 'theirs');
    const counter = keysOf('theirs')[3];
    assert.deepEqual((await called(ours, 'incr', counter, 4)).args, [undefined, 9]);
    assert.deepEqual((await called(theirs, 'incr', counter, 1)).args, [undefined, 10]);
    assert.deepEqual((await called(ours, 'decr', counter, 1)).args, [undefined, 9]);
    assert.deepEqual((await called(theirs, 'get', counter)).args, [undefined, 9]);
    ours.end();
    theirs.end();
  });
}

test('every server is told of, as npm memcached does', async () => {
  const tell = async (Client: CallbackClientClass): Promise<unknown> => {
    const client = new Client(addresses());
    const { args } = await called(client, 'version');
    const { args: flushed } = await called(client, 'flush');
    client.end();
    const versions = args[1] as { server: string }[];
    return [args[0], versions.toSorted((a, b) => (a.server < b.server ? -1 : 1)), flushed];
  };
  assert.deepEqual(await tell(Adapter), await tell(NpmMemcached));
});

test('a spare takes the place of a dead server, and the keys of no other move', async () => {
  const [, dead] = addresses();
  const spare = servers[3].address;
  const options = {
    failures: 0,
    retry: 100,
    remove: true,
    failOverServers: [spare],
    timeout: 5000,
  };
  const client = new Adapter(addresses(), options);
  const events: unknown[] = [];
  for (const event of ['issue', 'failure', 'remove'])
    client.on(event, (details) => events.push([event, (details as { server: string }).server]));
  const keys = Array.from({ length: 60 }, (_, i) => `spare:${i}`);
  const serverOf = (key: string): string => {
    let found = '';
    (client['multi'] as (keys: string[], told: (server: string) => void) => void).call(
      client,
      [key],
      (server) => (found = server),
    );
    return found;
  };
  const places = keys.map(serverOf);
  assert.ok(places.includes(dead));
  await servers[1].kill();
  const lost = keys[places.indexOf(dead)];
  const { args } = await called(client, 'set', lost, 1, 100);
  assert.ok(args[0] instanceof Error);
  while (serverOf(lost) === dead) await askedAgain(client, lost);
  assert.deepEqual(events, [['remove', dead]]);
  assert.deepEqual(
    keys.map(serverOf),
    places.map((server) => (server === dead ? spare : server)),
  );
  assert.deepEqual((await called(client, 'set', lost, 1, 100)).args, [undefined, true]);
  client.end();
  await servers[1].restart();
});

test('without a spare the others have its keys', async () => {
  const [dead] = addresses();
  const options = { failures: 0, retry: 100, remove: true };
  const client = new Adapter(addresses(), options);
  const events: string[] = [];
  for (const event of ['issue', 'failure', 'remove']) client.on(event, () => events.push(event));
  await servers[0].kill();
  const keys = Array.from({ length: 30 }, (_, i) => `rest:${i}`);
  await Promise.all(keys.map((key) => called(client, 'set', key, 1, 100)));
  while ((client['servers'] as string[]).includes(dead)) await askedAgain(client, keys[0]);
  for (const key of keys)
    assert.deepEqual((await called(client, 'set', key, 1, 100)).args, [undefined, true]);
  assert.deepEqual(events, ['remove', 'failure']);
  client.end();
  await servers[0].restart();
});

test('a lost server is told of as an issue, then as a failure, and when it is back', async () => {
  const [address] = addresses();
  const client = new Adapter(address, { failures: 1, retry: 50 });
  const events: [string, Record<string, unknown>][] = [];
  for (const event of ['issue', 'failure', 'reconnecting', 'reconnect', 'remove'])
    client.on(event, (details) => events.push([event, details as Record<string, unknown>]));
  await called(client, 'set', 'a', 1, 100);
  await servers[0].kill();
  while (!events.some(([event]) => event === 'failure')) {
    const { self, args } = await askedAgain(client, 'a');
    assert.ok(args[0] instanceof Error);
    assert.equal(args.length, 1);
    assert.equal(self, client);
  }
  await servers[0].restart();
  while (!events.some(([event]) => event === 'reconnect')) await askedAgain(client, 'a');
  const [[first, issue], [second, failure]] = events;
  const [port, host] = [address.split(':')[1], '127.0.0.1'];
  assert.deepEqual([first, second], ['issue', 'failure']);
  assert.deepEqual(
    [issue['server'], issue['tokens'], issue['failures'], issue['totalFailures']],
    [address, [port, host], 1, 0],
  );
  assert.ok((issue['messages'] as string[]).length >= 1);
  assert.equal(failure['totalReconnectsAttempted'], 0);
  const back = events.at(-1)?.[1] ?? {};
  assert.equal(back['totalReconnectsSuccess'], 1);
  assert.ok((back['totalReconnectsAttempted'] as number) >= 1);
  assert.equal(events.filter(([event]) => event === 'issue').length, 1);
  client.end();
});
