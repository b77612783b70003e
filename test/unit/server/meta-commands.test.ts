import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';
import type { AnswerCommand } from '../../../src/server/answer-command.ts';
import { ItemAnswer, MetaCount, MetaRead } from '../../../src/server/meta-commands.ts';
import { AnswerWaiter, Port, ReadWaiter, wireText } from '../../support/waiters.ts';

const KEY = wireKey(Buffer.from('a b'), '');
const LIMITS = { speaksMeta: true };

function readOf(verb: 'get' | 'gets' = 'get', waiter = new ReadWaiter()) {
  const metrics = new Metrics();
  const sink = new ItemAnswer(waiter, metrics);
  const asked = { server: new Port(LIMITS), sink, tag: 7 };
  return { waiter, metrics, command: new MetaRead(verb, KEY, asked) };
}

function countOf(verb: 'incr' | 'decr' = 'incr') {
  const waiter = new AnswerWaiter<bigint | undefined>();
  const asked = { server: new Port(LIMITS), sink: waiter, tag: 0 };
  return { waiter, command: new MetaCount({ verb, key: KEY, delta: 5n }, asked) };
}

/** What the parser makes of a reply to this command; the code of its error, if it has one. */
function reply(command: AnswerCommand<never>, text: string): string | undefined {
  let head: AnswerCommand<never> | undefined = command;
  const slots = {
    get head() {
      return head;
    },
    answered: () => {
      head = undefined;
    },
    refused: () => {
      head = undefined;
    },
  };
  const parser = new ResponseParser(slots, { readBufferBytes: 4096, maxValueBytes: 100_000 });
  try {
    for (const byte of Buffer.from(text, 'latin1')) parser.feed(Uint8Array.of(byte));
  } catch (error) {
    assert.ok(error instanceof MemcacheError);
    return error.code;
  }
  assert.equal(head, undefined, 'it is answered');
  return undefined;
}

test('a read asks for value and flags, and for cas with gets', () => {
  assert.equal(wireText(readOf('get').command), 'mg YSBi b v f k\r\n');
  assert.equal(wireText(readOf('gets').command), 'mg YSBi b v f k c\r\n');
});

test('a value answers it, small or large', () => {
  for (const value of ['', 'x', 'EN\r\n', 'large '.repeat(5000)]) {
    const { command, waiter } = readOf('gets');
    assert.equal(reply(command, `VA ${value.length} f3 kYSBi c77 b\r\n${value}\r\n`), undefined);
    assert.deepEqual(waiter.told, [[7, value]]);
    assert.equal(waiter.cas, '77');
  }
});

test('EN is a miss', () => {
  const { command, waiter } = readOf();
  assert.equal(reply(command, 'EN\r\n'), undefined);
  assert.deepEqual(waiter.told, [[7, 'miss']]);
});

test('nothing else answers a read', () => {
  for (const text of ['HD\r\n', 'NF\r\n', 'END\r\n', 'VALUE a 0 1\r\nx\r\n', 'V\r\n', 'VAX\r\n']) {
    const { command, waiter } = readOf();
    assert.equal(reply(command, text), 'ERR_MEMCACHE_PROTOCOL', text);
    assert.deepEqual(waiter.told, []);
  }
});

test('a waiter that has settled is not told, and its large value not gathered', () => {
  const { command, waiter } = readOf();
  waiter.settled = true;
  assert.equal(command.wants(), false);
  assert.equal(reply(command, `VA 9000 f0 kYSBi b\r\n${'x'.repeat(9000)}\r\n`), undefined);
  assert.deepEqual(waiter.told, []);
});

test('deadline, settling and what was sent are the waiter’s own', () => {
  const waiter = new ReadWaiter(50);
  const { command } = readOf('get', waiter);
  assert.deepEqual([command.deadline, command.abandoned], [50, false]);
  command.written();
  assert.equal(waiter.sent, 'maybe');
  command.expire(50, 'maybe');
  assert.deepEqual(waiter.told, [[7, 'ERR_MEMCACHE_TIMEOUT']]);
});

test('a count answers its new value, up to 64 bits, and drops the blanks of decr', () => {
  assert.equal(wireText(countOf('incr').command), 'ma YSBi b MI D5 v k\r\n');
  assert.equal(wireText(countOf('decr').command), 'ma YSBi b MD D5 v k\r\n');
  for (const [digits, expected] of [
    ['0', 0n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['99 ', 99n],
  ] as const) {
    const { command, waiter } = countOf();
    assert.equal(reply(command, `VA ${digits.length} kYSBi b\r\n${digits}\r\n`), undefined);
    assert.deepEqual(waiter.told, [expected]);
  }
  const { command, waiter } = countOf();
  assert.equal(reply(command, 'NF\r\n'), undefined);
  assert.deepEqual(waiter.told, [undefined]);
  assert.equal(reply(countOf().command, 'HD\r\n'), 'ERR_MEMCACHE_PROTOCOL');
  assert.equal(reply(countOf().command, 'EN\r\n'), 'ERR_MEMCACHE_PROTOCOL');
});

test('a read is counted as a hit or a miss', () => {
  const hit = readOf();
  reply(hit.command, 'VA 1 f16 kYSBi b\r\nx\r\n');
  const miss = readOf();
  reply(miss.command, 'EN\r\n');
  assert.deepEqual([hit.metrics.hits, hit.metrics.misses], [1, 0]);
  assert.deepEqual([miss.metrics.hits, miss.metrics.misses], [0, 1]);
});

test('an answer about another key is none to this one', () => {
  for (const foreign of ['VA 1 f16 kYSBj b\r\nx\r\n', 'VA 1 f16\r\nx\r\n', 'EN kYSBj b\r\n']) {
    assert.equal(reply(readOf('get').command, foreign), 'ERR_MEMCACHE_PROTOCOL', foreign);
  }
  const { command, waiter } = readOf('get');
  assert.equal(reply(command, 'EN kYSBi b\r\n'), undefined);
  assert.deepEqual(waiter.told, [[7, 'miss']]);
});
