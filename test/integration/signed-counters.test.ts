// The counters of OpenStack Swift's MemcacheRing, by `{ signed: true, initial: 0, ttl }`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { backend, overEveryTransport } from './backend.ts';

type Step = ['incr' | 'decr', delta: number, count: number];

/** Steps on a counter that is missing, and what Swift's client answers to each. */
const SWIFT: readonly (readonly Step[])[] = [
  [
    ['incr', 5, 5],
    ['incr', 5, 10],
    ['incr', 1, 11],
    ['incr', -5, 6],
    ['incr', -15, 0],
  ],
  [
    ['decr', 4, 0],
    ['incr', 9, 9],
    ['decr', 4, 5],
    ['decr', 50, 0],
  ],
  [
    ['incr', -3, 0],
    ['incr', 3, 3],
  ],
  [
    ['decr', -3, 3],
    ['decr', -3, 6],
    ['decr', 1, 5],
  ],
  [
    ['incr', 0, 0],
    ['decr', 0, 0],
    ['incr', 7, 7],
    ['decr', 0, 7],
  ],
];

overEveryTransport((tested) => {
  test('steps come out as Swift has them', async () => {
    const { cache } = tested;
    for (const [i, steps] of SWIFT.entries()) {
      for (const [verb, delta, count] of steps) {
        const options = { signed: true, initial: 0, ttl: 60 };
        const answer = await cache[verb](`signed:${i}`, delta, options);
        assert.equal(answer, count, `${i}: ${verb} ${delta}`);
      }
    }
  });

  test('and without an answer', async () => {
    const { cache } = tested;
    for (const [i, steps] of SWIFT.entries()) {
      for (const [verb, delta, count] of steps) {
        const options = { signed: true, initial: 0, ttl: 60, noreply: true };
        const left = cache[verb](`signed:quiet:${i}`, delta, options);
        assert.equal(await cache.get(`signed:quiet:${i}`), count, `${i}: ${verb} ${delta}`);
        assert.equal(await left, undefined);
      }
    }
  });
});

const server = backend();

test('in profile swift a counter is read by Swift: digits without flags, the ttl of its making', async () => {
  const cache = server.client({ profile: 'swift' });
  const options = { signed: true, initial: 0, ttl: 100 };
  assert.equal(await cache.incr('signed:swift', 5, options), 5);
  assert.equal(await cache.incr('signed:swift', -2, { ...options, ttl: 900 }), 3);
  const stored = createHash('md5').update('signed:swift').digest('hex');
  const header = (await server.cache.raw(`mg ${stored} v f t`)).toString('latin1');
  const [, flags, ttl] = /^VA 1 f(\d+) t(\d+)$/.exec(header) ?? [];
  assert.equal(flags, '0', header);
  assert.ok(Number(ttl) > 60 && Number(ttl) <= 100, header);
});

test('a delta of any size keeps its sign', async () => {
  const { cache } = server;
  const most = 2n ** 64n - 1n;
  assert.equal(await cache.incr('signed:big', most, { signed: true, initial: 0 }), most);
  assert.equal(await cache.incr('signed:big', -(most - 1n), { signed: true }), 1n);
  await assert.rejects(cache.incr('signed:big', -(2n ** 64n), { signed: true }), {
    code: 'ERR_MEMCACHE_VALUE',
    sent: 'no',
  });
  await assert.rejects(cache.incr('signed:big', -1), { code: 'ERR_MEMCACHE_VALUE', sent: 'no' });
  assert.equal(await cache.get('signed:big'), 1);
});

test('many callers that start one counter from both sides all count', async () => {
  const { cache } = server;
  await cache.set('signed:race', 1000);
  const other = server.client();
  const steps = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? i : -i));
  await Promise.all(
    steps.map((delta, i) =>
      (i % 3 === 0 ? cache : other).incr('signed:race', delta, { signed: true, initial: 0 }),
    ),
  );
  const sum = steps.reduce((total, delta) => total + delta, 1000);
  assert.equal(await cache.get('signed:race'), sum);
});
