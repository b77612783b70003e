import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient, Key, MemcacheError } from '../../src/index.ts';
import { until } from '../support/fault-lab.ts';
import type { Backend } from './backend.ts';

let names = 0;
export const name = (what: string): string => `${what}:${names++}`;

/** A loader that counts, and answers when it is told to. */
export class Loader {
  calls = 0;
  readonly #waiting: (() => void)[] = [];
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

export const fails = (): never => {
  throw new Error('no');
};
export const notCalled = (): never => {
  throw new Error('the loader was not to be called');
};

/** Longer than a caller waits between two looks, and than commands take. */
const A_WHILE_MS = 400;

export const failed = { message: 'no' };

export interface Two {
  readonly here: FleetClient;
  readonly elsewhere: FleetClient;
}

export const two = (server: Backend): Two => ({
  here: server.client(),
  elsewhere: server.client(),
});

export async function eventually(happened: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await happened())) {
    assert.ok(performance.now() < deadline, `did not happen: ${String(happened)}`);
    await sleep(2);
  }
}

/** What was loaded is answered a moment before it is stored. */
export const stored = (cache: FleetClient, key: string): Promise<void> =>
  eventually(async () => (await cache.get(key)) !== undefined);

/** What holds wherever leases come from. */
export function everywhere(server: Backend): void {
  loading(server);
  sharing(server);
  ofMany(server);
}

function loading(server: Backend): void {
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
}

function sharing(server: Backend): void {
  test('a client that closes when it has its answer has stored it', async () => {
    const cache = server.client();
    const key = name('closing');
    assert.equal(await cache.fetch(key, { ttl: 60 }, () => 'loaded'), 'loaded');
    await cache.close();
    assert.equal(await server.cache.get(key), 'loaded');
    const began = performance.now();
    await server.cache.invalidate(key);
    assert.equal(await server.cache.fetch(key, {}, () => 'anew'), 'anew');
    assert.ok(performance.now() - began < 5000, 'no lock was left behind');
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
}

function ofMany(server: Backend): void {
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
}
