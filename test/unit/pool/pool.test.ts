import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { IllegalInputError, MemcacheConnectionError, TimeoutError } from '../../../src/errors.ts';
import { Pool } from '../../../src/pool/pool.ts';
import { spread } from '../../../src/pool/members.ts';
import type { PoolOptions } from '../../../src/pool/options.ts';

interface Item {
  readonly id: number;
}

/** Items numbered from 1, what became of them, and a pool of them. */
class Lab {
  readonly pool: Pool<Item>;
  readonly destroyed: number[] = [];
  readonly #bus = new EventEmitter();
  made = 0;

  constructor(options: Partial<PoolOptions<Item>> = {}) {
    this.pool = new Pool<Item>({
      create: () => this.item(),
      destroy: (item) => this.destroy(item),
      max: 2,
      ...options,
    });
  }

  item(): Item {
    return { id: ++this.made };
  }

  destroy({ id }: Item): void {
    this.destroyed.push(id);
    this.#bus.emit('destroyed');
  }

  /** Resolves with the next destruction. */
  async destruction(): Promise<void> {
    // The timers of a pool keep no process.
    const patience = setTimeout(
      () => this.#bus.emit('error', new Error('nothing destroyed')),
      10_000,
    );
    await once(this.#bus, 'destroyed');
    clearTimeout(patience);
  }

  get counts(): number[] {
    return [this.pool.size, this.pool.idle, this.pool.waiting];
  }
}

/** Items whose making ends when the test says so. */
class SlowLab extends Lab {
  readonly making: { made: (item: Item) => void; failed: (error: unknown) => void }[];

