import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { HashNode } from '../../src/routing/hasher.ts';
import { HASH_NAMES, hasherOf, type HashName } from '../../src/routing/hashers.ts';
import { cached } from '../../src/routing/recent-placements.ts';
import { runs } from '../support/runs.ts';

/** These give up before every server was asked, as their originals do. */
const GIVES_UP: ReadonlySet<HashName> = new Set(['dalli', 'swift']);
/**
 * Where the loss of any server leaves the keys of the others alone. Not `swift`, which may have passed over a point of
 * the lost one; not `hashring`, whose rounding depends on the number of servers.
 */
const STABLE: readonly HashName[] = ['rendezvous', 'ketama'];
const WEIGHTED: readonly HashName[] = ['rendezvous', 'ketama', 'dalli', 'hashring', 'maglev'];
/** Making its table takes milliseconds. */
const runsOf = (name: HashName): ReturnType<typeof runs> => runs(name === 'maglev' ? 15 : 60);

const host = fc
  .tuple(fc.constantFrom('cache', 'mc-', '10.0.0.', 'é'), fc.integer({ min: 0, max: 255 }))
  .map(([start, number]) => `${start}${number}`);
const name = fc.oneof(
  fc.tuple(host, fc.constantFrom(11211, 11212, 1)).map(([text, port]) => `${text}:${port}`),
  fc.integer({ min: 1, max: 99 }).map((number) => `[::${number}]:11211`),
  host.map((text) => `unix:/run/${text}`),
);

const nodes = (weights: fc.Arbitrary<number>): fc.Arbitrary<HashNode[]> =>
  fc.uniqueArray(fc.record({ name, weight: weights }), {
    minLength: 1,
    maxLength: 24,
    selector: (node) => node.name,
  });
const alike = nodes(fc.constant(1));

const key = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ minLength: 200, maxLength: 300 }),
  fc.uint8Array({ maxLength: 60 }),
);
const keys = fc.array(key, { minLength: 1, maxLength: 30 });

for (const hash of HASH_NAMES) {
  test(`${hash}: a key has one server, and others that stand in, each once`, () => {
    const weighted = nodes(fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(weighted, keys, (list, some) => {
        const placement = hasherOf(hash)(list);
        const again = hasherOf(hash)(list);
        for (const one of some) {
          const place = placement.locate(one);
          assert.ok(Number.isInteger(place) && place >= 0 && place < list.length);
          const order = placement.candidates(one);
          assert.equal(order[0], place);
          assert.equal(new Set(order).size, order.length);
          for (const number of order) assert.ok(number >= 0 && number < list.length);
          assert.equal(again.locate(one), place);
        }
      }),
      runsOf(hash),
    );
  });
}

test('where no client gives up every server stands in', () => {
  for (const hash of HASH_NAMES.filter((other) => !GIVES_UP.has(other))) {
    fc.assert(
      fc.property(alike, key, (list, one) => {
        assert.equal(hasherOf(hash)(list).candidates(one).length, list.length);
      }),
      runsOf(hash),
    );
  }
});

for (const hash of STABLE) {
  test(`${hash}: a lost server moves no keys but its own, and these to the next candidate`, () => {
    fc.assert(
      fc.property(alike, keys, fc.nat(), (list, some, choice) => {
        if (list.length === 1) return;
        const lost = choice % list.length;
        const left = list.filter((_, i) => i !== lost);
        const [before, after] = [hasherOf(hash)(list), hasherOf(hash)(left)];
        for (const one of some) {
          const order = before.candidates(one);
          const stayed = list[order[0] === lost ? order[1] : order[0]];
          assert.equal(left[after.locate(one)], stayed);
        }
      }),
      runsOf(hash),
    );
  });
}

test('jump: the loss of the last server in order moves its keys only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), keys, (count, some) => {
      const list = Array.from({ length: count }, (_, i) => ({ name: `mc-${i}:11211`, weight: 1 }));
      const [before, after] = [hasherOf('jump')(list), hasherOf('jump')(list.slice(0, -1))];
      for (const one of some) {
        const place = before.locate(one);
        if (place < count - 1) assert.equal(after.locate(one), place);
      }
    }),
    runs(100),
  );
});

/** Sum over the servers of the squared deviations, each by what was expected. */
function chiSquare(shares: readonly number[], expected: readonly number[]): number {
  return shares.reduce((sum, share, i) => sum + (share - expected[i]) ** 2 / expected[i], 0);
}

test('weights share the keys out in proportion', () => {
  const weights = [1, 2, 3, 4, 6];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const list = weights.map((weight, i) => ({ name: `10.0.0.${i}:11211`, weight }));
  const count = 20_000;
  for (const hash of WEIGHTED) {
    const placement = hasherOf(hash)(list);
    const shares = weights.map(() => 0);
    for (let i = 0; i < count; i++) shares[placement.locate(`user:${i * 7}`)]++;
    const expected = weights.map((weight) => (weight / total) * count);
    if (hash === 'rendezvous' || hash === 'maglev') {
      // 99.99 % of fair draws with 4 degrees of freedom stay below 23.5; maglev's table adds its grain.
      assert.ok(chiSquare(shares, expected) < 30, `${hash}: ${String(shares)}`);
    } else {
      // A ring of some hundred points is never that even.
      shares.forEach((share, i) => {
        assert.ok(Math.abs(share / expected[i] - 1) < 0.35, `${hash}: ${String(shares)}`);
      });
    }
  }
});

test('a remembered placement is the placement', () => {
  const few = fc.constantFrom('Aa', 'BB', 'AaAa', 'BBBB', 'AaBB', 'é', '☃', '', '\u0000');
  fc.assert(
    fc.property(alike, fc.array(fc.oneof(few, key), { maxLength: 200 }), (list, some) => {
      const placement = hasherOf('crc32')(list);
      const remembered = cached(placement);
      for (const one of [...some, ...some]) {
        assert.equal(remembered.locate(one), placement.locate(one));
      }
    }),
    runs(200),
  );
});
