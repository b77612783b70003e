import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrivals, scheduleOf } from '../../../bench/load/arrivals.ts';
import { stockOf } from '../../../bench/load/keys.ts';
import { loadOf, workloadOf } from '../../../bench/load/load-case.ts';
import { operationOf } from '../../../bench/load/operations.ts';
import { namesItsKey } from '../../../bench/load/values.ts';
import { WORKLOAD_NAMES, WORKLOADS } from '../../../bench/load/workloads.ts';
import { Random } from '../../../bench/support/random.ts';

const DRAWS = 100_000;

function drawn(draw: (random: Random) => number, seed = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: DRAWS }, () => draw(random)).toSorted((a, b) => a - b);
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)];

function near(measured: number, expected: number, tolerance: number): void {
  const off = Math.abs(measured - expected) / expected;
  assert.ok(off <= tolerance, `${measured} is not within ${tolerance * 100} % of ${expected}`);
}

test('a page of the feed has 24 keys on average and 95 at p95', () => {
  const { page } = WORKLOADS.feed;
  assert.ok(page !== undefined);
  const lengths = drawn(page);
  near(mean(lengths), 24, 0.05);
  near(at(lengths, 0.95), 95, 0.05);
  assert.ok(lengths[0] >= 1);
});

test('ETC has two values in five of at most 14 bytes, some of kilobytes, and keys of about 31 bytes', () => {
  const sizes = drawn(WORKLOADS.etc.valueBytes);
  near(sizes.filter((size) => size <= 14).length / DRAWS, 0.43, 0.05);
  assert.ok(at(sizes, 0.99) > 1000);
  near(mean(drawn(WORKLOADS.etc.keyBytes)), 36, 0.1);
});

test('an object of Twitter has 230 bytes in the middle, its key included', () => {
  const values = at(drawn(WORKLOADS.twitter.valueBytes), 0.5);
  near(values + at(drawn(WORKLOADS.twitter.keyBytes), 0.5), 230, 0.03);
});

test('every workload has keys a server takes, each once, and values that name theirs', () => {
  for (const name of WORKLOAD_NAMES) {
    const { keys, values } = stockOf(WORKLOADS[name], 3, new Random(5));
    assert.equal(new Set(keys).size, keys.length, name);
    assert.ok(
      keys.every((key) => key.length >= 13 && key.length <= 250),
      name,
    );
    assert.equal(keys.length, values.length * (WORKLOADS[name].misses > 0 ? 2 : 1), name);
    assert.ok(
      values.every((value) => namesItsKey(value, value)),
      name,
    );
    assert.equal(workloadOf(loadOf(name)), WORKLOADS[name]);
  }
});

test('the same seed asks for the same keys, another one for others', () => {
  const stock = (seed: number) => stockOf(WORKLOADS.etc, 0, new Random(seed));
  assert.deepEqual(stock(1).keys, stock(1).keys);
  assert.notDeepEqual(stock(1).keys, stock(2).keys);
});

test('a value of another key, a shorter one or none does not name its key', () => {
  const { values } = stockOf(WORKLOADS.uniform, 0, new Random(1));
  assert.ok(!namesItsKey(values[1], values[2]));
  assert.ok(!namesItsKey(values[1], String(values[1]).slice(1)));
  assert.ok(!namesItsKey(values[1], undefined));
  const bytes = values.map((value) => Buffer.from(String(value)));
  assert.ok(namesItsKey(bytes[1], new Uint8Array(bytes[1])));
  assert.ok(!namesItsKey(bytes[1], bytes[2]));
  assert.ok(!namesItsKey({ id: 1 }, { id: 2 }));
  assert.ok(!namesItsKey({ id: 1 }, null));
});

test('reads, writes and misses come in their shares, and a wrong answer is told from a right one', async () => {
  const shares = { ...WORKLOADS['misses-50'], writes: 0.35 };
  const stock = stockOf(shares, 0, new Random(1));
  const stored = new Map(stock.keys.map((key, index) => [key, stock.values[index]]));
  const seen = { get: 0, set: 0, missed: 0 };
  const client = {
    get: (key: string) => {
      seen.get++;
      const value = stored.get(key);
      if (value === undefined) seen.missed++;
      return Promise.resolve(value);
    },
    valueOf: (reply: unknown) => reply,
    set: (key: string, value: unknown) => {
      seen.set++;
      assert.equal(value, stored.get(key));
      return Promise.resolve(true);
    },
    close: () => {},
  };
  const random = new Random(2);
  const asking = { operation: 'mixed', workload: shares, stock, random, checked: true } as const;
  const operation = operationOf(asking)(client);
  for (let call = 0; call < 20_000; call++)
    assert.ok(operation.answered(await operation.start(call), call));
  near(seen.set / 20_000, 0.35, 0.05);
  near(seen.missed / seen.get, 0.5, 0.05);
  const wrong = Array.from({ length: 100 }, (_, call) => operation.answered('swapped', call));
  near(wrong.filter((right) => !right).length, 65, 0.3);
});

function distances(arrivals: Arrivals, together = 1): number[] {
  const pace = { arrivals, perSecond: 50_000, seconds: 2, together };
  const due = scheduleOf(pace, new Random(1));
  assert.equal(due.length, 100_000);
  near(due[due.length - 1], 2000, 0.05);
  return Array.from(due.subarray(1), (moment, before) => moment - due[before]);
}

test('constant arrivals keep their distance', () => {
  for (const distance of distances('constant')) assert.ok(Math.abs(distance - 0.02) < 1e-6);
});

test('the distances of Poisson arrivals deviate by as much as they are long', () => {
  const apart = distances('poisson');
  const middle = mean(apart);
  near(middle, 0.02, 0.02);
  near(Math.sqrt(mean(apart.map((distance) => (distance - middle) ** 2))), 0.02, 0.03);
});

test('calls that come together are due in one moment, at the same rate', () => {
  const apart = distances('poisson', 500);
  assert.equal(apart.filter((distance) => distance > 0).length, 199);
});
