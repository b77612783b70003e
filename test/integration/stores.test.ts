import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  test('set answers true and replaces', async () => {
    const { cache } = backend;
    assert.equal(await cache.set('set', 'first'), true);
    assert.equal(await cache.set('set', 'second'), true);
    assert.equal(await cache.get('set'), 'second');
  });

  test('setMany takes pairs, a Map or a plain object', async () => {
    const { cache } = backend;
    assert.equal(await cache.setMany([['setMany:pair', 1]]), true);
    assert.equal(await cache.setMany(new Map([[Buffer.from('setMany:map'), 2]])), true);
    assert.equal(await cache.setMany({ 'setMany:object': 3 }), true);
    assert.equal(await cache.setMany({}), true);
    assert.deepEqual(await cache.getValues(['setMany:pair', 'setMany:map', 'setMany:object']), [
      ...[1, 2, 3],
    ]);
    for (const odd of ['text', 7, null, undefined, ['key'], [['a', 1, 2]]]) {
      await assert.rejects(cache.setMany(odd as never), {
        code: 'ERR_MEMCACHE_VALUE',
        sent: 'no',
      });
    }
  });

  test('setMany tells which values were not stored, and stores the others', async () => {
    const { cache } = backend;
    const outcome = cache.setMany({ 'setMany:good': 1, 'setMany:bad': undefined });
    await assert.rejects(outcome, (error: { code: string; values: Map<string, unknown> }) => {
      assert.equal(error.code, 'ERR_MEMCACHE_MANY');
      assert.deepEqual([...error.values.keys()], ['setMany:good']);
      const { errors } = error as unknown as { errors: Map<string, { code: string }> };
      assert.deepEqual([...errors.keys()], ['setMany:bad']);
      assert.equal(errors.get('setMany:bad')?.code, 'ERR_MEMCACHE_ENCODE');
      return true;
    });
    assert.equal(await cache.get('setMany:good'), 1);
  });

  test('of several values for one key, setMany leaves the last', async () => {
    const { cache } = backend;
    const pairs = Array.from({ length: 20 }, (_, i) => ['setMany:twice', i] as const);
    await cache.setMany(pairs);
    assert.equal(await cache.get('setMany:twice'), 19);
  });

  test('add stores only what is missing, replace only what is there', async () => {
    const { cache } = backend;
    assert.equal(await cache.replace('add', 0), false);
    assert.equal(await cache.add('add', 1), true);
    assert.equal(await cache.add('add', 2), false);
    assert.equal(await cache.get('add'), 1);
    assert.equal(await cache.replace('add', 3), true);
    assert.equal(await cache.get('add'), 3);
  });

  test('of many concurrent adds one is told true', async () => {
    const { cache } = backend;
    const other = backend.client();
    const told = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? cache : other).add('add:race', i)),
    );
    assert.equal(told.filter(Boolean).length, 1);
    assert.equal(await cache.get('add:race'), told.indexOf(true));
  });

  test('cas answers stored, exists and missing', async () => {
    const { cache } = backend;
    await cache.set('cas', 'a');
    const token = (await cache.gets('cas'))?.cas ?? '';
    assert.equal(await cache.cas('cas', 'b', token), 'stored');
    assert.equal(await cache.cas('cas', 'c', token), 'exists');
    assert.equal(await cache.get('cas'), 'b');
    assert.equal(await cache.cas('cas:none', 'd', token), 'missing');
    assert.equal(await cache.get('cas:none'), undefined);
  });

  test('cas takes no token but those of gets', async () => {
    const { cache } = backend;
    for (const token of ['', ' 1', '-1', '1.5', 'one', '1'.repeat(21), '1\r\nflush_all', 1, null]) {
      await assert.rejects(cache.cas('cas', 1, token as string), {
        name: 'IllegalInputError',
        code: 'ERR_MEMCACHE_VALUE',
        sent: 'no',
      });
    }
  });

  test('delete tells whether there was something', async () => {
    const { cache } = backend;
    await cache.set('delete', 1);
    assert.equal(await cache.delete('delete'), true);
    assert.equal(await cache.delete('delete'), false);
    assert.equal(await cache.get('delete'), undefined);
  });

  test('deleteMany tells for each key whether there was something', async () => {
    const { cache } = backend;
    await cache.setMany({ 'deleteMany:a': 1, 'deleteMany:b': 2 });
    const keys = ['deleteMany:a', 'deleteMany:none', 'deleteMany:b'];
    assert.deepEqual(
      await cache.deleteMany(keys),
      new Map([
        ['deleteMany:a', true],
        ['deleteMany:none', false],
        ['deleteMany:b', true],
      ]),
    );
    assert.deepEqual(await cache.deleteMany([]), new Map());
    assert.deepEqual(await cache.getMany(keys), new Map());
    await assert.rejects(cache.deleteMany('deleteMany:a'), { code: 'ERR_MEMCACHE_KEY' });
  });

  test('deleteMany answers a key that is named twice once, as what was there', async () => {
    const { cache } = backend;
    await cache.set('deleteMany:twice', 1);
    assert.deepEqual(
      await cache.deleteMany(['deleteMany:twice', 'deleteMany:twice']),
      new Map([['deleteMany:twice', true]]),
    );
  });

  test('touch tells whether there was something', async () => {
    const { cache } = backend;
    await cache.set('touch', 1);
    assert.equal(await cache.touch('touch', 100), true);
    assert.equal(await cache.touch('touch', -1), true);
    assert.equal(await cache.get('touch'), undefined);
    assert.equal(await cache.touch('touch:none', 100), false);
  });
});
