// Why a key is where it is: the numbers that are shown lead to the server that locate names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Router } from '../../../src/index.ts';
import type { Reason } from '../../../src/routing/hasher.ts';
import { HASH_NAMES, type HashOption } from '../../../src/routing/hashers.ts';

const SERVERS = ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11212'];
const KEYS = Array.from({ length: 50 }, (_, i) => `key:${i}`);

type Of<Kind extends Reason['kind']> = Extract<Reason, { kind: Kind }>;

function reasons<Kind extends Reason['kind']>(
  hash: HashOption,
  kind: Kind,
): { key: string; server: string | undefined; reason: Of<Kind> }[] {
  const router = new Router(SERVERS, hash);
  return KEYS.map((key) => {
    const reason = router.explain(key);
    assert.equal(reason?.kind, kind);
    return { key, server: router.locate(key), reason: reason as Of<Kind> };
  });
}

test('the highest score has the key', () => {
  for (const { server, reason } of reasons('rendezvous', 'scores')) {
    assert.equal(reason.scores.length, SERVERS.length);
    const best = reason.scores.indexOf(Math.max(...reason.scores));
    assert.equal(SERVERS[best], server);
  }
});

test('with weights, and with so many servers that placements are remembered', () => {
  const nodes = Array.from({ length: 20 }, (_, i) => ({ name: `h${i}:1`, weight: 1 + (i % 3) }));
  const router = new Router(nodes);
  for (const key of KEYS) {
    const reason = router.explain(key) as Of<'scores'>;
    assert.equal(reason.scores.length, nodes.length);
    const best = reason.scores.indexOf(Math.max(...reason.scores));
    assert.equal(nodes[best].name, router.locate(key));
  }
});

test('the remainder is the place in the list', () => {
  for (const name of ['modula', 'crc32', 'memjs'] as const) {
    for (const { server, reason } of reasons(name, 'remainder')) {
      assert.equal(Number.parseInt(reason.hash, 16) % SERVERS.length, reason.remainder);
      assert.equal(SERVERS[reason.remainder], server);
    }
  }
});

test('keys of one stretch of a ring have one server, and a hash is not above its end', () => {
  for (const name of ['ketama', 'dalli', 'hashring', 'swift'] as const) {
    const router = new Router(SERVERS, name);
    const servers = new Map<string, string | undefined>();
    for (let i = 0; i < 2000; i++) {
      const { kind, hash, end, stretches } = router.explain(`key:${i}`) as Of<'ring'>;
      assert.equal(kind, 'ring');
      assert.ok(stretches >= 100);
      // The last stretch of Swift's ring ends with the first point.
      if (name !== 'swift') assert.ok(hash <= end, `${name}: ${hash} ${end}`);
      const server = router.locate(`key:${i}`);
      assert.equal(servers.get(end) ?? server, server, name);
      servers.set(end, server);
    }
  }
});

test('a ring shows the hash that other tools show', () => {
  const { hash } = new Router(SERVERS, 'swift').explain('key') as Of<'ring'>;
  // MD5 of `key`, and its CRC-32.
  assert.equal(hash, '3c6e0b8a9c15224a8228b9a98ca1531d');
  const dalli = new Router(SERVERS, 'dalli').explain('key') as Of<'ring'>;
  assert.equal(dalli.hash, '8a90aba9');
});

test('the place of the table, and the bucket, are those of the server', () => {
  const table = new Map<number, string | undefined>();
  for (const { server, reason } of reasons('maglev', 'table')) {
    assert.equal(Number.parseInt(reason.hash, 16) % reason.places, reason.place);
    assert.equal(table.get(reason.place) ?? server, server);
    table.set(reason.place, server);
  }
  for (const { server, reason } of reasons('jump', 'jump')) {
    assert.equal(SERVERS[reason.bucket], server);
    assert.match(reason.hash, /^[0-9a-f]{16}$/);
  }
});

test('one server needs no reason, a function gives none, and no server has none', () => {
  for (const name of HASH_NAMES) {
    assert.deepEqual(new Router(['a:1'], name).explain('key'), { kind: 'alone' });
    assert.equal(new Router([], name).explain('key'), undefined);
  }
  assert.equal(new Router(SERVERS, () => ({ locate: () => 0 })).explain('key'), undefined);
});
