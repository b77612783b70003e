import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { SharedPoolOptions } from '../../../src/pool/options.ts';
import { SharedPool } from '../../../src/pool/shared-pool.ts';

interface Item {
  readonly id: number;
  load: number;
}

class Lab {
  readonly pool: SharedPool<Item>;
  readonly destroyed: number[] = [];
  readonly #bus = new EventEmitter();
  made = 0;

  constructor(options: Partial<SharedPoolOptions<Item>> = {}) {
    this.pool = new SharedPool<Item>({
      create: () => ({ id: ++this.made, load: 0 }),
      destroy: ({ id }) => {
        this.destroyed.push(id);
        this.#bus.emit('destroyed');
      },
      load: ({ load }) => load,
      max: 2,
      ...options,
    });
  }

  /** Picks a member and gives it something to do. */
  work(load = 1): Item {
    const item = this.pool.pick();
    item.load += load;
    return item;
  }

  async destruction(): Promise<void> {
    // The timers of a pool keep no process.
    const patience = setTimeout(
      () => this.#bus.emit('error', new Error('nothing destroyed')),
      10_000,
    );
    await once(this.#bus, 'destroyed');
    clearTimeout(patience);
  }
}

test('a free member is picked again; a new one is made while all have something to do', async () => {
  const lab = new Lab();
  const one = lab.pool.pick();
  assert.equal(lab.pool.pick(), one);
  one.load = 5;
  const two = lab.work();
  assert.equal(two.id, 2);
  assert.equal(lab.work(), two);
  two.load = 6;
  assert.equal(lab.work(), one);
  assert.equal(lab.pool.size, 2);
  one.load = two.load = 0;
  await lab.pool.close();
  assert.deepEqual(lab.destroyed, [1, 2]);
});

test('a member past its lifetime is not picked, and destroyed when it has nothing to do', async () => {
  const lab = new Lab({ lifetimeMs: 40, max: 1 });
  const old = lab.work();
  let next = lab.pool.pick();
  const deadline = performance.now() + 10_000;
  while (next === old && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    next = lab.pool.pick();
  }
  assert.equal(next.id, 2);
  next.load = 1;
  assert.deepEqual([lab.destroyed, lab.pool.size], [[], 2]);
  old.load = 0;
  const destruction = lab.destruction();
  await destruction;
  assert.deepEqual([lab.destroyed, lab.pool.size], [[1], 1]);
  next.load = 0;
  await lab.pool.close();
});

test('what has nothing to do for long is destroyed, what has is not', async () => {
  const lab = new Lab({ idleTimeoutMs: 40 });
  const one = lab.work();
  const two = lab.work();
  two.load = 0;
  await lab.destruction();
  assert.deepEqual([lab.destroyed, lab.pool.size], [[2], 1]);
  one.load = 0;
  await lab.destruction();
  assert.deepEqual([lab.destroyed, lab.pool.size], [[2, 1], 0]);
  assert.equal(lab.work(0).id, 3);
  await lab.pool.close();
});

test('a broken member is discarded and replaced', () => {
  const lab = new Lab({ max: 1 });
  const one = lab.work();
  lab.pool.discard(one);
  assert.deepEqual(lab.destroyed, [1]);
  assert.throws(() => lab.pool.discard(one), { code: 'ERR_MEMCACHE_VALUE' });
  assert.equal(lab.work().id, 2);
});

test('a create that fails takes no place', () => {
  let failing = true;
  const lab = new Lab({
    max: 1,
    create: () => {
      if (failing) throw new Error('refused');
      return { id: 1, load: 0 };
    },
  });
  assert.throws(() => lab.pool.pick(), /refused/);
  assert.equal(lab.pool.size, 0);
  failing = false;
  assert.equal(lab.work().id, 1);
});

test('close waits for what the members have to do', async () => {
  const lab = new Lab();
  const one = lab.work();
  const two = lab.work();
  two.load = 0;
  const gone = lab.pool.close();
  assert.deepEqual(lab.destroyed, [2]);
  assert.throws(() => lab.pool.pick(), { code: 'ERR_MEMCACHE_CLOSED' });
  one.load = 0;
  await gone;
  assert.deepEqual([lab.destroyed, lab.pool.size], [[2, 1], 0]);
  await lab.pool.close();
});

test('looking at the members keeps no process', async () => {
  const timeouts = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timeouts();
  const lab = new Lab({ idleTimeoutMs: 60_000 });
  lab.pool.pick();
  assert.equal(timeouts(), before);
  await lab.pool.close();
});

test('options it cannot work with are named', () => {
  for (const [name, value] of [
    ['create', undefined],
    ['load', undefined],
    ['max', 0],
    ['timeoutMs', 5],
  ] as const)
    assert.throws(() => new Lab({ [name]: value }), {
      code: 'ERR_MEMCACHE_OPTION',
      message: new RegExp(`'${name}'`),
    });
});
