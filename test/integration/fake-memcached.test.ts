// The fake server is right where it says what a real memcached says.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import {
  type FakeMemcached,
  type RunningMemcached,
  startFakeMemcached,
  startMemcached,
} from '../../src/testing/index.ts';
import { sayTo } from '../support/conversation-record.ts';
import { runs } from '../support/runs.ts';
import { SCRIPTS } from './fake-scripts.ts';

/** The release whose words it knows. */
const SPOKEN = '1.6.18';

/** Without the threads that hold an item for a moment: a counter that is held is made anew. */
const ALONE = { args: ['-o', 'no_lru_maintainer,no_lru_crawler'] };

/** The clock of the real one ticks by itself, once a second. */
const CLOCKS_APART = 2;
const TIME = /^(t|l|la=|exp=)(-?\d+)$/;

interface Both {
  readonly real: RunningMemcached;
  readonly fake: FakeMemcached;
}

/** Both, empty, for one test; undefined, and the test is skipped, where the real one is another release. */
async function pair(t: TestContext): Promise<Both | undefined> {
  const real = await startMemcached(ALONE);
  t.after(() => real.stop());
  if (real.version !== SPOKEN) {
    t.skip(`the memcached here is ${real.version}, not ${SPOKEN}`);
    return undefined;
  }
  const fake = await startFakeMemcached();
  t.after(() => fake.stop());
  return { real, fake };
}

function isSameWord(real: string, fake: string): boolean {
  if (real === fake) return true;
  const [, name, seconds] = TIME.exec(real) ?? [];
  const [, other, others] = TIME.exec(fake) ?? [];
  return (
    name !== undefined &&
    name === other &&
    Math.abs(Number(seconds) - Number(others)) <= CLOCKS_APART
  );
}

function assertSame(real: string, fake: string): void {
  const [said, echoed] = [real.split('\r\n'), fake.split('\r\n')];
  for (const [i, line] of said.entries()) {
    const words = line.split(' ');
    const others = (echoed[i] ?? '').split(' ');
    const same =
      words.length === others.length && words.every((word, j) => isSameWord(word, others[j]));
    if (!same) assert.equal(echoed[i], line, `line ${i}, after '${said[i - 1] ?? ''}'`);
  }
  assert.equal(echoed.length, said.length);
}

/** A counter that is in an answer still to be sent is made anew, too: before a step all answers are out. */
const STEP = /^(?=(?:incr|decr|ma) )/m;

async function compare({ real, fake }: Both, script: string): Promise<void> {
  for (const part of script.split(STEP)) {
    const [said, echoed] = await Promise.all([
      sayTo(real.address, part),
      sayTo(fake.address, part),
    ]);
    assertSame(said, echoed);
  }
}

const KEYS = ['a', 'b', 'c', 'YQ=='];
const NUMBERS = ['0', '1', '7', '100', '18446744073709551615', '-1', 'x', ''];
const TTLS = ['0', '0', '40', '60', '90', '-1', '2592000', 'x'];
const VALUES = ['', '0', '5', '99', 'abc', '18446744073709551615', ' 7', 'x'.repeat(40)];
const FLAGS = [
  ...['v', 'k', 'f', 'c', 's', 't', 'h', 'l', 'u', 'q', 'b', 'I', 'O1', 'Oab', 'P', 'z'],
  ...[
    'N0',
    'N50',
    'T0',
    'T70',
    'T-1',
    'R30',
    'R80',
    'F0',
    'F7',
    'C0',
    'C1',
    'C3',
    'C9',
    'D2',
    'J4',
  ],
  ...['MS', 'ME', 'MA', 'MP', 'MR', 'MI', 'MD', 'M+', 'M-', 'Mx'],
];

const pick = (all: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...all);
const key = pick(KEYS);
const flags = fc.array(pick(FLAGS), { maxLength: 6 }).map((all) => all.join(' '));
const silence = pick(['', '', '', ' noreply']);

const command: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(pick(['get', 'gets']), fc.array(key, { minLength: 1, maxLength: 4 }))
    .map(([verb, keys]) => `${verb} ${keys.join(' ')}\r\n`),
  fc.tuple(pick(['gat', 'gats']), pick(TTLS), key).map((words) => `${words.join(' ')}\r\n`),
  fc
    .tuple(
      pick(['set', 'add', 'replace', 'append', 'prepend', 'cas']),
      ...[key, pick(NUMBERS), pick(TTLS), pick(VALUES), pick(['0', '1', '2', '5', '9']), silence],
    )
    .map(([verb, of, number, ttl, value, cas, end]) => {
      const rest = verb === 'cas' ? ` ${cas}${end}` : end;
      return `${verb} ${of} ${number} ${ttl} ${value.length}${rest}\r\n${value}\r\n`;
    }),
  fc
    .tuple(pick(['incr', 'decr']), key, pick(NUMBERS), silence)
    .map(([verb, of, number, end]) => `${verb} ${of} ${number}${end}\r\n`),
  fc
    .tuple(pick(['touch', 'delete', 'flush_all']), key, pick(TTLS), silence)
    .map(
      ([verb, of, ttl, end]) =>
        ({ touch: `touch ${of} ${ttl}${end}\r\n`, delete: `delete ${of}${end}\r\n` })[verb] ??
        `flush_all${end}\r\n`,
    ),
  fc.tuple(pick(['mg', 'md', 'ma', 'me']), key, flags).map((words) => `${words.join(' ')}\r\n`),
  fc
    .tuple(key, pick(VALUES), flags)
    .map(([of, value, rest]) => `ms ${of} ${value.length} ${rest}\r\n${value}\r\n`),
);

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`both say the same: ${name}`, async (t) => {
    const both = await pair(t);
    if (both !== undefined) await compare(both, script);
  });
}

test('both say the same to commands of every kind on the same few keys', async (t) => {
  const both = await pair(t);
  if (both === undefined) return;
  const property = fc.asyncProperty(
    fc.array(command, { minLength: 20, maxLength: 60 }),
    async (commands) => {
      await compare(both, `flush_all\r\n${commands.join('')}`);
    },
  );
  // After the first difference the two are not alike any more.
  await fc.assert(property, { ...runs(300), endOnFailure: true });
});
