import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient, type FleetClient, type Key } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { rawGet } from '../integration/raw-server.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { type SharedFleet, SHARED_FLEETS } from './fleets.ts';
import { type ForeignFleet, runForeign, type Told, toldOf } from './foreign-fleet.ts';
import { items } from './items.ts';

const SERVERS = 4;
/** How many keys each side deletes of what the other stored. */
const DELETED = 50;

const servers: RunningMemcached[] = [];
before(async () => {
  for (let i = 0; i < SERVERS; i++) servers.push(await startMemcached());
});
after(() => Promise.all(servers.map((server) => server.stop())));

function clientOf({ client, weights }: SharedFleet): FleetClient {
  return createClient({
    servers: servers.map(({ port }, i) => ({
      host: '127.0.0.1',
      port,
      weight: weights?.[i] ?? 1,
    })),
    timeoutMs: 20_000,
    // A key on another server than its own is to be a miss.
    failover: 'error',
    ...client,
  });
}

function foreignOf({ program, options, weights }: SharedFleet): ForeignFleet {
  const spelled = servers.map(({ address }, i) =>
    weights === undefined ? address : `${address}:${weights[i]}`,
  );
  return { program, options, servers: spelled };
}

/** Every server has its part of the keys, or the one that `routeBy` names has them all. */
function assertSpread(cache: FleetClient, keys: readonly Key[], routeBy: Key | undefined): void {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const server = cache.serverFor(routeBy ?? key);
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  assert.equal(counts.size, routeBy === undefined ? SERVERS : 1);
}

function isLong(value: unknown): boolean {
  const plain = typeof value === 'string' || value instanceof Uint8Array;
  if (plain) return value.length > 400;
  return typeof value === 'object' && JSON.stringify(value).length > 400;
}

/** Long values are stored with the flag that says compressed, others without it. */
async function assertCompressed(
  cache: FleetClient,
  stored: readonly (readonly [Key, unknown])[],
  fleet: SharedFleet,
): Promise<void> {
  const { compressed = 0 } = fleet;
  const prefix = String(fleet.client.keyPrefix ?? '');
  for (const [key, value] of stored.slice(0, 40)) {
    const wire = `${prefix}${String(key)}`;
    const server = servers.find(({ address }) => address === cache.serverFor(key));
    // Keys that a rule changes are looked at by nobody else.
    if (server === undefined || Buffer.byteLength(wire) > 250) continue;
    const item = await rawGet(server, wire);
    assert.ok(item !== undefined, 'its server has it');
    assert.equal((item.flags & compressed) !== 0, isLong(value));
  }
}

for (const fleet of SHARED_FLEETS) {
  const { name, program, key, value, asRead, routeBy } = fleet;
  describe(name, { skip: foreignProgramMissing(program) }, () => {
    let cache: FleetClient;
    let foreign: ForeignFleet;
    before(() => {
      cache = clientOf(fleet);
      foreign = foreignOf(fleet);
    });
    after(() => cache.close({ timeoutMs: 0 }));

    test('reads all that it stores', async () => {
      const stored = items(`${name}:theirs`.replaceAll(' ', '-'), key, value);
      const keys = stored.map(([one]) => one);
      await runForeign(foreign, { set: stored });
      const values = await cache.getValues(keys, { routeBy });
      const expected = stored.map(([, one]) => asRead?.here?.(one) ?? one);
      assert.deepEqual(values, expected);
      assertSpread(cache, keys, routeBy);
      if (fleet.compressed !== undefined) await assertCompressed(cache, stored, fleet);
      const gone = keys.slice(0, DELETED);
      const deleted = await cache.deleteMany(gone, { routeBy });
      assert.deepEqual(
        [...deleted.values()],
        gone.map(() => true),
      );
      const [left] = (await runForeign(foreign, { get: keys })) as [Told[]];
      assert.deepEqual(
        left.map((told) => told === null),
        keys.map((_, i) => i < DELETED),
      );
    });

    test('stores all that it reads', async () => {
      const stored = items(`${name}:ours`.replaceAll(' ', '-'), key, value);
      const keys = stored.map(([one]) => one);
      await cache.setMany(stored, { routeBy });
      if (fleet.compressed !== undefined) await assertCompressed(cache, stored, fleet);
      const gone = keys.slice(0, DELETED);
      const [told, deleted] = await runForeign(foreign, { get: keys }, { delete: gone });
      const expected = stored.map(([, one]) => toldOf(asRead?.there?.(one) ?? one));
      assert.deepEqual(told, expected);
      assert.deepEqual(
        deleted,
        gone.map(() => true),
      );
      const left = await cache.getValues(keys, { routeBy });
      assert.deepEqual(
        left.map((one) => one === undefined),
        keys.map((_, i) => i < DELETED),
      );
    });

    test('counts with it, whoever began', async () => {
      const [theirs, ours] = [key(`${program}:count:theirs`, 1), key(`${program}:count:ours`, 1)];
      // Swift counts on the server of the counter itself.
      await runForeign(
        { ...foreign, options: { ...foreign.options, serverKey: undefined } },
        { set: [[theirs, 5]] },
      );
      assert.equal(await cache.incr(theirs, 3), 8);
      assert.equal(await cache.incr(ours, 3, { initial: 10 }), 13);
      assert.deepEqual(
        await runForeign(foreign, { incr: theirs, by: 2 }, { incr: ours, by: 2 }),
        [10, 15],
      );
      assert.equal(await cache.incr(theirs, 1n), 11n);
      assert.equal(await cache.decr(ours, 5), 10);
      assert.equal(Number(await cache.get(theirs)), 11);
      assert.equal(Number(await cache.get(ours)), 10);
    });
  });
}
