import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { CountCommand } from '../../../src/server/count-command.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';
import { reply } from './replies.ts';

const KEY = wireKey(Buffer.from('a b'), '');

function countOf(verb: 'incr' | 'decr' = 'incr', deadline = Infinity) {
  const waiter = new AnswerWaiter<bigint | undefined>(deadline);
  const asked = { server: new Port({ speaksMeta: true }), sink: waiter, tag: 0 };
  const command = new CountCommand({ verb, key: KEY, delta: 5n }, asked);
  wireText(command);
  return { waiter, command };
}

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

test('an answer about another key is none to this one', () => {
  for (const foreign of ['VA 1 kYSBj b\r\n1\r\n', 'VA 1\r\n1\r\n', 'NF kYSBj b\r\n']) {
    const { command, waiter } = countOf();
    assert.equal(reply(command, foreign), 'ERR_MEMCACHE_PROTOCOL', foreign);
    assert.deepEqual(waiter.told, []);
  }
  const { command, waiter } = countOf();
  assert.equal(reply(command, 'NF kYSBi b\r\n'), undefined);
  assert.deepEqual(waiter.told, [undefined]);
});

test('a value that is no number breaks the connection, and is not repeated', () => {
  for (const digits of ['', ' ', 'x1', '0x1', '-1', '1 1', '1'.repeat(21)]) {
    const { command, waiter } = countOf();
    const answer = `VA ${digits.length} kYSBi b\r\n${digits}\r\n`;
    assert.equal(reply(command, answer), 'ERR_MEMCACHE_PROTOCOL', `'${digits}'`);
    assert.deepEqual(waiter.told, []);
  }
});

test('a waiter that has settled is not told', () => {
  const { command, waiter } = countOf();
  waiter.settled = true;
  assert.equal(command.wants(), false);
  assert.equal(reply(command, 'VA 1 kYSBi b\r\n6\r\n'), undefined);
  assert.deepEqual(waiter.told, []);
});

test('deadline, settling and what was sent are the waiter’s own', () => {
  const { command, waiter } = countOf('incr', 50);
  assert.deepEqual([command.deadline, command.abandoned], [50, false]);
  command.written();
  assert.equal(waiter.sent, 'maybe');
  command.expire(50, 'maybe');
  assert.deepEqual(
    waiter.told.map((error) => (error instanceof MemcacheError ? error.code : error)),
    ['ERR_MEMCACHE_TIMEOUT'],
  );
});
