// A connection that ends after any byte of any answer: what is told is the truth, or that nobody knows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, type Outcome, type Row } from '../integration/server-kinds-rows.ts';
import { ALL_ROWS } from '../integration/server-kinds-verbs.ts';
import { type ChaosLab, chaosLab, UNDAUNTED, wellAgain } from '../support/chaos-lab.ts';

/** Asked again by themselves: a lost connection shows nowhere. */
const READS = new Set([
  ...['get', 'get in base64', 'gets', 'getMany', 'getsMany', 'getValues'],
  ...['inspect', 'inspectMany', 'namespace', 'meta.get', 'fetch what is there'],
]);
/** Elsewhere: those with connections of their own (own-connections), and a lease that nobody knows of (fetch-lost-answer). */
const ROWS = ALL_ROWS.filter(({ verb, whole }) => whole !== true && !/^fetch(Many)?$/.test(verb));

/** One key or several: nothing but that the connection was lost. */
const LOST = /^(ERR_MEMCACHE_MANY )?(ERR_MEMCACHE_CONNECTION_LOST ?)+$/;

/** What a caller may be told when the connection ends amid the answer. */
function assertHonest(row: Row, outcome: Outcome, where: string): void {
  if (!READS.has(row.verb) && LOST.test(String(outcome))) return;
  assert.deepEqual(outcome, row.real, `${row.verb}, ${where}`);
}

const EDGE = 4;

/** The bytes after which it is ended: each of a short answer, those at both ends of a long one and some between. */
function places(length: number): number[] {
  const all = Array.from({ length: length + 1 }, (_, at) => at);
  return all.filter((at) => at < EDGE || at > length - EDGE || at % 9 === 0);
}

async function tryAll(
  row: Row,
  how: 'reset' | 'end',
  { proxy, client }: ChaosLab,
): Promise<number> {
  let number = 0;
  const call = async (before: () => void): Promise<Outcome> => {
    const key = `${how}:${row.verb.replaceAll(' ', '-')}:${number++}`;
    await wellAgain(client);
    const given = (await row.given?.(client, key)) as never;
    before();
    return outcomeOf(row.call(client, key, given));
  };
  let from = 0;
  assert.deepEqual(await call(() => (from = proxy.counters.toClientBytes)), row.real);
  const cuts = places(proxy.counters.toClientBytes - from);
  for (const byte of cuts) {
    const outcome = await call(() => void proxy.strike({ do: how, at: { byte } }));
    proxy.clear();
    assertHonest(row, outcome, `ended after ${byte} bytes`);
  }
  return cuts.length;
}

for (const how of ['reset', 'end'] as const) {
  test(`every verb, a ${how} after any byte of its answer: its answer, or that the connection was lost`, async (t) => {
    const made = await chaosLab(t, UNDAUNTED);
    let cuts = 0;
    for (const row of ROWS) cuts += await tryAll(row, how, made);
    assert.ok(cuts > 200, `${cuts} cuts`);
    assert.equal(made.client.metrics().protocolErrors, 0);
  });
}
