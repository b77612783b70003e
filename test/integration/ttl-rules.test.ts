import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient, Ttl } from '../../src/index.ts';
import { backend, type Options } from './backend.ts';

const server = backend();
/** A test is this slow at most. */
const SLACK_S = 20;
/** A moment is kept to the end of its second, and the server's clock is up to a second behind. */
const CLOCK_S = 2;

/** Seconds an item has left; -1 for one that does not expire. */
async function ttlOf(key: string): Promise<number> {
  const header = (await server.cache.raw(`mg ${key} t`)).toString('latin1');
  const [, ttl] = /^HD t(-?\d+)$/.exec(header) ?? [];
  assert.ok(ttl !== undefined, header);
  return Number(ttl);
}

async function assertTtl(key: string, from: number, to: number = from): Promise<void> {
  const ttl = await ttlOf(key);
  assert.ok(
    ttl >= from - SLACK_S && ttl <= to + CLOCK_S,
    `${key}: ${ttl} is not within ${from}..${to}`,
  );
}

/** Every verb that gives an item a ttl. */
const GIVING: Record<string, (cache: FleetClient, key: string, ttl: Ttl) => Promise<unknown>> = {
  set: (cache, key, ttl) => cache.set(key, 1, { ttl }),
  setMany: (cache, key, ttl) => cache.setMany({ [key]: 1 }, { ttl }),
  noreply: (cache, key, ttl) => cache.set(key, 1, { ttl, noreply: true }),
  add: (cache, key, ttl) => cache.add(key, 1, { ttl }),
  async replace(cache, key, ttl) {
    await server.cache.set(key, 0);
    await cache.replace(key, 1, { ttl });
  },
  async cas(cache, key, ttl) {
    await server.cache.set(key, 0);
    const { cas } = (await cache.gets(key)) ?? { cas: '' };
    await cache.cas(key, 1, cas, { ttl });
  },
  async touch(cache, key, ttl) {
    await server.cache.set(key, 0);
    await cache.touch(key, ttl);
  },
  async 'touch noreply'(cache, key, ttl) {
    await server.cache.set(key, 0);
    await cache.touch(key, ttl, { noreply: true });
    await cache.get(key);
  },
  async getAndTouch(cache, key, ttl) {
    await server.cache.set(key, 0);
    await cache.getAndTouch(key, ttl);
  },
  incr: (cache, key, ttl) => cache.incr(key, 1, { initial: 0, ttl }),
  'incr noreply': async (cache, key, ttl) => {
    await cache.incr(key, 1, { initial: 0, ttl, noreply: true });
    await cache.get(key);
  },
};

const clientWith = (options: Options): FleetClient => server.client({ codec: 'json', ...options });

test('maxTtl bounds what every verb gives', async () => {
  const cache = clientWith({ maxTtl: 1000 });
  const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
  for (const [verb, give] of Object.entries(GIVING)) {
    const key = `max:${verb.replaceAll(' ', ':')}`;
    await give(cache, `${key}:0`, 0);
    await assertTtl(`${key}:0`, 1000);
    await give(cache, `${key}:more`, 90 * 86_400);
    await assertTtl(`${key}:more`, 1000);
    await give(cache, `${key}:date`, inDays(1));
    await assertTtl(`${key}:date`, 1000);
    await give(cache, `${key}:less`, 500);
    await assertTtl(`${key}:less`, 500);
  }
  await cache.set('max:default', 1);
  await assertTtl('max:default', 1000);
  await clientWith({ maxTtl: 1000, ttl: 300 }).set('max:own', 1);
  await assertTtl('max:own', 300);
  await clientWith({ maxTtl: 60 * 86_400 }).set('max:months', 1, { ttl: 90 * 86_400 });
  await assertTtl('max:months', 60 * 86_400);
  await clientWith({ maxTtl: 1000 }).set('max:over', 1, { ttl: -1 });
  assert.equal(await cache.get('max:over'), undefined);
});

test('without maxTtl an item lives as long as it is given', async () => {
  const cache = clientWith({});
  await cache.set('free:0', 1);
  assert.equal(await ttlOf('free:0'), -1);
  await cache.set('free:months', 1, { ttl: 90 * 86_400 });
  await assertTtl('free:months', 90 * 86_400);
});

test('ttlJitter spreads what is stored together, within its part', async () => {
  const cache = clientWith({ ttlJitter: 0.5, ttl: 100_000 });
  const keys = Array.from({ length: 60 }, (_, i) => `jitter:${i}`);
  await cache.setMany(keys.map((key) => [key, 1] as const));
  const ttls = await Promise.all(keys.map((key) => ttlOf(key)));
  assert.ok(ttls.every((ttl) => ttl >= 50_000 - SLACK_S && ttl <= 100_000));
  assert.ok(new Set(ttls).size > 50, 'each has its own');
  assert.ok(Math.max(...ttls) - Math.min(...ttls) > 20_000, 'all over the part');
});

test('ttlJitter is for every verb but counters, and for no Date', async () => {
  const cache = clientWith({ ttlJitter: 1 });
  for (const [verb, give] of Object.entries(GIVING)) {
    const ttls: number[] = [];
    for (let i = 0; i < 6; i++) {
      const key = `jitters:${verb.replaceAll(' ', ':')}:${i}`;
      await give(cache, key, 1_000_000);
      ttls.push(await ttlOf(key));
    }
    // Six of a million seconds, all within a thousandth of it, by chance: once in 10^12 runs.
    const spread = Math.min(...ttls) < 999_000;
    assert.equal(spread, !verb.startsWith('incr'), `${verb}: ${ttls.join()}`);
  }
  await cache.set('jitters:date', 1, { ttl: new Date(Date.now() + 1_000_000_000) });
  await assertTtl('jitters:date', 1_000_000);
});

test('jitter is taken off what maxTtl leaves', async () => {
  const cache = clientWith({ ttlJitter: 0.5, maxTtl: 100_000 });
  const keys = Array.from({ length: 20 }, (_, i) => `both:${i}`);
  await Promise.all(keys.map((key) => cache.set(key, 1, { ttl: 0 })));
  const ttls = await Promise.all(keys.map((key) => ttlOf(key)));
  assert.ok(ttls.every((ttl) => ttl >= 50_000 - SLACK_S && ttl <= 100_000));
  assert.ok(new Set(ttls).size > 10);
});

test('what is no time is refused, whatever the rules', async () => {
  const cache = clientWith({ ttlJitter: 0.5, maxTtl: 100 });
  for (const ttl of [0.5, 1e6 + 0.5, Number.NaN, Infinity, new Date(Number.NaN)])
    await assert.rejects(cache.set('rules:odd', 1, { ttl }), {
      code: 'ERR_MEMCACHE_OPTION',
      sent: 'no',
    });
});

test('the options are checked', () => {
  for (const options of [
    { ttlJitter: -0.1 },
    { ttlJitter: 1.1 },
    { ttlJitter: Number.NaN },
    { maxTtl: 0 },
    { maxTtl: -1 },
    { maxTtl: 1.5 },
    { maxTtl: 2 ** 31 },
  ])
    assert.throws(() => clientWith(options), { code: 'ERR_MEMCACHE_OPTION' });
});
