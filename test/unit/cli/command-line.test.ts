// What is typed: options, words, numbers, and what is said of those that cannot be meant.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkWords, parseGiven } from '../../../src/cli/command-line.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import type { Command } from '../../../src/cli/command.ts';
import { commandHelp, programHelp } from '../../../src/cli/help.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { hasColours } from '../../../src/cli/terminal.ts';

const COMMAND: Command = {
  name: 'paint',
  about: 'paints',
  usage: 'WHAT [COLOUR]',
  words: { least: 1, most: 2 },
  options: {
    count: { value: 'N', help: 'how often' },
    interval: { value: 'SECONDS', help: 'pause' },
    json: { help: 'as JSON' },
  },
  examples: ['memvolley paint wall'],
  run: () => Promise.resolve(0),
};

const given = (...argv: string[]) => parseGiven(COMMAND, argv);
const refused = (run: () => unknown, message: string | RegExp): void =>
  assert.throws(run, (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, typeof message === 'string' ? exactly(message) : message);
    return true;
  });
const exactly = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);

describe('options', () => {
  test('stand before, between and behind words', () => {
    for (const argv of [
      ['--count', '3', 'a', 'b'],
      ['a', '--count=3', 'b'],
      ['a', 'b', '--count', '3'],
    ]) {
      const parsed = given(...argv);
      assert.deepEqual(parsed.words, ['a', 'b']);
      assert.equal(parsed.whole('count', 1), 3);
      assert.equal(parsed.has('json'), false);
    }
    assert.equal(given('a', '--json').has('json'), true);
    assert.deepEqual(given('--', '-a', '--json').words, ['-a', '--json']);
    assert.deepEqual(given('a', '-').words, ['a', '-']);
  });

  test('that are not there are told with the nearest one', () => {
    refused(() => given('--cuont', '3'), 'unknown option --cuont: did you mean --count?');
    refused(
      () => given('-5'),
      'unknown option -5: see memvolley paint --help; before a word that begins with - write --',
    );
    refused(() => given('--count'), '--count needs a value: --count N');
    refused(() => given('--json=yes'), '--json takes no value');
  });

  test('take whole numbers and durations', () => {
    assert.equal(given('--interval', '2').duration('interval', 1), 2000);
    assert.equal(given('--interval', '0.5s').duration('interval', 1), 500);
    assert.equal(given('--interval', '20ms').duration('interval', 1), 20);
    assert.equal(given().duration('interval', 1), undefined);
    for (const text of ['x', '1m', '', '5ms']) {
      refused(
        () => given(`--interval=${text}`).duration('interval', 10),
        /^--interval takes seconds such as 2 or 0\.5, or milliseconds such as 200ms, from 10ms; not '/,
      );
    }
    for (const text of ['0', '1.5', '-1', 'x', '11', '1e1']) {
      refused(
        () => given(`--count=${text}`).whole('count', 1, 10),
        `--count takes a whole number from 1 to 10; not '${text}'`,
      );
    }
  });
});

test('too few and too many words are told with the usage', () => {
  refused(
    () => checkWords(COMMAND, given()),
    'something is missing: memvolley paint WHAT [COLOUR]',
  );
  refused(
    () => checkWords(COMMAND, given('a', 'b', 'c')),
    "'c' is too much: memvolley paint WHAT [COLOUR]",
  );
  checkWords(COMMAND, given('a', 'b'));
});

describe('help', () => {
  test('lists every command once', () => {
    const help = programHelp();
    for (const { name, about } of COMMANDS) {
      assert.equal(help.split(`\n  ${name} `).length, 2, name);
      assert.ok(help.includes(about), name);
    }
  });

  test('has usage, every option, an example and the exit codes', () => {
    for (const command of COMMANDS) {
      const help = commandHelp(command);
      assert.ok(help.startsWith(`usage: memvolley ${command.name}`));
      for (const name of Object.keys(command.options))
        assert.match(help, new RegExp(`  --${name}`));
      assert.ok(command.examples.length > 0);
      for (const example of command.examples) assert.ok(help.includes(example));
      assert.match(help, /exit codes: 0 /);
      for (const line of help.split('\n')) assert.ok(line.length <= 120, line);
    }
  });
});

test('colours go to terminals, unless the environment says otherwise', () => {
  const terminal = { isTTY: true };
  assert.equal(hasColours(terminal, {}), true);
  assert.equal(hasColours(terminal, { NO_COLOR: '1' }), false);
  assert.equal(hasColours(terminal, { NO_COLOR: '' }), true);
  assert.equal(hasColours(terminal, { TERM: 'dumb' }), false);
  assert.equal(hasColours(terminal, { FORCE_COLOR: '0' }), false);
  assert.equal(hasColours({}, {}), false);
  assert.equal(hasColours({}, { FORCE_COLOR: '1' }), true);
  assert.equal(hasColours({}, { FORCE_COLOR: '', NO_COLOR: '1' }), true);
});
