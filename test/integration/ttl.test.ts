import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ttl } from '../../src/index.ts';
import { backend } from './backend.ts';

const server = backend();
/** The server's clock ticks once a second, and an item may live until the tick after its time. */
const EXPIRED_MS = 3200;

test('items live as long as they were given, by every verb that gives it', async () => {
  const { cache } = server;
  const inherits = server.client({ ttl: 1 });
  const soon = new Date(Date.now() + 1000);
  await cache.set('ttl:seconds', 1, { ttl: 1 });
  await cache.set('ttl:date', 1, { ttl: soon });
  await cache.add('ttl:add', 1, { ttl: 1 });
  await cache.setMany({ 'ttl:many': 1 }, { ttl: 1 });
  await inherits.set('ttl:inherited', 1);
  await inherits.incr('ttl:initial', 1, { initial: 1 });
  await cache.incr('ttl:counter', 1, { initial: 1, ttl: 1 });
  await cache.set('ttl:touched', 1);
  await cache.touch('ttl:touched', 1);
  await cache.set('ttl:replaced', 1);
  await cache.replace('ttl:replaced', 2, { ttl: 1 });
  await cache.set('ttl:cas', 1);
  await cache.cas('ttl:cas', 2, (await cache.gets('ttl:cas'))?.cas ?? '', { ttl: 1 });

  await cache.set('lives:default', 1);
  await cache.set('lives:0', 1, { ttl: 0 });
  await cache.set('lives:minute', 1, { ttl: 60 });
  await cache.set('lives:month', 1, { ttl: 31 * 24 * 3600 });
  await cache.set('lives:date', 1, { ttl: new Date(Date.now() + 40 * 24 * 3600 * 1000) });
  await inherits.set('lives:overridden', 1, { ttl: 0 });
  await cache.set('lives:touched', 1, { ttl: 1 });
  await cache.touch('lives:touched', 0);

  await sleep(EXPIRED_MS);
  const mortal = 'seconds date add many inherited initial counter touched replaced cas'.split(' ');
  const gone = await cache.getMany(mortal.map((name) => `ttl:${name}`));
  assert.deepEqual([...gone.keys()], []);
  const immortal = 'default 0 minute month date overridden touched'.split(' ');
  const alive = await cache.getMany(immortal.map((name) => `lives:${name}`));
  assert.equal(alive.size, immortal.length);
});

test('an item that is over is stored and gone', async () => {
  const { cache } = server;
  for (const ttl of [-1, -1_000_000, new Date(0), new Date(Date.now() - 1)] as Ttl[]) {
    await cache.set('over', 'old');
    assert.equal(await cache.set('over', 'new', { ttl }), true);
    assert.equal(await cache.get('over'), undefined);
  }
});

test('what is no time is refused before anything is sent, and the item stays', async () => {
  const { cache } = server;
  await cache.set('no:time', 'kept');
  const refused = { code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
  for (const ttl of [0.5, Number.NaN, Infinity, new Date(Number.NaN), new Date('2040-01-01')]) {
    await assert.rejects(cache.set('no:time', 1, { ttl }), refused);
    await assert.rejects(cache.touch('no:time', ttl), refused);
    await assert.rejects(cache.incr('no:time', 1, { initial: 1, ttl }), refused);
  }
  for (const ttl of ['60', null, {}, 60n]) {
    await assert.rejects(cache.set('no:time', 1, { ttl: ttl as unknown as number }), refused);
    await assert.rejects(cache.touch('no:time', ttl as unknown as number), refused);
  }
  assert.equal(await cache.get('no:time'), 'kept');
});
