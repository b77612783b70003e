import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { ketama, md5Points } from '../../../src/routing/ketama.ts';

const nodes = (count: number, port = 11211): HashNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `10.0.0.${i + 1}:${port}`, weight: 1 }));

test('an MD5 makes four points of its little-endian words', () => {
  const digest = createHash('md5').update('h:1-1').digest();
  const points = md5Points('h:1', 5, 2);
  assert.equal(points.length, 8);
  assert.deepEqual(
    points.slice(4),
    [0, 4, 8, 12].map((at) => ({ value: digest.readUInt32LE(at), server: 5 })),
  );
});

test('spymemcached says the port 11211 too', () => {
  const [labels, other] = [ketama({ labels: 'spymemcached' }), ketama()];
  const differs = (list: HashNode[]): number =>
    Array.from({ length: 200 }, (_, i) => `k${i}`).filter(
      (key) => labels(list).locate(key) !== other(list).locate(key),
    ).length;
  assert.ok(differs(nodes(3)) > 50);
  assert.equal(differs(nodes(3, 11212)), 0);
});

/** The rule of net.spy.memcached's KetamaIterator, written down with node:crypto. */
function spymemcachedOrder(key: string, serverAt: (hash: number) => number): number[] {
  const md5 = (text: string): number => createHash('md5').update(text).digest().readUInt32LE(0);
  const servers = [];
  let hash = md5(key);
  for (let tries = 0; tries < 7; tries++) {
    servers.push(serverAt(hash));
    hash = (hash + md5(`${tries}${key}`)) % 2 ** 32;
  }
  return [...new Set(servers)];
}

test('spymemcached hashes again for the keys of a lost server, and gives up after seven tries', () => {
  const list = nodes(12);
  const points = list
    .flatMap(({ name }, server) => md5Points(name, server, 40))
    .toSorted((a, b) => a.value - b.value);
  const serverAt = (hash: number): number =>
    (points.find(({ value }) => value >= hash) ?? points[0]).server;
  const placement = ketama({ labels: 'spymemcached' })(list);
  for (let i = 0; i < 50; i++) {
    const order = spymemcachedOrder(`user:${i}`, serverAt);
    assert.deepEqual(placement.candidates(`user:${i}`), order);
    assert.deepEqual(placement.candidates(Buffer.from(`user:${i}`)), order);
    assert.ok(order.length <= 7);
  }
});

test('consistent gives all servers as many points, whatever their weights', () => {
  const list = nodes(4);
  const heavy = list.map((node, i) => ({ ...node, weight: i === 0 ? 100 : 1 }));
  const hasher = ketama({ distribution: 'consistent' });
  for (let i = 0; i < 100; i++) {
    assert.equal(hasher(list).locate(`k${i}`), hasher(heavy).locate(`k${i}`));
  }
});

test('a server too light for a point has no key and still stands in for nobody', () => {
  const list = nodes(2).map((node, i) => ({ ...node, weight: i === 0 ? 1 : 10_000 }));
  const placement = ketama()(list);
  for (let i = 0; i < 100; i++) assert.deepEqual(placement.candidates(`k${i}`), [1]);
});
