// The list of servers changes while a service works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient } from '../../src/index.ts';
import type { RunningMemcached } from '../../src/testing/index.ts';
import { until } from '../support/fault-lab.ts';
import {
  addressesOf,
  assertOnly,
  Callers,
  countOf,
  each,
  fleetClient,
  healthOf,
  keysOn,
  QUICK,
  randomFrom,
  startFleet,
} from '../support/fleet-lab.ts';

const CHANGES = 50;
const CHANGE_EVERY_MS = 60;
const PER_SECOND = 10_000;
/** What a machine too slow for the pace is not to pile up: half a second of it. */
const MOST_OPEN = PER_SECOND / 2;
const KEYS = 500;

/** A load that keeps its pace whatever becomes of it, unless that is too much, and looks at every answer. */
class Load {
  issued = 0;
  settled = 0;
  counted = 0;
  wrong = 0;
  readonly errors: string[] = [];
  readonly #client: FleetClient;
  readonly #random: () => number;
  readonly #counters: readonly string[];
  readonly #routeBy: string;
  readonly #versions = new Map<string, number>();

  constructor(client: FleetClient, random: () => number, counters: readonly string[]) {
    this.#client = client;
    this.#random = random;
    this.#counters = counters;
    [this.#routeBy] = counters;
  }

  async run(while_: () => boolean): Promise<void> {
    const began = performance.now();
    const calls: Promise<void>[] = [];
    while (while_()) {
      const due = ((performance.now() - began) * PER_SECOND) / 1000;
      while (this.issued < due && this.issued - this.settled < MOST_OPEN)
        calls.push(this.#observed(this.#one()));
      await sleep(2);
    }
    await Promise.all(calls);
  }

  async #observed(call: Promise<boolean>): Promise<void> {
    this.issued++;
    try {
      if (!(await call)) this.wrong++;
    } catch (error) {
      this.errors.push((error as Error).message);
    }
    this.settled++;
  }

  #one(): Promise<boolean> {
    const key = `moving:${Math.floor(this.#random() * KEYS)}`;
    const kind = this.#random();
    if (kind < 0.25) return this.#write(key);
    if (kind < 0.35) return this.#count(this.#counters[Math.floor(kind * 100) % 3]);
    if (kind < 0.37) return this.#readMany(key);
    return this.#client.get<string>(key).then((value) => this.#isRight(key, value));
  }

  #write(key: string): Promise<boolean> {
    const version = (this.#versions.get(key) ?? 0) + 1;
    this.#versions.set(key, version);
    return this.#client.set(key, `${key}#${version}`);
  }

  async #count(key: string): Promise<boolean> {
    this.counted++;
    const count = await this.#client.incr(key, 1, { routeBy: this.#routeBy });
    return count !== undefined;
  }

  async #readMany(key: string): Promise<boolean> {
    const keys = [key, ...Array.from({ length: 9 }, (_, i) => `moving:${i * 7}`)];
    const found = await this.#client.getMany<string>(keys);
    return [...found].every(([one, value]) => this.#isRight(String(one), value));
  }

  #isRight(key: string, value: string | undefined): boolean {
    if (value === undefined) return true;
    const [name, version] = value.split('#');
    const latest = this.#versions.get(key) ?? 0;
    return name === key && Number(version) >= 1 && Number(version) <= latest;
  }
}

for (const movedGraceMs of [0, 100]) {
  test(`10 000 operations a second through ${CHANGES} changes, movedGraceMs ${movedGraceMs}`, async (t) => {
    const seed = Date.now() % 2 ** 31;
    t.diagnostic(`seed ${seed}`);
    const random = randomFrom(seed);
    const fleet = await startFleet(t, 8);
    const idle = await Promise.all(fleet.map((server) => countOf(server, 'curr_connections')));
    const client = fleetClient(t, fleet, {
      timeoutMs: 5000,
      connectTimeoutMs: 5000,
      movedGraceMs,
    });
    const [stays, ...others] = fleet;
    const counters = keysOn(client, stays, 3, 'counter');
    await client.setMany(each(counters, 0));
    let changed = 0;
    client.on('topology', () => changed++);
    const load = new Load(client, random, counters);
    let over = false;
    const running = load.run(() => !over);
    let present = fleet;
    for (let i = 0; i < CHANGES; i++) {
      const some = others
        .map((server) => ({ server, at: random() }))
        .toSorted((a, b) => a.at - b.at);
      const chosen = some.slice(0, 3 + Math.floor(random() * 5)).map(({ server }) => server);
      present = [stays, ...chosen];
      await client.setServers(addressesOf(present));
      assert.deepEqual(client.servers, addressesOf(present));
      await sleep(CHANGE_EVERY_MS);
    }
    over = true;
    await running;
    assert.deepEqual(load.errors, [], `seed ${seed}`);
    assert.equal(load.settled, load.issued);
    assert.ok(load.issued > (CHANGES * CHANGE_EVERY_MS * PER_SECOND) / 1100, 'the pace was kept');
    assert.equal(load.wrong, 0, `wrong values, seed ${seed}`);
    assert.ok(changed > CHANGES / 2, `${changed} changes`);
    const counts = await client.getMany<number>(counters);
    assert.equal(
      [...counts.values()].reduce((sum, count) => sum + count, 0),
      load.counted,
    );
    await gone(fleet, idle, present);
  });
}

