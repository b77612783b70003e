import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchOptions } from '../../src/index.ts';
import { until } from '../support/fault-lab.ts';
import { type Backend, backend } from './backend.ts';
import { eventually, everywhere, failed, fails, Loader, name, notCalled, two } from './fetches.ts';

describe('fetch with leases of the server', () => {
  everywhere(backend());
});

describe('fetch of what is due, with leases of the server', () => {
  const server = backend();

  test('the first to see that a value is due renews it, early or late', async () => {
    const { here, elsewhere } = two(server);
    const how: FetchOptions = { ttl: 60, staleFor: 30 };
    const windows = { early: { ...how, recacheBefore: 20 }, late: how };
    for (const [when, options] of Object.entries(windows)) {
      for (const background of [false, true]) {
        const key = name(when);
        // As if it had been stored a while ago.
        await here.set(key, 'old', { ttl: when === 'early' ? 45 : 25 });
        const loader = new Loader('new', true);
        const winner = here.fetch(key, { ...options, background }, loader.load);
        await until(() => loader.calls === 1);
        const sharers = [here, elsewhere].map((cache) => cache.fetch(key, options, notCalled));
        assert.deepEqual(await Promise.all(sharers), ['old', 'old']);
        const waits = elsewhere.fetch(key, { ...options, wait: 'fresh' }, notCalled);
        if (background) assert.equal(await winner, 'old');
        if (when === 'early') assert.equal(await waits, 'old', 'it is fresh');
        loader.letGo();
        assert.equal(await winner, background ? 'old' : 'new');
        if (when === 'late') assert.equal(await waits, 'new');
        await eventually(async () => (await elsewhere.fetch(key, options, notCalled)) === 'new');
        assert.equal(loader.calls, 1);
      }
    }
  });

  test('of those who ask in one moment one renews, and the others answer what there is', async () => {
    const { here } = two(server);
    const key = name('moment');
    await here.set(key, 'old', { ttl: 25 });
    const options = { ttl: 60, staleFor: 30 };
    const values = await Promise.all(
      Array.from({ length: 20 }, () => here.fetch(key, options, () => 'new')),
    );
    assert.deepEqual(values, ['new', ...Array<string>(19).fill('old')]);
    assert.equal(await here.fetch(key, options, notCalled), 'new');
  });

  test('invalidated with staleFor a value is answered while one renews it', async () => {
    const { here, elsewhere } = two(server);
    const key = name('marked');
    assert.equal(await here.invalidate(key, { staleFor: 30 }), false);
    await here.set(key, 'old', { ttl: 1000 });
    assert.equal(await elsewhere.invalidate(key, { staleFor: 30 }), true);
    const loader = new Loader('new', true);
    const winner = here.fetch(key, { ttl: 60 }, loader.load);
    await until(() => loader.calls === 1);
    assert.equal(await elsewhere.fetch(key, { ttl: 60 }, notCalled), 'old');
    assert.equal(await elsewhere.get(key), 'old', 'whoever does not fetch knows nothing of it');
    assert.ok((await secondsLeft(server, key)) <= 30, 'no longer than it was to stay');
    loader.letGo();
    assert.equal(await winner, 'new');
    assert.equal(await elsewhere.fetch(key, { wait: 'fresh' }, notCalled), 'new');
  });

  test('invalidated during a renewal: what is loaded is not stored, the next one loads', async () => {
    const { here, elsewhere } = two(server);
    const key = name('again');
    const options = { ttl: 60, staleFor: 30 };
    await here.set(key, 'old', { ttl: 25 });
    const loader = new Loader('of its time', true);
    const winner = here.fetch(key, options, loader.load);
    await until(() => loader.calls === 1);
    await elsewhere.invalidate(key, { staleFor: 30 });
    const next = new Loader('new', true);
    const after = here.fetch(key, options, next.load);
    await until(() => next.calls === 1);
    loader.letGo();
    assert.equal(await winner, 'of its time');
    assert.equal(await elsewhere.fetch(key, options, notCalled), 'old');
    next.letGo();
    assert.equal(await after, 'new');
    assert.equal(await elsewhere.fetch(key, { ...options, wait: 'fresh' }, notCalled), 'new');
  });

  test('a renewal that fails leaves the old value as it was, and the next one renews', async () => {
    const { here, elsewhere } = two(server);
    const key = name('failing');
    const options = { ttl: 60, staleFor: 30 };
    await here.set(key, 'old', { ttl: 25 });
    await assert.rejects(here.fetch(key, options, fails), failed);
    const errors: unknown[] = [];
    elsewhere.on('refresh', ({ error }) => errors.push(error));
    const behind = { ...options, background: true };
    assert.equal(await elsewhere.fetch(key, behind, fails), 'old');
    await until(() => errors.length === 1);
    assert.equal((errors[0] as Error).message, 'no');
    const left = await secondsLeft(server, key);
    assert.ok(left <= 25 && left > 15, `${left} seconds left`);
    assert.equal(await here.fetch(key, options, () => 'new'), 'new');
  });

  test('what a renewal finds to be gone is gone', async () => {
    const { here } = two(server);
    const key = name('gone');
    await here.set(key, 'old', { ttl: 25 });
    assert.equal(await here.fetch(key, { ttl: 60, staleFor: 30 }, () => undefined), undefined);
    assert.equal(await here.get(key), undefined);
  });

  test('the mark of nothing lasts its time, whatever is stale when', async () => {
    const { here } = two(server);
    const key = name('mark');
    const options = { ttl: 60, staleFor: 30, recacheBefore: 20, negativeTtl: 2 };
    const loader = new Loader(undefined);
    assert.equal(await here.fetch(key, options, loader.load), undefined);
    assert.equal(await here.fetch(key, options, notCalled), undefined);
    await sleep(3100);
    assert.equal(await here.fetch(key, { ...options, wait: 'fresh' }, () => 'there'), 'there');
    assert.equal(await here.fetch(key, options, notCalled), 'there');
  });
});

