import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stockOf } from '../../../bench/load/keys.ts';
import { GET_MANY_KEYS, type LoadCase, workloadOf } from '../../../bench/load/load-case.ts';
import { operationOf } from '../../../bench/load/operations.ts';
import { Random } from '../../../bench/support/random.ts';

const LOAD: LoadCase = { operation: 'getMany', size: 100, kind: 'string', concurrency: 16 };
const workload = workloadOf(LOAD);
const stock = stockOf(workload, 0, new Random(1));
const stored = new Map(stock.keys.map((key, index) => [key, stock.values[index]]));

type Pair = readonly [key: string, value: unknown];

/** The ways in which clients answer a many-key read. Nothing is there where a value is undefined. */
const REPLIES: Readonly<Record<string, (pairs: readonly Pair[]) => unknown>> = {
  'a Map': (pairs) => new Map(there(pairs)),
  'an object': (pairs) => Object.fromEntries(there(pairs)),
  'an array': (pairs) => pairs.map(([, value]) => value),
  'an array with null': (pairs) => pairs.map(([, value]) => value ?? null),
};
const there = (pairs: readonly Pair[]): Pair[] => pairs.filter(([, value]) => value !== undefined);

function valueIn(reply: unknown, key: string, index: number): unknown {
  if (reply instanceof Map) return reply.get(key);
  if (Array.isArray(reply)) return reply[index];
  return (reply as Readonly<Record<string, unknown>>)[key];
}

/** Whether the answer counts as right of which `answer` has changed the values. */
async function isRight(
  shape: (pairs: readonly Pair[]) => unknown,
  answer: (value: unknown, index: number) => unknown,
): Promise<boolean> {
  const client = {
    get: () => Promise.resolve(),
    valueOf: (reply: unknown) => reply,
    getMany: (keys: readonly string[]) => {
      const pairs = keys.map((key, index): Pair => [key, answer(stored.get(key), index)]);
      return Promise.resolve(shape(pairs));
    },
    valueIn,
    set: () => Promise.resolve(true),
    close: () => {},
  };
  const asking = { operation: 'getMany', workload, stock, random: new Random(2) } as const;
  const operation = operationOf({ ...asking, checked: false })(client);
  assert.equal(operation.keysOf(0), GET_MANY_KEYS);
  return operation.answered(await operation.start(0), 0);
}

for (const [name, shape] of Object.entries(REPLIES)) {
  test(`a many-key read that answers ${name} has to answer all keys`, async () => {
    const last = GET_MANY_KEYS - 1;
    assert.ok(await isRight(shape, (value) => value));
    for (const missing of [0, 42, last]) {
      assert.ok(!(await isRight(shape, (value, i) => (i === missing ? undefined : value))));
    }
    assert.ok(!(await isRight(shape, (value, i) => (i === last ? 'another' : value))));
  });
}

test('no answer at all is none', async () => {
  assert.ok(
    !(await isRight(
      () => [],
      (value) => value,
    )),
  );
});