  constructor(options: Partial<PoolOptions<Item>> = {}) {
    const making: SlowLab['making'] = [];
    const create = (): Promise<Item> =>
      new Promise((made, failed) => {
        making.push({ made, failed });
      });
    super({ create, ...options });
    this.making = making;
  }
}

const OPTION = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_OPTION' };

describe('borrowing', () => {
  test('makes a member when none is idle, and lends the one given back last', async () => {
    const { pool, destroyed } = new Lab({ max: 3 });
    const [one, two] = [await pool.borrow(), await pool.borrow()];
    assert.deepEqual([one.id, two.id, pool.size, pool.idle], [1, 2, 2, 0]);
    pool.giveBack(two);
    pool.giveBack(one);
    assert.equal(pool.idle, 2);
    assert.equal(await pool.borrow(), one);
    assert.equal(await pool.borrow(), two);
    assert.equal((await pool.borrow()).id, 3);
    assert.deepEqual(destroyed, []);
  });

  test('waits in the order of the calls when there are enough members', async () => {
    const lab = new Lab({ max: 1 });
    const first = await lab.pool.borrow();
    const order: string[] = [];
    const waits = ['a', 'b', 'c'].map(async (name) => {
      const item = await lab.pool.borrow();
      order.push(name);
      lab.pool.giveBack(item);
    });
    assert.deepEqual(lab.counts, [1, 0, 3]);
    lab.pool.giveBack(first);
    await Promise.all(waits);
    assert.deepEqual(order, ['a', 'b', 'c']);
    assert.deepEqual([lab.made, ...lab.counts], [1, 1, 1, 0]);
  });

  test('one who comes later does not overtake those who wait', async () => {
    const lab = new Lab({ max: 1 });
    const first = await lab.pool.borrow();
    const second = lab.pool.borrow();
    lab.pool.giveBack(first);
    const third = lab.pool.borrow();
    assert.equal(await second, first);
    assert.deepEqual(lab.counts, [1, 0, 1]);
    lab.pool.discard(first);
    assert.equal((await third).id, 2);
  });

  test('refuses at once when too many wait', async () => {
    const { pool } = new Lab({ max: 1, maxWaiting: 1 });
    const item = await pool.borrow();
    const waits = pool.borrow();
    await assert.rejects(pool.borrow(), {
      name: 'MemcacheConnectionError',
      code: 'ERR_MEMCACHE_OVERLOADED',
      retryable: true,
      sent: 'no',
    });
    pool.giveBack(item);
    assert.equal(await waits, item);
  });

  test('who waits for a member in the making is not one of the too many', async () => {
    const lab = new SlowLab({ maxWaiting: 0 });
    const waits = [lab.pool.borrow(), lab.pool.borrow()];
    await assert.rejects(lab.pool.borrow(), { code: 'ERR_MEMCACHE_OVERLOADED' });
    for (const { made } of lab.making) made(lab.item());
    assert.deepEqual(
      (await Promise.all(waits)).map(({ id }) => id),
      [1, 2],
    );
  });

  test('gives up at the deadline, which only concerns those who wait', async () => {
    const lab = new Lab({ max: 1, timeoutMs: 20 });
    const item = await lab.pool.borrow({ timeoutMs: 1 });
    const patient = lab.pool.borrow({ timeoutMs: 60_000 });
    await assert.rejects(lab.pool.borrow(), (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.code, 'ERR_MEMCACHE_TIMEOUT');
      return true;
    });
    assert.deepEqual(lab.counts, [1, 0, 1]);
    lab.pool.giveBack(item);
    assert.equal(await patient, item);
  });

  test('a deadline covers the making; what is made too late serves the next', async () => {
    const lab = new SlowLab({ max: 1 });
    const late = lab.pool.borrow({ timeoutMs: 1 });
    const next = lab.pool.borrow({ timeoutMs: 60_000 });
    await assert.rejects(late, { code: 'ERR_MEMCACHE_TIMEOUT' });
    lab.making[0]?.made(lab.item());
    assert.equal((await next).id, 1);
    assert.equal(lab.making.length, 1);
  });

  test('what is made for nobody any more is idle', async () => {
    const lab = new SlowLab();
    const controller = new AbortController();
    const wait = lab.pool.borrow({ signal: controller.signal });
    controller.abort();
    await assert.rejects(wait, { code: 'ERR_MEMCACHE_ABORTED' });
    assert.deepEqual(lab.counts, [1, 0, 0]);
    lab.making[0]?.made(lab.item());
    await turn();
    assert.deepEqual(lab.counts, [1, 1, 0]);
  });

  test('a signal ends the wait with its reason, before and during it', async () => {
    const { pool } = new Lab({ max: 1 });
    const item = await pool.borrow();
    const controller = new AbortController();
    const reason = new Error('enough');
    const waits = Array.from({ length: 20 }, () => pool.borrow({ signal: controller.signal }));
    controller.abort(reason);
    for (const wait of waits)
      await assert.rejects(wait, { code: 'ERR_MEMCACHE_ABORTED', cause: reason });
    pool.giveBack(item);
    await assert.rejects(pool.borrow({ signal: controller.signal }), { cause: reason });
    assert.equal(pool.idle, 1);
  });

  test('names what it cannot work with', async () => {
    const { pool } = new Lab();
    for (const timeoutMs of [0, -1, 1.5, Infinity, '5' as never])
      await assert.rejects(pool.borrow({ timeoutMs }), { ...OPTION, message: /'timeoutMs'/ });
    await assert.rejects(pool.borrow({ signal: {} as never }), { ...OPTION, message: /'signal'/ });
  });
});

