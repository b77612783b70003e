import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SharedPool } from '../../../src/pool/shared-pool.ts';

interface Item {
  load: number;
}

test('a pool that shrinks lets go of those with least to do, once they have nothing to do', async () => {
  const gone: Item[] = [];
  const pool = new SharedPool<Item>({
    max: 1,
    create: () => ({ load: 0 }),
    destroy: (item) => void gone.push(item),
    load: ({ load }) => load,
  });
  const first = pool.pick();
  first.load = 5;
  assert.equal(pool.pick(), first);
  pool.resize(3);
  const second = pool.pick();
  second.load = 2;
  const third = pool.pick();
  third.load = 3;
  assert.deepEqual([pool.size, new Set([first, second, third]).size], [3, 3]);
  pool.resize(1);
  assert.equal(pool.pick(), first);
  await sleep(60);
  assert.deepEqual([gone, pool.size], [[], 3]);
  second.load = 0;
  third.load = 0;
  for (let i = 0; i < 200 && gone.length < 2; i++) await sleep(5);
  assert.deepEqual(new Set(gone), new Set([second, third]));
  assert.equal(pool.pick(), first);
  first.load = 0;
  await pool.close();
  assert.equal(pool.size, 0);
});
