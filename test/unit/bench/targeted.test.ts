import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stockOf } from '../../../bench/load/keys.ts';
import { describeLoad, type LoadCase, workloadOf } from '../../../bench/load/load-case.ts';
import { operationOf } from '../../../bench/load/operations.ts';
import { TARGETED, targetsOf } from '../../../bench/scenarios/targeted.ts';
import { Random } from '../../../bench/support/random.ts';

const GET: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512 };

test('every case with a target is told from every other, and found by its load', () => {
  const names = TARGETED.map(({ load }) => describeLoad(load));
  assert.equal(new Set(names).size, names.length);
  for (const { load, targets } of TARGETED) {
    assert.ok(targets.length > 0);
    assert.equal(targetsOf({ ...load }), targets);
  }
});

test('a load that no case is for has no target', () => {
  assert.equal(targetsOf(GET).length, 6);
  assert.deepEqual(targetsOf({ ...GET, concurrency: 511 }), []);
  assert.deepEqual(targetsOf({ ...GET, kind: 'buffer' }), []);
  assert.deepEqual(targetsOf({ ...GET, keys: 7 }), []);
});

test('so many keys are stored as are asked for, however large their values', () => {
  const stock = (load: LoadCase) => stockOf(workloadOf(load), 0, new Random(1));
  assert.equal(stock({ ...GET, keys: 20_000 }).keys.length, 20_000);
  assert.equal(stock({ ...GET, size: 1_000_000 }).keys.length, 16);
  assert.equal(stock({ ...GET, size: 1_000_000, keys: 20 }).keys.length, 20);
  const limits = { operationsPerSecond: 1, bytesPerSecond: 1, connections: 1 };
  const manners = {
    prefix: 'guest',
    ttlSeconds: 1,
    limits: { ...limits, keys: 9, storedBytes: 1e6 },
  };
  const load = { ...GET, size: 1000, keys: 20_000 };
  assert.equal(stockOf(workloadOf(load), 0, new Random(1), manners).keys.length, 9);
});

test('of large values there are so many keys that callers seldom want the same, and the client can hold them', () => {
  const large = TARGETED.filter(({ load }) => load.kind === 'buffer');
  assert.deepEqual(
    large.map(({ load }) => load.size),
    [10_000, 100_000, 1_000_000],
  );
  for (const { load } of large) {
    const { size, concurrency, keys = 0 } = load;
    const different = keys * (1 - (1 - 1 / keys) ** concurrency);
    assert.ok(1 - different / concurrency < 0.06, `${describeLoad(load)}: ${different}`);
    assert.ok(keys * size <= 128_000_000);
  }
});

/** The keys that calls of a load are for, by a client that has all that is stored. */
function askedBy(load: LoadCase, calls: number): string[][] {
  const workload = workloadOf(load);
  const random = new Random(1);
  const stock = stockOf(workload, 0, random);
  const asked: string[][] = [];
  const noting = (keys: readonly string[]): Promise<unknown> => {
    asked.push([...keys]);
    return Promise.resolve(true);
  };
  const client = {
    get: (key: string) => noting([key]),
    valueOf: (reply: unknown) => reply,
    getMany: noting,
    valueIn: (reply: unknown) => reply,
    set: (key: string) => noting([key]),
    close: () => {},
  };
  const { operation } = load;
  const made = operationOf({ operation, workload, stock, random, checked: false })(client);
  for (let call = 0; call < calls; call++) {
    void made.start(call);
    assert.equal(made.keysOf(call), asked[call].length);
  }
  return asked;
}

test('a call is for as many keys as are asked for', () => {
  const pages = askedBy({ ...GET, operation: 'getMany', keysPerCall: 7 }, 5);
  assert.deepEqual(
    pages.map((keys) => new Set(keys).size),
    [7, 7, 7, 7, 7],
  );
});

test('the stores of a burst are of different keys', () => {
  const burst = { ...GET, operation: 'setBurst', kind: 'object', size: 10_000 } as const;
  const keys = askedBy({ ...burst, concurrency: 1000 }, 1000).flat();
  assert.equal(new Set(keys).size, 1000);
});

test('of many keys almost all are asked for', () => {
  const asked = askedBy({ ...GET, keys: 50_000 }, 262_144).flat();
  assert.ok(new Set(asked).size > 49_000);
});