describe('making', () => {
  test('a failure reaches the borrower and frees the place', async () => {
    let made = 0;
    const lab = new Lab({
      max: 1,
      create: () => {
        if (++made < 3) throw new Error(`failure ${made}`);
        return { id: made };
      },
    });
    await assert.rejects(lab.pool.borrow(), /failure 1/);
    assert.deepEqual(lab.counts, [0, 0, 0]);
    await assert.rejects(lab.pool.borrow(), /failure 2/);
    assert.equal((await lab.pool.borrow()).id, 3);
  });

  test('failures at the same time leave no place taken, and never make more than max', async () => {
    const lab = new SlowLab({ max: 2 });
    const waits = Array.from({ length: 10 }, () => lab.pool.borrow());
    const settled = Promise.allSettled(waits);
    for (let i = 0; i < 10; i++) {
      assert.equal(lab.pool.size, Math.min(2, 10 - i));
      lab.making[i]?.failed(new Error('refused'));
      await turn();
    }
    assert.ok((await settled).every(({ status }) => status === 'rejected'));
    assert.deepEqual([lab.making.length, ...lab.counts], [10, 0, 0, 0]);
    const more = [lab.pool.borrow(), lab.pool.borrow(), lab.pool.borrow()];
    assert.deepEqual([lab.making.length, lab.pool.size], [12, 2]);
    lab.making[10]?.made(lab.item());
    lab.making[11]?.made(lab.item());
    const [one] = await Promise.all(more.slice(0, 2));
    assert.ok(one !== undefined);
    lab.pool.giveBack(one);
    assert.equal(await more[2], one);
  });

  test('thousands who wait for a maker that fails at once are told without a deep stack', async () => {
    const lab = new Lab({ max: 1 });
    let failing = false;
    const pool = new Pool<Item>({
      create: () => {
        if (failing) throw new Error('refused');
        return lab.item();
      },
      destroy: () => {},
      max: 1,
    });
    const item = await pool.borrow();
    const waits = Promise.allSettled(Array.from({ length: 10_000 }, () => pool.borrow()));
    failing = true;
    pool.discard(item);
    assert.ok((await waits).every(({ status }) => status === 'rejected'));
    assert.deepEqual([pool.size, pool.waiting], [0, 0]);
  });

  test('a failure nobody waits for is nobody’s', async () => {
    const lab = new SlowLab({ max: 2 });
    const first = lab.pool.borrow();
    lab.making[0]?.made(lab.item());
    const item = await first;
    const second = lab.pool.borrow();
    lab.pool.giveBack(item);
    assert.equal(await second, item);
    lab.making[1]?.failed(new Error('refused'));
    await turn();
    assert.deepEqual(lab.counts, [1, 0, 0]);
  });

  test('what cannot be told from a member is refused', async () => {
    const same = { id: 0 };
    const { pool } = new Lab({ create: () => same });
    await pool.borrow();
    await assert.rejects(pool.borrow(), { code: 'ERR_MEMCACHE_VALUE', message: /already/ });
    assert.equal(pool.size, 1);
    const texts = new Pool<string>({ create: () => 'text', destroy: () => {} });
    await assert.rejects(texts.borrow(), { code: 'ERR_MEMCACHE_VALUE', message: /a string/ });
    assert.equal(texts.size, 0);
  });
});

