import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shared } from '../../../src/stampede/shared.ts';

test('work on one key is shared while it runs, and done anew after that', async () => {
  const shared = new Shared<number>();
  let runs = 0;
  const run = async (): Promise<number> => ++runs;
  assert.deepEqual(await Promise.all([shared.join('a', run), shared.join('a', run)]), [1, 1]);
  assert.equal(await shared.join('b', run), 2);
  assert.equal(await shared.join('a', run), 3);
  await Promise.resolve();
  assert.equal(shared.size, 0);
});

test('a failure is shared, and forgotten', async () => {
  const shared = new Shared<number>();
  const fail = (): Promise<number> => Promise.reject(new Error('no'));
  const all = await Promise.allSettled([shared.join('a', fail), shared.join('a', fail)]);
  assert.deepEqual(
    all.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(shared.size, 0);
  assert.equal(await shared.join('a', async () => 1), 1);
});