describe('fetch with leases of the server, and whatever may become of them', () => {
  const server = backend();

  test('a value that expires is loaded once more', async () => {
    const { here, elsewhere } = two(server);
    const key = name('expires');
    let calls = 0;
    const load = (): number => ++calls;
    assert.equal(await here.fetch(key, { ttl: 1 }, load), 1);
    await sleep(1100);
    const values = await Promise.all(
      [here, elsewhere].map((cache) => cache.fetch(key, { ttl: 60 }, load)),
    );
    assert.deepEqual(values, [2, 2]);
  });

  test('a winner that says no more is replaced when its lease ends', async () => {
    const { here, elsewhere } = two(server);
    const key = name('dead');
    const silent = new Loader('never', true);
    const dead = elsewhere.fetch(key, { lock: 1, ttl: 60 }, silent.load);
    await until(() => silent.calls === 1);
    const began = performance.now();
    const callers = [1, 2, 3].map(() =>
      here.fetch(key, { lock: 1, waitMs: 5000, ttl: 60 }, () => 'alive'),
    );
    assert.deepEqual(await Promise.all(callers), Array(3).fill('alive'));
    assert.ok(performance.now() - began < 3000);
    silent.letGo();
    await dead;
    assert.equal(await here.get(key), 'alive');
  });

  test('a winner that says no more is replaced where an old value is left', async () => {
    const { here, elsewhere } = two(server);
    const key = name('dead-late');
    const options = { lock: 1, ttl: 60, staleFor: 30 };
    await here.set(key, 'old', { ttl: 25 });
    const silent = new Loader('never', true);
    const dead = elsewhere.fetch(key, options, silent.load);
    await until(() => silent.calls === 1);
    const loader = new Loader('new');
    const deadline = performance.now() + 10_000;
    while ((await here.fetch(key, options, loader.load)) === 'old') {
      assert.ok(performance.now() < deadline, 'nobody took its place');
      await sleep(20);
    }
    assert.equal(loader.calls, 1);
    silent.letGo();
    await dead;
    assert.equal(await elsewhere.fetch(key, options, notCalled), 'new');
  });

  test('keys in base64 have leases, too', async () => {
    const { here, elsewhere } = two(server);
    const key = Buffer.from(`\0 ${name('base64')}`);
    const loader = new Loader('loaded', true);
    const callers = [here, elsewhere].map((cache) => cache.fetch(key, { ttl: 60 }, loader.load));
    await until(() => loader.calls === 1);
    loader.letGo();
    assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded']);
    assert.equal(loader.calls, 1);
    assert.equal(await here.invalidate(key), true);
    assert.equal(await elsewhere.get(key), undefined);
  });

  test('what is there costs a request for all who ask in one moment', async () => {
    const { here } = two(server);
    const key = name('hot');
    await here.set(key, { name: 'Ada' }, { ttl: 1000 });
    const before = here.metrics();
    const options = { ttl: 1000, staleFor: 60, recacheBefore: 10 };
    const values = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        here.fetch(key, { ...options, timeoutMs: i < 100 ? undefined : 5000 }, notCalled),
      ),
    );
    assert.deepEqual(values[0], { name: 'Ada' });
    assert.notEqual(values[0], values[1], 'each has its own');
    const after = here.metrics();
    assert.equal(after.volleys - before.volleys, 1);
    assert.equal(after.volleyKeys - before.volleyKeys, 1);
  });

  test('values in the worker pool, early and late', async () => {
    const here = server.client({ offload: 'always', workers: 1 });
    const key = name('large');
    const value = (word: string): object => ({ text: word.repeat(20_000) });
    const options = { ttl: 60, staleFor: 30, background: true };
    let calls = 0;
    const load = (): object => value(`new ${++calls}`);
    assert.deepEqual(await here.fetch<unknown>(key, options, load), value('new 1'));
    await here.set(key, value('old'), { ttl: 25 });
    const values = await Promise.all(
      [1, 2, 3, 4].map(() => here.fetch<unknown>(key, options, load)),
    );
    for (const each of values) assert.deepEqual(each, value('old'));
    await until(() => calls === 2);
    await sleep(100);
    assert.deepEqual(await here.fetch<unknown>(key, options, notCalled), value('new 2'));
  });

  test('a namespace has leases of its own', async () => {
    const { here, elsewhere } = two(server);
    const key = name('in');
    const [mine, theirs] = [here, elsewhere].map((cache) => cache.namespace('fetch-test'));
    const loader = new Loader('loaded', true);
    const callers = [mine, theirs, mine].map((view) => view.fetch(key, { ttl: 60 }, loader.load));
    await until(() => loader.calls > 0);
    loader.letGo();
    assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded', 'loaded']);
    assert.equal(loader.calls, 1);
    assert.equal(await here.get(key), undefined);
    const many = await theirs.fetchMany([key, name('more')], { ttl: 60 }, () => ({}));
    assert.deepEqual(many, new Map([[key, 'loaded']]));
    await mine.invalidateNamespace();
    assert.equal(await theirs.fetch(key, { ttl: 60 }, () => 'anew'), 'anew');
    assert.equal(await mine.invalidate(key), true);
    assert.equal(await theirs.fetch(key, { ttl: 60 }, () => 'once more'), 'once more');
  });
});

/** Whole seconds an item has left; asking changes nothing. */
async function secondsLeft(server: Backend, key: string): Promise<number> {
  const item = await server.cache.meta.debug(key);
  assert.ok(item?.ttl !== undefined);
  return item.ttl;
}
