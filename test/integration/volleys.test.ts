import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  test('2000 gets of one moment leave in few volleys and fewer writes', async () => {
    const cache = backend.client();
    const keys = Array.from({ length: 2000 }, (_, i) => `moment:${i}`);
    await cache.setMany(keys.map((key, i) => [key, i] as const));
    const before = cache.metrics();
    const values = await Promise.all(keys.map((key) => cache.get(key)));
    const after = cache.metrics();
    assert.deepEqual(
      values,
      keys.map((_, i) => i),
    );
    assert.equal(after.volleys - before.volleys, 20);
    assert.equal(after.volleyKeys - before.volleyKeys, 2000);
    assert.ok(after.flushes - before.flushes <= 5, `${after.flushes - before.flushes} writes`);
    assert.equal(after.keysPerVolley, 100);
    assert.equal(after.sharedKeys, 0);
  });

  test('gets of one moment leave together from wherever they were called', async () => {
    const cache = backend.client();
    await cache.connect();
    const before = cache.metrics().volleys;
    const late = async (key: string): Promise<unknown> => {
      await Promise.resolve();
      return await cache.get(key);
    };
    await Promise.all([
      cache.get('together:a'),
      late('together:b'),
      cache.getMany(['together:c', 'together:d']),
      cache.getValues(['together:e']),
    ]);
    assert.equal(cache.metrics().volleys - before, 1);
    assert.equal(cache.metrics().volleyKeys, 5);
  });

  test('a lone get is a volley of one', async () => {
    const cache = backend.client();
    await cache.set('lone', 1);
    const before = cache.metrics();
    assert.equal(await cache.get('lone'), 1);
    const after = cache.metrics();
    assert.equal(after.volleys - before.volleys, 1);
    assert.equal(after.volleyKeys - before.volleyKeys, 1);
    assert.equal(after.flushes - before.flushes, 1);
  });

  test('one key asked for by many is sent once, and each gets a value of its own', async () => {
    const cache = backend.client();
    const stored = { list: [1, 2], bytes: Buffer.from('abc') };
    await cache.setMany({ 'shared:object': stored, 'shared:bytes': Buffer.from('abc') });
    const before = cache.metrics();
    const reads = Array.from({ length: 50 }, () => cache.get<typeof stored>('shared:object'));
    const raws = Array.from({ length: 50 }, () => cache.get<Buffer>('shared:bytes'));
    const [objects, buffers] = await Promise.all([Promise.all(reads), Promise.all(raws)]);
    const after = cache.metrics();
    assert.equal(after.volleyKeys - before.volleyKeys, 2);
    assert.equal(after.sharedKeys - before.sharedKeys, 98);
    assert.equal(after.hits - before.hits, 100);
    objects[0]?.list.push(3);
    objects[0]?.bytes.fill(0);
    buffers[0]?.fill(0);
    for (const object of objects.slice(1)) assert.deepEqual(object, stored);
    for (const bytes of buffers.slice(1)) assert.deepEqual(bytes, Buffer.from('abc'));
  });

  test('callers share a key across verbs that send the same request', async () => {
    const cache = backend.client();
    await cache.set('verbs', 1);
    const before = cache.metrics();
    const answers = await Promise.all([
      cache.get('verbs'),
      cache.getMany(['verbs', 'verbs:none']),
      cache.getValues(['verbs', 'verbs']),
      cache.gets('verbs'),
      cache.getsMany(['verbs']),
    ]);
    assert.deepEqual(answers.slice(0, 3), [1, new Map([['verbs', 1]]), [1, 1]]);
    assert.equal(answers[3]?.value, 1);
    const after = cache.metrics();
    assert.equal(after.volleys - before.volleys, 2, 'one of get, one of gets');
    assert.equal(after.volleyKeys - before.volleyKeys, 3);
    assert.equal(after.sharedKeys - before.sharedKeys, 4);
  });

  test('volleys are no larger than the options say', async () => {
    const cache = backend.client({ volleyKeys: 7, volleyBytes: 256 });
    const keys = Array.from({ length: 70 }, (_, i) => `size:${i}`);
    await cache.getMany(keys);
    assert.equal(cache.metrics().volleys, 10);
    const long = Array.from({ length: 10 }, (_, i) => `${i}${'x'.repeat(120)}`);
    await cache.getMany(long);
    assert.equal(cache.metrics().volleys, 15);
  });
});
