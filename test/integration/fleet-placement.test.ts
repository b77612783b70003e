// Where items really are, asked of the servers themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ClientOptions, FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { each, fleetClient, holds } from '../support/fleet-lab.ts';

const SERVERS = 4;
const KEYS = 24;
let fleet: RunningMemcached[] = [];

before(async () => {
  fleet = await Promise.all(Array.from({ length: SERVERS }, () => startMemcached({ threads: 1 })));
});
after(() => Promise.all(fleet.map((server) => server.stop())));

/** The servers that have the key, by their own word. */
async function holders(key: string): Promise<string[]> {
  const held = await Promise.all(fleet.map((server) => holds(server, key)));
  return fleet.filter((_, i) => held[i]).map(({ address }) => address);
}

async function assertPlaced(
  client: FleetClient,
  name: string,
  wire = (key: string): string => key,
): Promise<void> {
  const used = new Set<string>();
  for (let i = 0; i < KEYS; i++) {
    const key = `${name}:${i}`;
    await client.set(key, 1);
    const owner = client.serverFor(key);
    used.add(owner);
    assert.deepEqual(await holders(wire(key)), [owner]);
    assert.equal(await client.delete(key), true);
  }
  assert.ok(used.size > 1, 'all on one server');
}

const HASHES: readonly NonNullable<ClientOptions['hash']>[] = [
  'rendezvous',
  'ketama',
  { name: 'ketama', distribution: 'consistent' },
  { name: 'modula', hash: 'md5' },
  'crc32',
  'dalli',
  'swift',
  'memjs',
  'hashring',
  'jump',
  'maglev',
];

for (const hash of HASHES) {
  test(`serverFor says where items are: ${JSON.stringify(hash)}`, async (t) => {
    await assertPlaced(fleetClient(t, fleet, { hash }), 'hash');
  });
}

test('a prefix is on the wire, and places keys only where it is told to', async (t) => {
  const bare = fleetClient(t, fleet);
  const plain = fleetClient(t, fleet, { keyPrefix: 'app:' });
  const hashed = fleetClient(t, fleet, { keyPrefix: 'app:', hashedPart: 'prefixed' });
  await assertPlaced(plain, 'prefix', (key) => `app:${key}`);
  await assertPlaced(hashed, 'prefix', (key) => `app:${key}`);
  const keys = Array.from({ length: 100 }, (_, i) => `prefix:${i}`);
  for (const key of keys) {
    assert.equal(plain.serverFor(key), bare.serverFor(key));
    assert.equal(hashed.serverFor(key), bare.serverFor(`app:${key}`));
  }
  assert.ok(keys.some((key) => plain.serverFor(key) !== hashed.serverFor(key)));
});

test('a profile hashes what its client hashes', async (t) => {
  const options = { keyPrefix: 'app:' } as const;
  const dalli = fleetClient(t, fleet, { ...options, profile: 'dalli' });
  const pymemcache = fleetClient(t, fleet, { ...options, profile: 'pymemcache' });
  await assertPlaced(dalli, 'profile', (key) => `app:${key}`);
  await assertPlaced(pymemcache, 'profile', (key) => `app:${key}`);
  const alike = fleetClient(t, fleet, { hash: 'dalli' });
  for (let i = 0; i < 50; i++) {
    const key = `profile:${i}`;
    assert.equal(dalli.serverFor(key), alike.serverFor(`app:${key}`));
    assert.equal(pymemcache.serverFor(key), fleetClient(t, fleet).serverFor(key));
  }
});

test('routeBy has many keys on one server', async (t) => {
  const client = fleetClient(t, fleet);
  const routeBy = 'user:7';
  const keys = Array.from({ length: 20 }, (_, i) => `routed:${i}`);
  assert.ok(new Set(keys.map((key) => client.serverFor(key))).size > 1);
  await client.setMany(each(keys, 1), { routeBy });
  const owner = client.serverFor(routeBy);
  for (const key of keys) {
    assert.equal(client.serverFor(key, { routeBy }), owner);
    assert.deepEqual(await holders(key), [owner]);
  }
  assert.equal((await client.getMany(keys, { routeBy })).size, keys.length);
  assert.equal((await client.getsMany(keys, { routeBy })).size, keys.length);
  assert.equal(await client.incr(keys[0], 1, { routeBy }), 2);
  assert.equal(await client.touch(keys[0], 10, { routeBy }), true);
  assert.equal(await client.incr('routed:new', 1, { routeBy, initial: 1 }), 2);
  assert.deepEqual(await holders('routed:new'), [owner]);
  const gone = await client.deleteMany(keys, { routeBy });
  assert.ok([...gone.values()].every(Boolean));
});

test('a hash tag has keys that belong together on one server', async (t) => {
  const braces = fleetClient(t, fleet, { hashTag: '{}' });
  const stop = fleetClient(t, fleet, { hashTag: { stop: '|' } });
  for (let i = 0; i < 20; i++) {
    const key = `tagged:${i}:{user:7}`;
    await braces.set(key, 1);
    assert.deepEqual(await holders(key), [braces.serverFor('user:7')]);
    assert.equal(stop.serverFor(`user:7|${i}`), stop.serverFor('user:7'));
  }
});
