import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createClient,
  type FetchOptions,
  type FleetClient,
  type Key,
  ManyError,
  type MemcacheError,
} from '../../src/index.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { until } from '../support/fault-lab.ts';
import { startNutcracker } from '../support/proxies.ts';
import { type Backend, backend } from './backend.ts';

let names = 0;
const name = (what: string): string => `${what}:${names++}`;

/** A loader that counts, and answers when it is told to. */
class Loader {
  calls = 0;
  #waiting: (() => void)[] = [];
  readonly held: boolean;
  value: unknown;

  constructor(value: unknown, held = false) {
    this.value = value;
    this.held = held;
  }

  readonly load = async (): Promise<unknown> => {
    this.calls++;
    const { value } = this;
    if (this.held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (value instanceof Error) throw value;
    return value;
  };

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const fails = (): never => {
  throw new Error('no');
};
const notCalled = (): never => {
  throw new Error('the loader was not to be called');
};

/** Longer than a caller waits between two looks, and than commands take. */
const A_WHILE_MS = 400;

const failed = { message: 'no' };

interface Two {
  readonly here: FleetClient;
  readonly elsewhere: FleetClient;
}

const two = (server: Backend): Two => ({ here: server.client(), elsewhere: server.client() });

/** What holds wherever leases come from. */
function everywhere(server: Backend): void {
  test('a missing value is loaded once for all who ask, and stored', async () => {
    const { here, elsewhere } = two(server);
    const key = name('missing');
    const loader = new Loader({ name: 'Ada' }, true);
    const callers = [here, elsewhere, here, elsewhere].flatMap((cache) =>
      Array.from({ length: 50 }, () => cache.fetch(key, { ttl: 60 }, loader.load)),
    );
    await until(() => loader.calls > 0);
    await sleep(50);
    loader.letGo();
    for (const value of await Promise.all(callers)) assert.deepEqual(value, { name: 'Ada' });
    assert.equal(loader.calls, 1);
    await stored(here, key);
    assert.deepEqual(await elsewhere.fetch(key, { ttl: 60 }, notCalled), { name: 'Ada' });
    assert.deepEqual(await elsewhere.get(key), { name: 'Ada' });
  });

  test('the loader is given the key; what it answers at once will do; bytes are keys', async () => {
    const { here } = two(server);
    for (const key of [name('text'), Buffer.from(name('bytes')), name('é')] as Key[]) {
      const given: Key[] = [];
      const load = (asked: Key): number => given.push(asked);
      assert.equal(await here.fetch<unknown>(key, {}, load), 1);
      assert.deepEqual(given, [key]);
    }
  });

  test('what loads for long is loaded nevertheless', async () => {
    const { here } = two(server);
    const load = async (): Promise<string> => {
      await sleep(300);
      return 'slow';
    };
    assert.equal(await here.fetch(name('slow'), { timeoutMs: 100 }, load), 'slow');
  });

  test('what a loader throws reaches all who share it, and the next one loads', async () => {
    const { here, elsewhere } = two(server);
    const key = name('throws');
    const loader = new Loader(new Error('no'), true);
    const callers = [1, 2, 3].map(() => here.fetch(key, {}, loader.load));
    await until(() => loader.calls > 0);
    const other = elsewhere.fetch(key, {}, () => 'loaded');
    loader.letGo();
    for (const caller of callers) await assert.rejects(caller, failed);
    assert.equal(await other, 'loaded');
    assert.equal(loader.calls, 1);
    assert.equal(await here.fetch(key, {}, notCalled), 'loaded');
    await assert.rejects(here.fetch(name('at-once'), {}, fails), failed);
  });

  test('nothing is remembered if that is asked for', async () => {
    const { here, elsewhere } = two(server);
    const key = name('nothing');
    const loader = new Loader(undefined);
    assert.equal(await here.fetch(key, {}, loader.load), undefined);
    await eventually(async () => {
      assert.equal(await here.fetch(key, { negativeTtl: 30 }, loader.load), undefined);
      return loader.calls === 2;
    });
    assert.equal(await elsewhere.fetch(key, { ttl: 60 }, notCalled), undefined);
    assert.equal(await here.get(key), undefined);
    assert.deepEqual(await here.getMany([key]), new Map());
    assert.equal(await here.invalidate(key), true);
    assert.equal(await elsewhere.fetch(key, {}, () => 'there now'), 'there now');
  });

  test('what was invalidated during a load is not stored, and not shared with who comes after', async () => {
    const { here, elsewhere } = two(server);
    for (const invalidates of [here, elsewhere]) {
      const key = name('invalidated');
      const older = new Loader('older', true);
      const before = here.fetch(key, { ttl: 60 }, older.load);
      await until(() => older.calls > 0);
      await invalidates.invalidate(key);
      const newer = new Loader('newer', true);
      const after = here.fetch(key, { ttl: 60 }, newer.load);
      await until(() => newer.calls > 0);
      older.letGo();
      assert.equal(await before, 'older');
      await sleep(30);
      newer.letGo();
      assert.equal(await after, 'newer');
      await stored(here, key);
      assert.equal(await elsewhere.fetch(key, {}, notCalled), 'newer');
    }
  });

  test('what somebody else stored during a load is not replaced', async () => {
    const { here, elsewhere } = two(server);
    const key = name('stored');
    const loader = new Loader('older', true);
    const fetched = here.fetch(key, { ttl: 60 }, loader.load);
    await until(() => loader.calls > 0);
    await elsewhere.set(key, 'newer');
    loader.letGo();
    assert.equal(await fetched, 'older');
    await sleep(30);
    assert.equal(await elsewhere.get(key), 'newer');
  });

  test('who will not wait loads for itself, and who has waited enough; neither stores', async () => {
    const { here, elsewhere } = two(server);
    const key = name('impatient');
    const loader = new Loader('elsewhere', true);
    const first = elsewhere.fetch(key, { ttl: 60 }, loader.load);
    await until(() => loader.calls > 0);
    assert.equal(await here.fetch(key, { wait: 'never' }, () => 'own'), 'own');
    assert.equal(await here.fetch(key, { waitMs: 50 }, () => 'after all'), 'after all');
    assert.equal(await here.fetch(key, { waitMs: 0 }, () => 'at once'), 'at once');
    const patient = here.fetch(key, { ttl: 60 }, notCalled);
    loader.letGo();
    assert.deepEqual(await Promise.all([first, patient]), ['elsewhere', 'elsewhere']);
    await eventually(async () => (await here.get(key)) === 'elsewhere');
  });

  test('an abort ends the caller, not the load', async () => {
    const { here } = two(server);
    const key = name('aborted');
    const loader = new Loader('loaded', true);
    const controller = new AbortController();
    const { signal } = controller;
    const gone = here.fetch(key, { ttl: 60, signal }, loader.load);
    const stays = here.fetch(key, { ttl: 60 }, loader.load);
    await until(() => loader.calls > 0);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await assert.rejects(gone, { code: 'ERR_MEMCACHE_ABORTED', cause: reason });
    await assert.rejects(here.fetch(key, { signal }, notCalled), { code: 'ERR_MEMCACHE_ABORTED' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    loader.letGo();
    assert.equal(await stays, 'loaded');
    await stored(here, key);
    assert.equal(await here.fetch(key, {}, notCalled), 'loaded');
    assert.equal(loader.calls, 1);
  });

  test('a caller who alone wanted it may go: it is stored for others', async () => {
    const { here } = two(server);
    const key = name('abandoned');
    const loader = new Loader('loaded', true);
    const controller = new AbortController();
    const gone = here.fetch(key, { ttl: 60, signal: controller.signal }, loader.load);
    await until(() => loader.calls > 0);
    controller.abort();
    await assert.rejects(gone, { code: 'ERR_MEMCACHE_ABORTED' });
    loader.letGo();
    await stored(here, key);
  });

  test('many keys: one call of the loader with those that are missing', async () => {
    const { here, elsewhere } = two(server);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name);
    await here.set(b, 'B');
    const calls: (readonly string[])[] = [];
    const load = async (keys: readonly string[]): Promise<Map<string, string>> => {
      calls.push(keys);
      return new Map(keys.filter((key) => key !== c).map((key) => [key, key.toUpperCase()]));
    };
    const fetched = await here.fetchMany([d, c, b, a, d], { ttl: 60 }, load);
    assert.deepEqual(
      [...fetched],
      [
        [d, d.toUpperCase()],
        [b, 'B'],
        [a, a.toUpperCase()],
      ],
    );
    assert.deepEqual(calls, [[d, c, a]]);
    await stored(here, a);
    await stored(here, d);
    const again = await elsewhere.fetchMany([a, b, d], { ttl: 60 }, notCalled);
    assert.deepEqual([...again.keys()], [a, b, d]);
    assert.deepEqual(await here.fetchMany([], {}, notCalled), new Map());
    assert.deepEqual(await here.fetchMany(new Set([b]), {}, notCalled), new Map([[b, 'B']]));
  });

  test('many keys: those that others load are waited for, the rest goes to one more call', async () => {
    const { here, elsewhere } = two(server);
    const [mine, theirs, never, alsoNever] = ['mine', 'theirs', 'never', 'also never'].map((key) =>
      name(key.replace(' ', '-')),
    );
    const loader = new Loader('elsewhere', true);
    const others = [theirs, never, alsoNever].map((key) =>
      elsewhere.fetch(key, { ttl: 60 }, loader.load),
    );
    await until(() => loader.calls === 3);
    const calls: (readonly string[])[] = [];
    const load = (keys: readonly string[]): Record<string, string> => {
      calls.push(keys);
      return Object.fromEntries(keys.map((key) => [key, 'mine']));
    };
    const all = here.fetchMany(
      [never, theirs, mine, alsoNever],
      { ttl: 60, waitMs: A_WHILE_MS },
      load,
    );
    await until(() => calls.length === 1);
    await elsewhere.set(theirs, 'stored');
    assert.deepEqual(
      [...(await all)],
      [
        [never, 'mine'],
        [theirs, 'stored'],
        [mine, 'mine'],
        [alsoNever, 'mine'],
      ],
    );
    assert.deepEqual(calls, [[mine], [never, alsoNever]]);
    loader.letGo();
    await Promise.all(others);
    await eventually(async () => (await here.get(never)) === 'elsewhere');
  });

  test('many keys: a flight is shared with fetch, in both directions', async () => {
    const { here } = two(server);
    const [one, other] = ['one', 'other'].map(name);
    const loader = new Loader('of fetch', true);
    const fetched = here.fetch(one, { ttl: 60 }, loader.load);
    await until(() => loader.calls === 1);
    const calls: (readonly string[])[] = [];
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const many = here.fetchMany([one, other], { ttl: 60 }, async (keys) => {
      calls.push(keys);
      await held;
      return { [other]: 'of fetchMany' };
    });
    await until(() => calls.length === 1);
    const shares = here.fetch(other, { ttl: 60 }, notCalled);
    letGo();
    loader.letGo();
    assert.deepEqual(await Promise.all([fetched, shares]), ['of fetch', 'of fetchMany']);
    assert.deepEqual(
      await many,
      new Map([
        [one, 'of fetch'],
        [other, 'of fetchMany'],
      ]),
    );
    assert.deepEqual(calls, [[other]]);
  });

  test('many keys: what a loader throws rejects the call, and lets go of its keys', async () => {
    const { here, elsewhere } = two(server);
    const keys = ['a', 'b', 'c'].map(name);
    await here.set(keys[1], 'B');
    await assert.rejects(here.fetchMany(keys, { ttl: 60 }, fails), failed);
    await assert.rejects(here.fetchMany(keys, {}, (async () => [1]) as never), {
      code: 'ERR_MEMCACHE_VALUE',
      message: /must answer a Map or a plain object, not/,
    });
    const loaded = await elsewhere.fetchMany(keys, { ttl: 60 }, (missing) =>
      Object.fromEntries(missing.map((key) => [key, 'loaded'])),
    );
    assert.deepEqual([...loaded.values()], ['loaded', 'B', 'loaded']);
    await stored(here, keys[0]);
  });

  test('many keys: nothing is remembered if that is asked for; an abort ends the call', async () => {
    const { here } = two(server);
    const [a, b] = ['a', 'b'].map(name);
    const only = new Map([[b, 1]]);
    assert.deepEqual(await here.fetchMany([a, b], { negativeTtl: 30 }, () => ({ [b]: 1 })), only);
    await stored(here, b);
    assert.deepEqual(await here.fetchMany([a, b], {}, notCalled), only);
    const controller = new AbortController();
    const { signal } = controller;
    let calls = 0;
    const aborted = here.fetchMany([name('c')], { signal }, () => {
      calls++;
      return new Promise<never>(() => {});
    });
    await until(() => calls === 1);
    controller.abort();
    await assert.rejects(aborted, { code: 'ERR_MEMCACHE_ABORTED' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('a value that cannot be stored is answered, with an event, and the next one loads', async () => {
    const { here } = two(server);
    const key = name('unstorable');
    const errors: unknown[] = [];
    here.on('refresh', ({ error }) => errors.push(error));
    const value = (): void => {};
    assert.equal(await here.fetch<unknown>(key, {}, () => value), value);
    await until(() => errors.length === 1);
    assert.equal((errors[0] as MemcacheError).code, 'ERR_MEMCACHE_ENCODE');
    await eventually(async () => {
      const again = await here.fetch<unknown>(key, { wait: 'never' }, () => 'storable');
      assert.equal(again, 'storable');
      return (await here.get(key)) === 'storable';
    });
  });
}

async function eventually(happened: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await happened())) {
    assert.ok(performance.now() < deadline, `did not happen: ${String(happened)}`);
    await sleep(2);
  }
}

/** What was loaded is answered a moment before it is stored. */
const stored = (cache: FleetClient, key: string): Promise<void> =>
  eventually(async () => (await cache.get(key)) !== undefined);

describe('fetch with leases of the server', () => {
  const server = backend();
  everywhere(server);

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

describe('fetch of what cannot be read', () => {
  const server = backend();

  for (const lease of ['auto', 'add'] as const) {
    test(`lease '${lease}': it is renewed, once`, async () => {
      const { here, elsewhere } = two(server);
      const key = name('unreadable');
      const pickle = {
        encode: () => ({ bytes: Buffer.from('pickled'), flags: 1 }),
        decode: () => 0,
      };
      await here.set(key, 0, { codec: pickle });
      const loader = new Loader('readable', true);
      const callers = [here, here, elsewhere].map((cache) =>
        cache.fetch(key, { ttl: 60, lease }, loader.load),
      );
      await until(() => loader.calls > 0);
      await sleep(20);
      loader.letGo();
      assert.deepEqual(await Promise.all(callers), ['readable', 'readable', 'readable']);
      assert.equal(loader.calls, 1);
      await stored(here, key);
    });
  }

  test("onUnreadable 'error' is a failure of the cache: an event, or a rejection", async () => {
    const here = server.client({ onUnreadable: 'error' });
    const key = name('unreadable');
    const pickle = { encode: () => ({ bytes: Buffer.from('pickled'), flags: 1 }), decode: () => 0 };
    await here.set(key, 0, { codec: pickle });
    const codes: string[] = [];
    here.on('guard', ({ error }) => codes.push(error.code));
    const code = 'ERR_MEMCACHE_DECODE';
    await assert.rejects(here.fetch(key, { onError: 'throw' }, notCalled), { code });
    assert.equal(await here.fetch(key, { ttl: 60 }, () => 'readable'), 'readable');
    assert.deepEqual(codes, [code]);
    assert.equal(await here.fetch(key, {}, notCalled), 'readable');
  });
});

describe('fetch without a cache', () => {
  /** Nobody listens there. */
  const NOWHERE = '127.0.0.1:1';
  const code = 'ERR_MEMCACHE_CONNECT';

  for (const onError of ['throw', 'miss'] as const) {
    test(`a client with onError '${onError}': the loader takes its place, once, with an event`, async () => {
      await using cache = createClient({ servers: NOWHERE, onError });
      const codes: string[] = [];
      cache.on('guard', ({ error }) => codes.push(error.code));
      const loader = new Loader('loaded', true);
      const callers = [1, 2, 3].map(() => cache.fetch('k', { ttl: 60 }, loader.load));
      await until(() => loader.calls > 0);
      await sleep(20);
      loader.letGo();
      assert.deepEqual(await Promise.all(callers), ['loaded', 'loaded', 'loaded']);
      assert.equal(loader.calls, 1);
      assert.deepEqual(codes, [code, code, code]);
      await assert.rejects(cache.fetch('k', {}, fails), failed);
      const many = await cache.fetchMany(
        ['a', 'b'],
        {},
        (keys) => new Map(keys.map((key) => [key, key])),
      );
      assert.deepEqual([...many.keys()], ['a', 'b']);
    });
  }

  test("a call with onError 'throw' rejects, and loads nothing", async () => {
    await using cache = createClient({
      servers: NOWHERE,
      onError: 'miss',
      reconnect: { minMs: 10_000 },
    });
    await assert.rejects(cache.fetch('k', { onError: 'throw' }, notCalled), { code });
    await assert.rejects(
      cache.fetchMany(['a', 'b'], { onError: 'throw' }, notCalled),
      (error: unknown) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([...error.errors.keys()], ['a', 'b']);
        return true;
      },
    );
    await assert.rejects(cache.invalidate('k'), { code: 'ERR_MEMCACHE_UNAVAILABLE' });
  });

  test('a client that is closed rejects', async () => {
    const cache = createClient(NOWHERE);
    await cache.close();
    const closed = { code: 'ERR_MEMCACHE_CLOSED' };
    await assert.rejects(cache.fetch('k', {}, notCalled), closed);
    await assert.rejects(cache.fetchMany(['k'], {}, notCalled), closed);
    await assert.rejects(cache.invalidate('k'), closed);
  });

  test('one of two servers: its keys are loaded, the others come from the cache', async (t) => {
    const server = await startMemcached();
    t.after(() => server.stop());
    await using cache = createClient({ servers: [server.address, NOWHERE], failover: 'error' });
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    const there = keys.filter((key) => cache.serverFor(key) === server.address);
    await cache.setMany(there.map((key) => [key, 'cached'] as const));
    const load = (missing: readonly string[]): Map<string, string> =>
      new Map(missing.map((key) => [key, 'loaded']));
    const values = await cache.fetchMany(keys, {}, load);
    for (const key of keys)
      assert.equal(values.get(key), there.includes(key) ? 'cached' : 'loaded', key);
    await assert.rejects(
      cache.fetchMany(keys, { onError: 'throw' }, notCalled),
      (error: unknown) => {
        assert.ok(error instanceof ManyError);
        assert.deepEqual([...error.values.keys()], there);
        return true;
      },
    );
  });
});

test('what is wrong with a call rejects it before anything is sent', async () => {
  await using cache = createClient('127.0.0.1:1');
  const option = { code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
  await assert.rejects(cache.fetch('k', { staleFor: -1 }, notCalled), option);
  await assert.rejects(cache.fetchMany(['k'], { lock: 0 }, notCalled), option);
  await assert.rejects(cache.fetch('k', undefined as never, notCalled), option);
  await assert.rejects(cache.invalidate('k', { staleFor: 0.5 }), option);
  await assert.rejects(cache.invalidate('k', { ttl: 5 } as never), option);
  const value = {
    code: 'ERR_MEMCACHE_VALUE',
    message: /^the loader of fetch(Many)? must be a function, not undefined/,
  };
  await assert.rejects(cache.fetch('k', {}, undefined as never), value);
  await assert.rejects(cache.fetchMany(['k'], {}, undefined as never), value);
  const key = { code: 'ERR_MEMCACHE_KEY', sent: 'no' };
  await assert.rejects(cache.fetch('', {}, notCalled), key);
  await assert.rejects(cache.fetchMany(['k', 'a b'], {}, notCalled), key);
  await assert.rejects(cache.fetchMany('k', {}, notCalled), key);
  await assert.rejects(cache.invalidate('a b'), key);
  assert.equal(cache.metrics().connects, 0);
});
