// Operations of one client on one key take effect in the order in which they were issued.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMemcached, type RunningMemcached } from '../../src/testing/index.ts';
import { clientOf, lab, type LabOptions } from '../support/fault-lab.ts';

let memcached: RunningMemcached;
before(async () => {
  memcached = await startMemcached({ threads: 4 });
});
after(() => memcached.stop());

test('get, set, get in one moment: the old value, then the new one', async (t) => {
  const { server, client } = await lab(t);
  await client.set('a', 'old');
  const [old, stored, fresh] = await Promise.all([
    client.get('a'),
    client.set('a', 'new'),
    client.get('a'),
  ]);
  assert.deepEqual([old, stored, fresh], ['old', true, 'new']);
  assert.deepEqual(
    server.lines.slice(1).map((line) => line.split(' ')[0]),
    ['get', 'set', 'get'],
  );
});

test('every verb between two gets of its key divides them', async (t) => {
  const { server, client } = await lab(t);
  const verbs: [string, () => Promise<unknown>][] = [
    ['set', () => client.set('k', 1)],
    ['add', () => client.add('k', 1)],
    ['replace', () => client.replace('k', 1)],
    ['delete', () => client.delete('k')],
    ['touch', () => client.touch('k', 1)],
    ['incr', () => client.incr('k').catch(() => {})],
    ['decr', () => client.decr('k').catch(() => {})],
    ['flush_all', () => client.flushAll()],
  ];
  for (const [verb, issue] of verbs) {
    const from = server.lines.length;
    await Promise.all([
      client.get('k'),
      client.gets('k'),
      issue(),
      client.get('k'),
      client.gets('k'),
    ]);
    const seen = server.lines.slice(from).map((line) => line.split(' ')[0]);
    assert.equal(seen[2], verb, seen.join());
    assert.deepEqual(seen.toSorted(), ['get', 'get', 'gets', 'gets', verb].toSorted());
  }
});

test('the gets of other keys are not divided', async (t) => {
  const { server, client } = await lab(t);
  await Promise.all([client.get('a'), client.set('b', 1), client.get('c'), client.get('d')]);
  assert.deepEqual(
    server.lines.filter((line) => line.startsWith('get')),
    ['get a c d'],
  );
});

/** In each round a chain of operations, issued in one moment, whose answers are known when they keep their order. */
async function assertOrdered(
  options: LabOptions,
  rounds: number,
  valueOf: (round: number) => unknown,
  t: Parameters<typeof clientOf>[0],
): Promise<void> {
  const client = clientOf(t, memcached.address, options);
  const calls: Promise<void>[] = [];
  for (let round = 0; round < rounds; round++) {
    const key = `k${round % 7}`;
    const [one, two] = [valueOf(round), valueOf(round + 1)];
    calls.push(
      Promise.all([
        client.delete(key),
        client.get(key),
        client.set(key, one),
        client.get(key),
        client.set(key, 'between'),
        client.set(key, two),
        client.get(key),
        client.add(key, 'refused'),
        client.touch(key, 100),
        client.getMany([key, 'none']),
        client.delete(key),
        client.get(key),
      ]).then((answers) => {
        const [, gone, , first, , , second, added, touched, many, deleted, last] = answers;
        assert.deepEqual(gone, undefined);
        assert.deepEqual(first, one);
        assert.deepEqual(second, two);
        assert.deepEqual([added, touched, deleted, last], [false, true, true, undefined]);
        assert.deepEqual((many as Map<unknown, unknown>).get(key), two);
      }),
    );
    if (round % 5 === 4) await Promise.all(calls.splice(0));
  }
  await Promise.all(calls);
}

const object = (round: number): unknown => ({ round, text: 'x'.repeat(2000 + (round % 11) * 900) });
const text = (round: number): unknown => `${round} `.repeat(3000);

for (const connections of [1, 4]) {
  test(`small values, connections: ${connections}`, (t) =>
    assertOrdered({ connections }, 200, (round) => `value ${round}`, t));
  test(`values encoded in workers, connections: ${connections}`, async (t) => {
    await assertOrdered({ connections, offload: 'always', timeoutMs: 30_000 }, 150, object, t);
  });
  test(`values compressed in workers, connections: ${connections}`, async (t) => {
    const options = { connections, offload: 'always', timeoutMs: 30_000 } as const;
    await assertOrdered(options, 150, text, t);
  });
  test(`large values on their own connection, connections: ${connections}`, (t) =>
    assertOrdered(
      { connections, compressor: 'none', bulkBytes: 4096, timeoutMs: 30_000 },
      60,
      (round) => Buffer.alloc(round % 3 === 0 ? 100_000 : 100, round),
      t,
    ));
}

test('a set of 900 KB and a delete of its key, 50 times: the value is gone 50 times', async (t) => {
  const client = clientOf(t, memcached.address, { compressor: 'none', connections: 4 });
  const large = Buffer.alloc(900_000, 'x');
  let survivors = 0;
  for (let round = 0; round < 50; round++) {
    const key = `large:${round}`;
    const [, deleted] = await Promise.all([client.set(key, large), client.delete(key)]);
    assert.equal(deleted, true);
    if ((await client.get(key)) !== undefined) survivors++;
  }
  assert.equal(survivors, 0);
});

test('a small set behind a large one of the same key, and the other way round', async (t) => {
  const client = clientOf(t, memcached.address, { compressor: 'none' });
  const large = Buffer.alloc(900_000, 'x');
  for (let round = 0; round < 30; round++) {
    const [key, other] = [`s:${round}`, `l:${round}`];
    await Promise.all([
      client.set(key, large),
      client.set(key, 'small'),
      client.set(other, 'small'),
      client.set(other, large),
    ]);
    assert.equal(await client.get(key), 'small');
    assert.equal((await client.get<Buffer>(other))?.length, large.length);
  }
});

test('large reads and small writes of one key, mixed with those of others', async (t) => {
  const client = clientOf(t, memcached.address, { compressor: 'none' });
  const large = Buffer.alloc(200_000, 'x');
  await client.set('mixed', large);
  await client.get('mixed');
  for (let round = 0; round < 30; round++) {
    const [old, , fresh] = await Promise.all([
      client.get<Buffer>('mixed', { lane: 'bulk' }),
      client.set('mixed', `small ${round}`),
      client.get('mixed'),
      client.get('other'),
      client.set('mixed', large),
    ]);
    assert.equal(old?.length, large.length);
    assert.equal(fresh, `small ${round}`);
  }
});

test('counters issued in one moment count in order', async (t) => {
  const client = clientOf(t, memcached.address, { connections: 4 });
  await client.set('count', 0);
  const counts = await Promise.all(Array.from({ length: 200 }, () => client.incr('count')));
  assert.deepEqual(
    counts,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
});
