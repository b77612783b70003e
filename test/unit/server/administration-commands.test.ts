import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { MemlimitCommand, StatsCommand } from '../../../src/server/administration-commands.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';

function statsOf(args = '') {
  const waiter = new AnswerWaiter<Map<string, string>>();
  const asked = { server: new Port(), sink: waiter, tag: 0 };
  return { waiter, command: new StatsCommand(args, asked) };
}

function line(command: StatsCommand | MemlimitCommand, text: string): string {
  const bytes = Buffer.from(`\r\n${text}\r\n`, 'latin1');
  return command.line(bytes, 2, 2 + text.length);
}

test('stats gathers lines up to END', () => {
  const { command, waiter } = statsOf();
  assert.equal(wireText(command), 'stats\r\n');
  const lines = [
    'STAT pid 7',
    'STAT version 1.6.18 (Debian)',
    'STAT empty ',
    'STAT bare',
    'STAT prefix  ',
    'STAT path /\u00a0x',
  ];
  for (const text of lines) assert.equal(line(command, text), 'more');
  assert.deepEqual(waiter.told, []);
  assert.equal(line(command, 'END'), 'last');
  const expected = new Map([
    ['pid', '7'],
    ['version', '1.6.18 (Debian)'],
    ['empty', ''],
    ['bare', ''],
    ['prefix', ' '],
    ['path', '/\u00a0x'],
  ]);
  assert.deepEqual(waiter.told, [expected]);
});

test('stats has arguments, and answers that are one word', () => {
  assert.equal(wireText(statsOf('settings').command), 'stats settings\r\n');
  for (const word of ['RESET', 'OK']) {
    const { command, waiter } = statsOf('reset');
    assert.equal(line(command, word), 'last');
    assert.deepEqual(waiter.told, [new Map()]);
  }
  for (const other of ['', 'STAT', 'STAT  1', 'STORED', 'VALUE a 0 1', 'ITEM a [1 b; 0 s]'])
    assert.equal(line(statsOf().command, other), 'foreign', other);
});

test('cachedump is answered with items, whose keys may hold anything but a line end', () => {
  const { command, waiter } = statsOf('cachedump 1 10');
  assert.equal(wireText(command), 'stats cachedump 1 10\r\n');
  assert.equal(line(command, 'ITEM a:b [1 b; 0 s]'), 'more');
  assert.equal(line(command, 'ITEM a [1 b; 0 s] [20 b; 1795232674 s]'), 'more');
  assert.equal(line(command, 'ITEM \u00c3\u00a0 [3 b; -1 s]'), 'more');
  assert.equal(line(command, 'STAT a 1'), 'foreign');
  assert.equal(line(command, 'END'), 'last');
  assert.deepEqual(
    [...(waiter.told[0] as Map<string, string>)],
    [
      ['a:b', '[1 b; 0 s]'],
      ['a [1 b; 0 s]', '[20 b; 1795232674 s]'],
      ['\u00c3\u00a0', '[3 b; -1 s]'],
    ],
  );
});

test('detail dump is answered with prefixes, an empty one too', () => {
  const { command, waiter } = statsOf('detail dump');
  assert.equal(line(command, 'PREFIX a get 1 hit 1 set 1 del 0'), 'more');
  assert.equal(line(command, 'PREFIX  get 0 hit 0 set 1 del 0'), 'more');
  assert.equal(line(command, 'END'), 'last');
  assert.deepEqual(
    [...(waiter.told[0] as Map<string, string>)],
    [
      ['a', 'get 1 hit 1 set 1 del 0'],
      ['', 'get 0 hit 0 set 1 del 0'],
    ],
  );
});

test('what sizes_enable and sizes_disable say has no end of its own', () => {
  for (const args of ['sizes_enable', 'sizes_disable']) {
    const { command, waiter } = statsOf(args);
    assert.equal(wireText(command), `stats ${args}\r\nversion\r\n`);
    assert.equal(line(command, 'STAT sizes_status error'), 'more');
    assert.equal(line(command, 'STAT sizes_error no_memory'), 'more');
    // A release that mends it is understood as well.
    assert.equal(line(command, 'END'), 'more');
    assert.equal(line(command, 'OK'), 'foreign');
    assert.equal(line(command, 'VERSION 1.6.18'), 'last');
    const expected = [
      ['sizes_status', 'error'],
      ['sizes_error', 'no_memory'],
    ];
    assert.deepEqual([...(waiter.told[0] as Map<string, string>)], expected);
  }
});

function memlimitOf(megabytes: number) {
  const waiter = new AnswerWaiter<true>();
  return {
    waiter,
    command: new MemlimitCommand(megabytes, { server: new Port(), sink: waiter, tag: 0 }),
  };
}

test('cache_memlimit is done, or refused in words of its own that keep the connection', () => {
  const { command, waiter } = memlimitOf(64);
  assert.equal(wireText(command), 'cache_memlimit 64\r\n');
  assert.equal(line(command, 'OK'), 'last');
  assert.deepEqual(waiter.told, [true]);
  for (const said of [
    'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m',
    'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes',
  ]) {
    const refused = memlimitOf(5);
    assert.equal(line(refused.command, said), 'last');
    const [error] = refused.waiter.told;
    assert.ok(error instanceof MemcacheError);
    const { name, code, sent, server, message } = error;
    assert.deepEqual(
      { name, code, sent, server },
      { name: 'MemcacheClientError', code: 'ERR_MEMCACHE_CLIENT', sent: 'yes', server: 'a:1' },
    );
    assert.equal(message, `a:1 answered cache_memlimit with: ${said}`);
  }
  assert.equal(line(memlimitOf(5).command, 'STORED'), 'foreign');
});
