// Answers of a real server in every kind of pieces: what comes of each verb is what comes of it otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import { outcomeOf, type Row } from '../integration/server-kinds-rows.ts';
import { ALL_ROWS } from '../integration/server-kinds-verbs.ts';
import { chaosLab } from '../support/chaos-lab.ts';
import { many } from '../support/runs.ts';

const keyOf = ({ verb }: Row, number: number): string => `${verb.replaceAll(' ', '-')}:${number}`;

/** Makes what the call needs, then lets `before` happen, then calls. */
async function check(
  client: FleetClient,
  row: Row,
  number: number,
  before: () => void = () => {},
): Promise<void> {
  const key = keyOf(row, number);
  const given = (await row.given?.(client, key)) as never;
  before();
  assert.deepEqual(await outcomeOf(row.call(client, key, given)), row.real, row.verb);
}

for (const [how, split] of Object.entries({
  'one byte at a time': { every: 1 },
  'two bytes at a time': { every: 2 },
  'seven bytes at a time': { every: 7 },
  'pieces of 1 to 40 bytes': { upTo: 40 },
})) {
  test(`every verb, its answer in ${how}`, async (t) => {
    const { proxy, client } = await chaosLab(t);
    proxy.set({ split });
    for (const row of ALL_ROWS) await check(client, row, 0);
    const { connects, reconnects, protocolErrors } = client.metrics();
    assert.deepEqual([connects, reconnects, protocolErrors], [1, 0, 0]);
  });
}

/** What comes behind them is more of the same. */
const MOST_BYTES = 60;

test('every verb, its answer cut in two at every byte', async (t) => {
  const { proxy, client } = await chaosLab(t);
  let cuts = 0;
  for (const row of ALL_ROWS) {
    const before = { bytes: 0 };
    await check(client, row, 0, () => (before.bytes = proxy.counters.toClientBytes));
    const length = proxy.counters.toClientBytes - before.bytes;
    for (let at = 1; at < Math.min(length, MOST_BYTES); at++, cuts++) {
      await check(client, row, at, () => proxy.set({ split: { at: [at] } }));
      proxy.clear();
    }
  }
  assert.ok(cuts > 300, `${cuts} cuts`);
  assert.equal(client.metrics().reconnects, 0);
});

test('every verb in one moment, the answers in pieces across their borders', async (t) => {
  const { proxy, client } = await chaosLab(t);
  const rows = ALL_ROWS.filter(({ whole }) => whole !== true);
  for (let round = 0; round < many(8); round++) {
    proxy.set({ split: { upTo: 1 + ((round * 5) % 40) } });
    const prepared = await Promise.all(
      rows.map(async (row) => (await row.given?.(client, keyOf(row, round))) as never),
    );
    const outcomes = await Promise.all(
      rows.map((row, i) => outcomeOf(row.call(client, keyOf(row, round), prepared[i]))),
    );
    rows.forEach((row, i) => assert.deepEqual(outcomes[i], row.real, row.verb));
  }
  assert.equal(client.metrics().reconnects, 0);
});
