import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { LineCommand } from '../../../src/server/answer-command.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';

function deleteOf(deadline = Infinity, key = 'k') {
  const waiter = new AnswerWaiter<boolean>(deadline);
  const server = new Port();
  const command = new LineCommand(
    { verb: 'delete', key, text: `delete ${key}` },
    (reply) => (reply === 'DELETED' ? { answer: true } : undefined),
    { server, sink: waiter, tag: 0 },
  );
  return { command, waiter, server };
}

const line = (command: LineCommand<boolean>, text: string): string =>
  command.line(Buffer.from(`\r\n${text}\r\n`), 2, 2 + text.length);

const onlyError = ({ told }: { told: readonly unknown[] }): MemcacheError => {
  assert.equal(told.length, 1);
  const [error] = told;
  assert.ok(error instanceof MemcacheError);
  return error;
};

test('a line command writes its line and reads one', () => {
  const { command, waiter } = deleteOf();
  assert.equal(wireText(command), 'delete k\r\n');
  assert.deepEqual([command.operations, command.bytes], [1, 1]);
  assert.equal(line(command, 'DELETED'), 'last');
  assert.deepEqual(waiter.told, [true]);
});

test('a line it cannot read is foreign, and nobody is told anything', () => {
  const { command, waiter } = deleteOf();
  assert.equal(line(command, 'STORED'), 'foreign');
  assert.deepEqual(waiter.told, []);
});

test('an error line is told with verb and server', () => {
  const { command, waiter } = deleteOf();
  command.refused({ status: 'SERVER_ERROR', text: 'busy' });
  const { code, server, command: verb, sent } = onlyError(waiter);
  assert.deepEqual(
    { code, server, verb, sent },
    { code: 'ERR_MEMCACHE_SERVER', server: 'a:1', verb: 'delete', sent: 'yes' },
  );
});

test('its caller is told once, and let go', () => {
  const { command, waiter } = deleteOf(10);
  assert.equal(command.deadline, 10);
  assert.equal(command.expire(10, 'maybe'), 1);
  assert.deepEqual([command.abandoned, command.deadline], [true, Infinity]);
  assert.equal(line(command, 'DELETED'), 'last');
  command.fail(new MemcacheError('ERR_MEMCACHE_CLOSED', ''));
  const { code, sent } = onlyError(waiter);
  assert.deepEqual([code, sent], ['ERR_MEMCACHE_TIMEOUT', 'maybe']);
});

test('a caller that settled by itself makes it abandoned and hears nothing', () => {
  const { command, waiter } = deleteOf(10);
  waiter.settled = true;
  assert.deepEqual([command.abandoned, command.deadline], [true, Infinity]);
  assert.equal(line(command, 'DELETED'), 'last');
  assert.deepEqual(waiter.told, []);
});

test('its caller learns when its bytes have been handed over', () => {
  const { command, waiter } = deleteOf();
  wireText(command);
  assert.equal(waiter.sent, 'no');
  command.written();
  assert.equal(waiter.sent, 'maybe');
});

test('a key in base64 is refused by a server without meta commands', () => {
  const { command } = deleteOf(Infinity, wireKey(Buffer.from('a b'), ''));
  assert.throws(() => wireText(command), { code: 'ERR_MEMCACHE_UNSUPPORTED' });
});

test('an answer in time, also an error line, is told to the server; one that nobody awaits is not', () => {
  const answered = deleteOf();
  line(answered.command, 'DELETED');
  assert.equal(answered.server.answers, 1);
  const refused = deleteOf();
  refused.command.refused({ status: 'SERVER_ERROR', text: 'busy' });
  assert.equal(refused.server.answers, 1);
  const foreign = deleteOf();
  line(foreign.command, 'STORED');
  foreign.command.fail(new MemcacheError('ERR_MEMCACHE_CLOSED', ''));
  assert.equal(foreign.server.answers, 0);
  for (const late of [
    (command: LineCommand<boolean>) => void line(command, 'DELETED'),
    (command: LineCommand<boolean>) => command.refused({ status: 'SERVER_ERROR', text: 'busy' }),
  ]) {
    const expired = deleteOf(10);
    expired.command.expire(10, 'maybe');
    late(expired.command);
    const aborted = deleteOf();
    aborted.waiter.settled = true;
    late(aborted.command);
    assert.deepEqual([expired.server.answers, aborted.server.answers], [0, 0]);
  }
});

test('what is about a whole server is refused where a proxy takes no such command', () => {
  const server = new Port({ administration: false });
  const asked = { server, sink: new AnswerWaiter<never>(), tag: 0 };
  const aboutServer = (verb: string): LineCommand<never> =>
    new LineCommand({ verb, key: '', text: verb }, () => undefined, asked);
  for (const verb of [
    'stats',
    'flush_all',
    'cache_memlimit',
    'verbosity',
    'shutdown',
    'lru_crawler',
    'lru',
    'slabs',
    'watch',
  ]) {
    assert.throws(() => wireText(aboutServer(verb)), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      server: 'a:1',
      command: verb,
      sent: 'no',
    });
  }
  assert.equal(wireText(aboutServer('version')), 'version\r\n');
});
