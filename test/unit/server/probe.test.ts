import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { LineCommand } from '../../../src/server/answer-command.ts';
import { probeOf } from '../../../src/server/probe.ts';
import { Port } from '../../support/waiters.ts';

test('what its sink is told is the answer', async () => {
  const [{ sink, tag }, answer] = probeOf<string>(1000);
  sink.answer(tag, 'yes');
  assert.equal(await answer, 'yes');
});

test('what its sink fails with is the rejection', async () => {
  const [{ sink, tag }, answer] = probeOf<string>(1000);
  const error = new MemcacheError('ERR_MEMCACHE_CLOSED', 'closed');
  sink.fail(tag, error);
  await assert.rejects(answer, error);
});

test('its deadline is so many milliseconds from now', () => {
  const before = performance.now();
  const [{ sink }] = probeOf(250);
  assert.ok(sink.deadline >= before + 250 && sink.deadline <= performance.now() + 250);
});

test('a command carries it as any other waiter', async () => {
  const [waiting, answer] = probeOf<boolean>(1000);
  const request = { verb: 'version', key: '', text: 'version' };
  const read = (): { answer: boolean } => ({ answer: true });
  const command = new LineCommand(request, read, { server: new Port(), ...waiting });
  assert.equal(command.abandoned, false);
  command.written();
  assert.equal(waiting.sink.sent, 'maybe');
  command.line(Buffer.from('OK'), 0, 2);
  assert.equal(await answer, true);
  assert.equal(command.abandoned, true);
});
