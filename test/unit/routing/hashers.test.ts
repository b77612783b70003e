import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import type { HashKey, HashNode } from '../../../src/routing/hasher.ts';
import { HASH_NAMES, hasherOf, type HashOption } from '../../../src/routing/hashers.ts';
import { type PlacementCase, type PlacementVectors, readVectors } from './vectors.ts';

const keyOf = (key: string, { bytes = false }: PlacementCase): HashKey =>
  bytes ? Buffer.from(key) : key;

function titleOf({ client, hash, servers }: PlacementCase): string {
  const weights = servers.map(({ weight }) => weight).join();
  return `${client}: ${JSON.stringify(hash)} on ${servers.length} servers of weight ${weights}`;
}

for (const file of ['fleet', 'clients']) {
  const { keys, cases } = readVectors(file) as PlacementVectors;
  for (const observed of cases) {
    test(`keys are where the client has them: ${titleOf(observed)}`, () => {
      const placement = hasherOf(observed.hash)(observed.servers);
      const places = keys.map((key) => placement.locate(keyOf(key, observed)).toString(36));
      assert.equal(places.join(''), observed.places);
      for (const [key, order] of Object.entries(observed.orders ?? {})) {
        assert.deepEqual(placement.candidates(keyOf(key, observed)), order);
      }
    });
  }
}

const NODES: HashNode[] = [1, 2, 3, 4, 5].map((n) => ({ name: `10.0.0.${n}:11211`, weight: 1 }));

test('every name has a hasher, also with no options in an object', () => {
  assert.equal(HASH_NAMES.length, 10);
  for (const name of HASH_NAMES) {
    const placement = hasherOf(name)(NODES);
    const same = hasherOf({ name } as HashOption)(NODES);
    for (let i = 0; i < 100; i++) assert.equal(placement.locate(`k${i}`), same.locate(`k${i}`));
  }
});

test('text and its UTF-8 bytes have the same server, except as pymemcache has it', () => {
  for (const name of HASH_NAMES.filter((other) => other !== 'rendezvous')) {
    const placement = hasherOf(name)(NODES);
    for (let i = 0; i < 50; i++) {
      const key = `user:${i}`;
      assert.equal(placement.locate(key), placement.locate(Buffer.from(key)), name);
      assert.deepEqual(placement.candidates(key), placement.candidates(Buffer.from(key)), name);
    }
  }
});

test('one server has every key', () => {
  for (const name of HASH_NAMES) {
    const placement = hasherOf(name)(NODES.slice(0, 1));
    assert.equal(placement.locate('k'), 0);
    assert.equal(placement.locate(Buffer.from('k')), 0);
    assert.deepEqual(placement.candidates('k'), [0]);
  }
});

test('an undefined option counts as left out', () => {
  const placement = hasherOf({ name: 'rendezvous', seed: undefined } as unknown as HashOption);
  assert.equal(placement(NODES).locate('foo'), hasherOf('rendezvous')(NODES).locate('foo'));
});

const NAMES =
  "'rendezvous', 'ketama', 'modula', 'crc32', 'dalli', 'swift', 'memjs', 'hashring', 'jump', 'maglev'";
const ALLOWED = `one of ${NAMES}, an object with one of these as its name, or a function`;

const ILLEGAL: [unknown, string][] = [
  ['katema', `option 'hash' must be ${ALLOWED}; got a string that names no hasher`],
  ['toString', `option 'hash' must be ${ALLOWED}; got a string that names no hasher`],
  [undefined, `option 'hash' must be ${ALLOWED}; got undefined`],
  [['ketama'], `option 'hash' must be ${ALLOWED}; got an array`],
  [{ hash: 'md5' }, `option 'hash' must be ${ALLOWED}; got undefined`],
  [
    { name: 'ketama', hsah: 'md5' },
    "unknown option 'hash.hsah': ketama takes 'hash.distribution', 'hash.hash', 'hash.labels'",
  ],
  [{ name: 'dalli', hash: 'md5' }, "unknown option 'hash.hash': dalli takes no options"],
  [{ name: 'modula', toString: 1 }, "unknown option 'hash.toString': modula takes 'hash.hash'"],
  [
    { name: 'ketama', labels: 'secret' },
    "option 'hash.labels' must be 'libmemcached' or 'spymemcached'; got a string",
  ],
  [
    { name: 'rendezvous', seed: -1 },
    "option 'hash.seed' must be an integer from 0 to 4294967295; got a negative number",
  ],
  [
    { name: 'swift', tries: 0 },
    "option 'hash.tries' must be an integer from 1 to 1000; got a number",
  ],
  [
    { name: 'jump', order: true },
    "option 'hash.order' must be 'natural' or 'given'; got a boolean",
  ],
];

test('what names no hasher, and what a hasher does not take, is refused', () => {
  for (const [hash, message] of ILLEGAL) {
    assert.throws(
      () => hasherOf(hash as HashOption),
      (error) => {
        assert.ok(error instanceof IllegalInputError);
        assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
        assert.equal(error.message, message);
        return true;
      },
    );
  }
});