/** Waits until servers that are not in use have no more connections than before there was a client. */
async function gone(
  fleet: readonly RunningMemcached[],
  idle: readonly number[],
  present: readonly RunningMemcached[],
): Promise<void> {
  for (const [i, server] of fleet.entries()) {
    if (present.includes(server)) continue;
    const giveUp = performance.now() + 5000;
    while ((await countOf(server, 'curr_connections')) > idle[i]) {
      assert.ok(performance.now() < giveUp, 'a removed server keeps its connection');
      await sleep(10);
    }
  }
}

test('a removed server answers what is under way, and has no connection afterwards', async (t) => {
  const fleet = await startFleet(t, 3);
  const client = fleetClient(t, fleet, { timeoutMs: 5000 });
  const idle = await Promise.all(fleet.map((server) => countOf(server, 'curr_connections')));
  const [leaving, ...staying] = fleet;
  const keys = keysOn(client, leaving, 50);
  await client.setMany(each(keys));
  leaving.pause();
  const read = client.getMany(keys);
  const written = client.set(keys[0], 'last');
  await client.setServers(addressesOf(staying));
  assert.equal(await client.get(keys[1]), undefined);
  leaving.resume();
  assert.equal((await read).size, keys.length);
  assert.equal(await written, true);
  await gone(fleet, idle, staying);
});

for (const way of ['dead', 'frozen'] as const) {
  test(`a new server that is ${way} costs no errors, and gets its keys when it lives`, async (t) => {
    const fleet = await startFleet(t, 5);
    const [added, ...old] = fleet;
    const client = fleetClient(t, old, QUICK);
    const states = healthOf(client, added);
    const callers = await new Callers(t, client).start();
    if (way === 'dead') await added.kill();
    else added.pause();
    await client.setServers(addressesOf(fleet));
    await callers.round();
    assertOnly(callers.tally, []);
    assert.ok(states.includes('down') && !states.includes('up'), states.join());
    if (way === 'dead') await added.restart();
    else added.resume();
    await until(() => states.includes('up'));
    await callers.round();
    assertOnly(await callers.stop(), []);
    const [key] = keysOn(client, added, 1);
    await client.set(key, 1);
    assert.ok((await countOf(added, 'cmd_set')) > 0);
  });
}

for (const left of [1, 2]) {
  test(`calls that wait for a removed server go where their keys are now: ${left} left`, async (t) => {
    const [leaving, ...others] = await startFleet(t, 1 + left);
    const options = { timeoutMs: 5000, connectTimeoutMs: 300 };
    const client = fleetClient(t, [leaving, ...others], options);
    const keys = keysOn(client, leaving, 10);
    // It never answers its first connection.
    leaving.pause();
    const calls = Promise.all([client.getMany(keys), client.set(keys[0], 'here')]);
    await client.setServers(addressesOf(others));
    const [found, written] = await calls;
    assert.equal(written, true);
    assert.ok(found.size <= 1);
  });
}

test('setServers refuses a list it cannot use, and keeps the one it has', async (t) => {
  const fleet = await startFleet(t, 2);
  const client = fleetClient(t, fleet);
  for (const list of [[], 'no port:x', [fleet[0].address, fleet[0].address]]) {
    await assert.rejects(client.setServers(list), { code: 'ERR_MEMCACHE_OPTION' });
    assert.deepEqual(client.servers, addressesOf(fleet));
  }
  assert.equal(await client.set('still', 1), true);
});
