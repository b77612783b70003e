import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { backend, overEveryTransport } from './backend.ts';

overEveryTransport((tested) => {
  test('text and bytes are added behind and in front', async () => {
    const { cache } = tested;
    await cache.set('append', 'middle');
    assert.equal(await cache.append('append', ' end'), true);
    assert.equal(await cache.prepend('append', 'begin '), true);
    assert.equal(await cache.append('append', 'é'), true);
    assert.equal(await cache.append('append', new Uint8Array([0x21])), true);
    assert.equal(await cache.append('append', ''), true);
    assert.equal(await cache.get('append'), 'begin middle endé!');
    await cache.set('append:bytes', Buffer.from([1]));
    assert.equal(await cache.prepend('append:bytes', Buffer.from([0])), true);
    assert.equal(await cache.append('append:bytes', new Uint8Array([2, 3]).subarray(0, 1)), true);
    assert.deepEqual(await cache.get('append:bytes'), Buffer.from([0, 1, 2]));
  });

  test('nothing is added to what is not there', async () => {
    const { cache } = tested;
    assert.equal(await cache.append('append:none', 'x'), false);
    assert.equal(await cache.prepend('append:none', 'x'), false);
    assert.equal(await cache.get('append:none'), undefined);
  });

  test('large values are added, too', async () => {
    const { cache } = tested;
    const [one, two] = [randomBytes(100_000), randomBytes(200_000)];
    await cache.set('append:large', one);
    assert.equal(await cache.append('append:large', two), true);
    assert.deepEqual(await cache.get('append:large'), Buffer.concat([one, two]));
  });

  test('what would make an item too large leaves it as it was', async () => {
    const { cache } = tested;
    const most = randomBytes(1_000_000);
    await cache.set('append:full', most);
    assert.equal(await cache.append('append:full', randomBytes(100_000)), false);
    assert.equal(await cache.prepend('append:full', randomBytes(100_000)), false);
    assert.equal(
      await cache.append('append:full', randomBytes(100_000), { noreply: true }),
      undefined,
    );
    assert.deepEqual(await cache.get('append:full'), most);
    await assert.rejects(cache.append('append:full', randomBytes(2 ** 21)), {
      code: 'ERR_MEMCACHE_TOO_LARGE',
      sent: 'no',
    });
    assert.deepEqual(await cache.get('append:full'), most);
  });
});

const server = backend();

test('the item keeps its flags and its ttl', async () => {
  const cache = server.client({ ttl: 1000 });
  await cache.set('append:kept', 'a', { ttl: 500 });
  await cache.append('append:kept', 'b');
  const text = await server.cache.raw('mg append:kept v f t');
  const item = /^VA 2 f16 t(\d+)/.exec(text.toString('latin1'));
  assert.ok(Number(item?.[1]) <= 500, text.toString('latin1'));
});

test('a counter may be appended to', async () => {
  const { cache } = server;
  await cache.set('append:count', 12);
  await cache.append('append:count', '3');
  assert.equal(await cache.incr('append:count'), 124);
});

test('what is neither text nor bytes is refused', async () => {
  const { cache } = server;
  await cache.set('append:odd', 'kept');
  for (const odd of [5, 5n, {}, null, undefined, true, ['a'], '\ud800']) {
    for (const verb of ['append', 'prepend'] as const)
      await assert.rejects(cache[verb]('append:odd', odd as never), {
        code: 'ERR_MEMCACHE_VALUE',
        sent: 'no',
      });
  }
  assert.equal(await cache.get('append:odd'), 'kept');
});

test('where items carry a checksum nothing can be added', async () => {
  const cache = server.client({ checksum: true });
  await cache.set('append:checked', 'kept');
  for (const verb of ['append', 'prepend'] as const)
    await assert.rejects(cache[verb]('append:checked', 'x'), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      sent: 'no',
    });
  assert.equal(await cache.get('append:checked'), 'kept');
});

test('it comes in its turn behind a value that is encoded elsewhere', async () => {
  const cache = server.client({
    codec: { module: new URL('codec-module.js', import.meta.url).href },
    offload: 'always',
  });
  const answers = await Promise.all([
    cache.set('append:turn', Buffer.from('first')),
    cache.append('append:turn', 'second'),
    cache.get('append:turn'),
  ]);
  assert.deepEqual(answers.slice(0, 2), [true, true]);
});

test('a key of bytes is appended to', async () => {
  const { cache } = server;
  const key = Buffer.from('append \0');
  await cache.set(key, 'a');
  assert.equal(await cache.append(key, 'b'), true);
  assert.equal(await cache.prepend(key, '<'), true);
  assert.equal(await cache.append(Buffer.from('append \0none'), 'b'), false);
  assert.equal(await cache.get(key), '<ab');
});
