import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManyError } from '../../src/index.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { until } from '../support/fault-lab.ts';
import { startNutcracker } from '../support/proxies.ts';
import { type Backend, backend } from './backend.ts';
import { eventually, everywhere, Loader, name, notCalled, stored, two } from './fetches.ts';

function byLocks(server: Backend): void {
  everywhere(server);

  test('there are no old values: one loads, the others wait', async () => {
    const { here, elsewhere } = two(server);
    const key = name('old');
    await here.set(key, 'there', { ttl: 25 });
    const options = { ttl: 60, staleFor: 30, recacheBefore: 20 };
    assert.equal(await here.fetch(key, options, notCalled), 'there');
    assert.equal(await here.invalidate(key, { staleFor: 30, lease: 'add' }), true);
    assert.equal(await elsewhere.get(key), undefined);
    assert.equal(await here.fetch(key, options, () => 'loaded'), 'loaded');
  });

  test('a winner that says no more is replaced when its lock ends', async () => {
    const { here, elsewhere } = two(server);
    const key = name('dead');
    const silent = new Loader('never', true);
    const dead = elsewhere.fetch(key, { lock: 1, ttl: 60 }, silent.load);
    await until(() => silent.calls === 1);
    const options = { lock: 1, waitMs: 5000, ttl: 60 };
    const callers = [1, 2, 3].map(() => here.fetch(key, options, () => 'alive'));
    assert.deepEqual(await Promise.all(callers), ['alive', 'alive', 'alive']);
    await stored(here, key);
    silent.letGo();
    assert.equal(await dead, 'never');
    await sleep(20);
    assert.equal(await here.get(key), 'alive');
  });

  test('keys of any length have locks', async () => {
    const { here } = two(server);
    const key = name('long').padEnd(250, 'x');
    const loader = new Loader('loaded', true);
    const callers = [1, 2].map(() => here.fetch(key, { ttl: 60 }, loader.load));
    await until(() => loader.calls === 1);
    loader.letGo();
    assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded']);
    assert.equal(loader.calls, 1);
    await stored(here, key);
  });
}

describe("fetch by locks: dialect 'classic'", () => {
  byLocks(backend({}, { options: { dialect: 'classic' } }));
});

describe('fetch by locks: a format of others', () => {
  const server = backend({}, { options: { format: 'memcached' } });
  byLocks(server);

  test('no placeholder is ever seen by others', async () => {
    const { here, elsewhere } = two(server);
    const key = name('unseen');
    const loader = new Loader('loaded', true);
    const fetched = here.fetch(key, { ttl: 60 }, loader.load);
    await until(() => loader.calls === 1);
    assert.equal(await elsewhere.add(key, 'somebody was first'), true);
    loader.letGo();
    await fetched;
  });

  test("with lease 'meta' there are leases of the server, as long as all use them", async () => {
    const { here, elsewhere } = two(server);
    const key = name('meta');
    const options = { ttl: 60, staleFor: 30, lease: 'meta' } as const;
    const loader = new Loader('loaded', true);
    const callers = [here, elsewhere].map((cache) => cache.fetch(key, options, loader.load));
    await until(() => loader.calls === 1);
    assert.equal(await elsewhere.add(key, 'a placeholder is in the way'), false);
    loader.letGo();
    assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded']);
    assert.equal(await here.invalidate(key, { staleFor: 30, lease: 'meta' }), true);
    assert.equal(await here.get(key), 'loaded');
    assert.equal(await here.fetch(key, options, () => 'anew'), 'anew');
  });
});

describe(
  'fetch by locks: through nutcracker',
  { skip: foreignProgramMissing('nutcracker') },
  () => {
    const server = backend(
      {},
      { proxy: ({ address }) => startNutcracker([address]), keysOnly: true },
    );
    byLocks(server);

    test("with lease 'meta' it rejects before anything is sent", async () => {
      const { here } = two(server);
      const code = 'ERR_MEMCACHE_UNSUPPORTED';
      const lease = 'meta';
      await assert.rejects(here.fetch(name('meta'), { lease }, notCalled), { code, sent: 'no' });
      await assert.rejects(
        here.fetchMany([name('meta')], { lease }, notCalled),
        (error: unknown) => {
          assert.ok(error instanceof ManyError);
          return [...error.errors.values()].every((each) => each.code === code);
        },
      );
      await assert.rejects(here.invalidate(name('meta'), { staleFor: 5, lease }), {
        code,
        sent: 'no',
      });
    });
  },
);

describe('fetch with a codec of its own', () => {
  const server = backend();
  const codec = {
    encode: (value: unknown) => ({ bytes: Buffer.from(`<${String(value)}>`), flags: 7 }),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString().slice(1, -1),
  };

  test('goes by locks: its items may be empty', async () => {
    const { here, elsewhere } = two(server);
    const key = name('codec');
    const loader = new Loader('loaded', true);
    const callers = [here, elsewhere].map((cache) =>
      cache.fetch(key, { ttl: 60, codec }, loader.load),
    );
    await until(() => loader.calls === 1);
    assert.equal(await server.cache.add(key, 1, { ttl: -1 }), true, 'there is no placeholder');
    loader.letGo();
    assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded']);
    assert.equal(loader.calls, 1);
    await eventually(async () => (await here.get(key, { codec })) === 'loaded');
  });
});