describe('giving back', () => {
  test('only what is borrowed, and once', async () => {
    const { pool } = new Lab();
    const item = await pool.borrow();
    pool.giveBack(item);
    for (const wrong of [item, { id: 1 }]) {
      assert.throws(() => pool.giveBack(wrong), { code: 'ERR_MEMCACHE_VALUE' });
      assert.throws(() => pool.discard(wrong), IllegalInputError);
    }
    assert.deepEqual([pool.size, pool.idle], [1, 1]);
  });

  test('a discarded member is destroyed and its place used by who waits', async () => {
    const lab = new Lab({ max: 1 });
    const item = await lab.pool.borrow();
    const wait = lab.pool.borrow();
    lab.pool.discard(item);
    assert.equal((await wait).id, 2);
    assert.deepEqual([lab.destroyed, lab.pool.size], [[1], 1]);
    assert.throws(() => lab.pool.giveBack(item), { code: 'ERR_MEMCACHE_VALUE' });
  });

  test('use gives back after success and discards after failure', async () => {
    const { pool, destroyed } = new Lab();
    assert.equal(await pool.use(({ id }) => Promise.resolve(id * 10)), 10);
    assert.equal(pool.idle, 1);
    const failure = new Error('half done');
    await assert.rejects(
      pool.use(() => {
        throw failure;
      }),
      failure,
    );
    assert.deepEqual([destroyed, pool.size], [[1], 0]);
  });

  test('use keeps a member that an illegal input never touched, and one that the task let go', async () => {
    const { pool, destroyed } = new Lab();
    const illegal = new IllegalInputError('ERR_MEMCACHE_KEY', 'key must not be empty');
    await assert.rejects(
      pool.use(() => Promise.reject(illegal)),
      illegal,
    );
    assert.deepEqual([destroyed, pool.idle], [[], 1]);
    await pool.use((item) => pool.discard(item));
    assert.deepEqual([destroyed, pool.size], [[1], 0]);
  });

  test('use passes on how to wait', async () => {
    const { pool } = new Lab({ max: 1 });
    await pool.borrow();
    await assert.rejects(
      pool.use(() => 1, { timeoutMs: 1 }),
      { code: 'ERR_MEMCACHE_TIMEOUT' },
    );
  });

  test('destroy may throw or reject: the place is free all the same', async () => {
    for (const destroy of [
      () => {
        throw new Error('no');
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const { pool } = new Lab({ destroy, max: 1 });
      pool.discard(await pool.borrow());
      assert.equal(pool.size, 0);
      await pool.close();
    }
  });
});

describe('validity', () => {
  test('a member that is not valid any more is destroyed instead of lent', async () => {
    const broken = new Set<number>();
    const lab = new Lab({ validate: ({ id }) => !broken.has(id), max: 3 });
    const items = [await lab.pool.borrow(), await lab.pool.borrow(), await lab.pool.borrow()];
    for (const item of items) lab.pool.giveBack(item);
    broken.add(3).add(2);
    assert.equal((await lab.pool.borrow()).id, 1);
    assert.deepEqual([lab.destroyed, lab.pool.size], [[3, 2], 1]);
  });

  test('nor is it handed to one who waits when it is given back', async () => {
    let valid = true;
    const lab = new Lab({ validate: () => valid, max: 1 });
    const item = await lab.pool.borrow();
    const wait = lab.pool.borrow();
    valid = false;
    lab.pool.giveBack(item);
    assert.equal((await wait).id, 2);
    assert.deepEqual(lab.destroyed, [1]);
  });

  test('a validate that throws says no', async () => {
    const lab = new Lab({
      validate: () => {
        throw new Error('no idea');
      },
    });
    lab.pool.giveBack(await lab.pool.borrow());
    assert.deepEqual([lab.destroyed, lab.pool.size], [[1], 0]);
  });
});

describe('time', () => {
  test('what idles too long is destroyed, the longest idle first; what is borrowed is not', async () => {
    const lab = new Lab({ idleTimeoutMs: 20, max: 3 });
    const items = [await lab.pool.borrow(), await lab.pool.borrow(), await lab.pool.borrow()];
    lab.pool.giveBack(items[1]);
    await sleep(10);
    lab.pool.giveBack(items[0]);
    while (lab.destroyed.length < 2) await lab.destruction();
    assert.deepEqual([lab.destroyed, ...lab.counts], [[2, 1], 1, 0, 0]);
    lab.pool.giveBack(items[2]);
    await lab.destruction();
    assert.deepEqual(lab.destroyed, [2, 1, 3]);
  });

  test('a member past its lifetime is destroyed when it is given back, and when it idles', async () => {
    const lab = new Lab({ lifetimeMs: 30, max: 1 });
    const first = await lab.pool.borrow();
    const wait = lab.pool.borrow();
    const old = performance.now() + 34;
    while (performance.now() < old) await turn();
    lab.pool.giveBack(first);
    const second = await wait;
    assert.deepEqual([second.id, lab.destroyed], [2, [1]]);
    lab.pool.giveBack(second);
    await lab.destruction();
    assert.deepEqual([lab.destroyed, ...lab.counts], [[1, 2], 0, 0, 0]);
  });

  test('a blocked event loop lends nothing that is due', async () => {
    const lab = new Lab({ idleTimeoutMs: 20 });
    lab.pool.giveBack(await lab.pool.borrow());
    const end = performance.now() + 25;
    while (performance.now() < end);
    assert.equal((await lab.pool.borrow()).id, 2);
    assert.deepEqual(lab.destroyed, [1]);
  });

  test('lifetimes are spread by a tenth, both ways', () => {
    assert.deepEqual([spread(1000, 0), spread(1000, 0.5), spread(1000, 1)], [900, 1000, 1100]);
  });

  test('nothing idle keeps the process, nor does an idle pool have a timer when nothing is due', async () => {
    const timeouts = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timeouts();
    const { pool } = new Lab({ idleTimeoutMs: 60_000, lifetimeMs: 60_000 });
    pool.giveBack(await pool.borrow());
    assert.equal(timeouts(), before);
    await pool.close();
  });
});

describe('closing', () => {
  test('idle members go at once, borrowed ones when given back, and those who wait are told', async () => {
    const lab = new Lab();
    const [one, two] = [await lab.pool.borrow(), await lab.pool.borrow()];
    const wait = lab.pool.borrow();
    lab.pool.giveBack(one);
    assert.equal(await wait, one);
    const waits = [lab.pool.borrow(), lab.pool.borrow()];
    const gone = lab.pool.close();
    for (const each of [...waits, lab.pool.borrow()])
      await assert.rejects(each, (error) => {
        assert.ok(error instanceof MemcacheConnectionError);
        assert.equal(error.code, 'ERR_MEMCACHE_CLOSED');
        return true;
      });
    assert.deepEqual(lab.destroyed, []);
    lab.pool.giveBack(one);
    lab.pool.discard(two);
    await gone;
    assert.deepEqual([lab.destroyed, ...lab.counts], [[1, 2], 0, 0, 0]);
    await lab.pool.close();
  });

  test('it is over when the last destroy is, and what is made meanwhile is destroyed', async () => {
    const events: string[] = [];
    const lab = new SlowLab({
      destroy: async () => {
        await turn();
        events.push('destroyed');
      },
    });
    const wait = lab.pool.borrow();
    const closed = lab.pool.close().then(() => events.push('closed'));
    await assert.rejects(wait, { code: 'ERR_MEMCACHE_CLOSED' });
    lab.making[0]?.made(lab.item());
    await closed;
    assert.deepEqual(events, ['destroyed', 'closed']);
  });

  test('a making that fails ends it too', async () => {
    const lab = new SlowLab();
    const wait = lab.pool.borrow();
    const gone = lab.pool.close();
    await assert.rejects(wait, { code: 'ERR_MEMCACHE_CLOSED' });
    lab.making[0]?.failed(new Error('refused'));
    await gone;
  });

  test('await using closes', async () => {
    const destroyed: number[] = [];
    {
      await using pool = new Pool({
        create: () => [1],
        destroy: ([id]) => void destroyed.push(id),
      });
      pool.giveBack(await pool.borrow());
    }
    assert.deepEqual(destroyed, [1]);
  });
});

test('options it cannot work with are named, with the kind of what was given', () => {
  const make = (options: object): Lab => new Lab(options);
  const wrong: [string, unknown[]][] = [
    ['create', [undefined, 1]],
    ['destroy', [undefined, 'close']],
    ['max', [0, -1, 1.5, NaN, '2', null]],
    ['maxWaiting', [-1, 0.5, '2']],
    ['timeoutMs', [0, Infinity, 2_000_000_000, '5']],
    ['idleTimeoutMs', [-1, Infinity, true]],
    ['lifetimeMs', [-1, NaN]],
    ['validate', [true]],
  ];
  for (const [name, values] of wrong)
    for (const value of values)
      assert.throws(() => make({ [name]: value }), { ...OPTION, message: new RegExp(`'${name}'`) });
  assert.throws(() => make({ max: 'seven' }), { message: /got a string$/ });
  assert.throws(() => make({ maximum: 1 }), { ...OPTION, message: /unknown option 'maximum'/ });
  for (const none of [undefined, null, 7]) assert.throws(() => new Pool(none as never), OPTION);
  make({ max: Infinity, maxWaiting: 0, idleTimeoutMs: undefined, lifetimeMs: 0 });
});
