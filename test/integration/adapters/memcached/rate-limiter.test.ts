import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemcache, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { startMemcached } from '../../../../src/testing/index.ts';
import { backend } from '../../backend.ts';

const server = backend();

/** A limiter of a client that is closed behind the test. */
async function limited(
  options: object,
  use: (limiter: RateLimiterMemcache, client: Memcached) => Promise<void>,
): Promise<void> {
  const client = new Memcached(server.address);
  try {
    await use(
      new RateLimiterMemcache({ storeClient: client, points: 5, duration: 10, ...options }),
      client,
    );
  } finally {
    client.end();
  }
}

const refusal = (limiter: RateLimiterMemcache, key: string): Promise<RateLimiterRes> =>
  limiter.consume(key).then(
    () => assert.fail('it let one through'),
    (refused: unknown) => refused as RateLimiterRes,
  );

test('consume counts down and then refuses until the duration is over', () =>
  limited({ points: 2, duration: 1 }, async (limiter) => {
    assert.equal((await limiter.consume('a')).remainingPoints, 1);
    assert.equal((await limiter.consume('a')).remainingPoints, 0);
    const refused = await refusal(limiter, 'a');
    assert.equal(refused.consumedPoints, 3);
    assert.ok(refused.msBeforeNext > 0 && refused.msBeforeNext <= 1000);
    await sleep(2100);
    assert.equal((await limiter.consume('a')).consumedPoints, 1);
  }));

test('penalty and reward move the count, which stays a number', () =>
  limited({}, async (limiter, client) => {
    await limiter.consume('b', 2);
    assert.equal((await limiter.penalty('b', 3)).consumedPoints, 5);
    assert.equal((await limiter.reward('b', 4)).consumedPoints, 1);
    const stored = await new Promise((resolve) => {
      client.get(limiter.getKey('b'), (_, value) => resolve(value));
    });
    assert.equal(stored, 1);
    assert.equal((await limiter.consume('b')).consumedPoints, 2);
  }));

test('block refuses, delete forgets, get tells', () =>
  limited({}, async (limiter) => {
    assert.equal(await limiter.get('c'), null);
    await limiter.block('c', 100);
    const refused = await refusal(limiter, 'c');
    assert.ok(refused.msBeforeNext > 90_000);
    assert.equal((await limiter.get('c'))?.consumedPoints, 7);
    assert.equal(await limiter.delete('c'), true);
    assert.equal(await limiter.delete('c'), false);
    assert.equal((await limiter.consume('c')).consumedPoints, 1);
  }));

test('of many at once, in several clients, no more get through than there are points', async () => {
  const clients = [1, 2, 3].map(() => new Memcached(server.address));
  const limiters = clients.map(
    (storeClient) => new RateLimiterMemcache({ storeClient, points: 20, duration: 60 }),
  );
  const all = await Promise.allSettled(
    Array.from({ length: 300 }, (_, i) => limiters[i % 3].consume('d')),
  );
  const admitted = all.filter(({ status }) => status === 'fulfilled').length;
  assert.equal(admitted, 20);
  const counts = all.map((each) =>
    each.status === 'fulfilled' ? each.value : (each.reason as RateLimiterRes),
  );
  assert.equal(new Set(counts.map(({ consumedPoints }) => consumedPoints)).size, 300);
  for (const client of clients) client.end();
});

test('without the server the insurance limiter counts', async () => {
  const lost = await startMemcached();
  const client = new Memcached(lost.address, { timeout: 1000 });
  const insuranceLimiter = new RateLimiterMemory({ points: 1, duration: 10 });
  const options = { storeClient: client, points: 100, duration: 10, insuranceLimiter };
  const limiter = new RateLimiterMemcache(options);
  assert.equal((await limiter.consume('e')).remainingPoints, 99);
  await lost.stop();
  assert.equal((await limiter.consume('e')).remainingPoints, 0);
  await refusal(limiter, 'e');
  client.end();
});
