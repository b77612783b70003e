import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadBatch } from '../../../src/client/load-batch.ts';
import type { Key } from '../../../src/client/read.ts';

test('what is asked for in one moment is loaded by one call, in order', async () => {
  const calls: (readonly Key[])[] = [];
  const batch = new LoadBatch(async (keys) => {
    calls.push(keys);
    return new Map(keys.map((key) => [key, `${String(key)}!`]));
  });
  const bytes = Buffer.from('b');
  const later = Promise.resolve().then(() => batch.load('c'));
  assert.deepEqual(await Promise.all([batch.load('a'), batch.load(bytes), later]), [
    'a!',
    'b!',
    'c!',
  ]);
  assert.deepEqual(calls, [['a', bytes, 'c']]);
  assert.equal(await batch.load('d'), 'd!');
  assert.equal(calls.length, 2);
});

test('while somebody looks for more, nothing is loaded', async () => {
  const calls: (readonly Key[])[] = [];
  const batch = new LoadBatch((keys) => {
    calls.push(keys);
    return new Map(keys.map((key) => [key, 1]));
  });
  let seen = (_error?: Error): void => {};
  const look = new Promise<void>((resolve, reject) => {
    seen = (error) => (error === undefined ? resolve() : reject(error));
  });
  const first = batch.load('a');
  const second = batch.looking(look).then(() => batch.load('b'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(calls, []);
  seen();
  await Promise.all([first, second]);
  assert.deepEqual(calls, [['a', 'b']]);
  const third = batch.load('c');
  await assert.rejects(batch.looking(Promise.reject(new Error('no'))));
  await third;
  assert.deepEqual(calls[1], ['c']);
});

test('a plain object will do; what is not in it is undefined', async () => {
  const batch = new LoadBatch(() => ({ a: 1, b: undefined }));
  const keys = ['a', 'b', 'c', 'toString', '__proto__', Buffer.from('a')];
  const loaded = await Promise.all(keys.map((key) => batch.load(key)));
  assert.deepEqual(loaded, [1, undefined, undefined, undefined, undefined, undefined]);
});

test('what it throws, or answers instead, fails all of the call and no other', async () => {
  let answer: () => unknown = () => {
    throw new Error('no');
  };
  const batch = new LoadBatch((() => answer()) as never);
  const failed = await Promise.allSettled([batch.load('a'), batch.load('b')]);
  assert.deepEqual(
    failed.map((each) => each.status),
    ['rejected', 'rejected'],
  );
  for (const wrong of [undefined, null, 7, 'a', [['a', 1]], new Set(['a'])]) {
    answer = () => wrong;
    await assert.rejects(batch.load('a'), {
      code: 'ERR_MEMCACHE_VALUE',
      message: /^the loader of fetchMany must answer a Map or a plain object, not /,
    });
  }
  answer = () => ({ a: 1 });
  assert.equal(await batch.load('a'), 1);
});
