import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import { type DebugLine, MetaDebug, MetaNoop } from '../../../src/server/meta-probes.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';
import { reply } from './replies.ts';

const BLANK = wireKey(Buffer.from('a b'), '');
const FACTS = 'exp=-1 la=3 cas=7 fetch=yes cls=1 size=61';
const READ: DebugLine = { exp: -1, la: 3, cas: '7', fetch: true, cls: 1, size: 61 };

function debugOf(key: string, speaksMeta = true) {
  const waiter = new AnswerWaiter<DebugLine | undefined>();
  const asked = { server: new Port({ speaksMeta }), sink: waiter, tag: 0 };
  return { waiter, command: new MetaDebug(key, asked) };
}

test('me asks about a key, one in base64 with a word behind its flag', () => {
  assert.equal(wireText(debugOf('a').command), 'me a\r\n');
  assert.equal(wireText(debugOf(BLANK).command), 'me YSBi b b\r\n');
});

test('what it says is read, however the key is spelled', () => {
  for (const [key, spelling] of [
    ['a', 'a'],
    ['a', 'YQ=='],
    [BLANK, 'YSBi'],
    [BLANK, 'a b'],
  ]) {
    const { command, waiter } = debugOf(key);
    assert.equal(reply(command, `ME ${spelling} ${FACTS}\r\n`), undefined, spelling);
    assert.deepEqual(waiter.told, [READ]);
  }
  const { command, waiter } = debugOf('a');
  assert.equal(reply(command, 'ME a exp=30 la=0 cas=1 fetch=no cls=2 size=99\r\n'), undefined);
  assert.deepEqual(waiter.told, [{ exp: 30, la: 0, cas: '1', fetch: false, cls: 2, size: 99 }]);
});

test('EN is a miss', () => {
  const { command, waiter } = debugOf('a');
  assert.equal(reply(command, 'EN\r\n'), undefined);
  assert.deepEqual(waiter.told, [undefined]);
});

test('anything else is foreign', () => {
  for (const line of [
    `ME b ${FACTS}`,
    `ME a ${FACTS} x`,
    'ME a',
    'ME a exp=1',
    'EN ka',
    'HD',
    FACTS,
  ]) {
    const { command, waiter } = debugOf('a');
    assert.equal(reply(command, `${line}\r\n`), 'ERR_MEMCACHE_PROTOCOL', line);
    assert.deepEqual(waiter.told, []);
  }
});

test('a key that would end the answer’s line is not asked about', () => {
  const refused = { code: 'ERR_MEMCACHE_UNSUPPORTED', command: 'me', sent: 'no' };
  assert.throws(() => wireText(debugOf(wireKey(Buffer.from('a\nb'), '')).command), refused);
  assert.equal(wireText(debugOf(wireKey(Buffer.from('a\rb'), '')).command), 'me YQ1i b b\r\n');
});

test('a server that speaks no meta is not asked', () => {
  assert.throws(() => wireText(debugOf('a', false).command), { code: 'ERR_MEMCACHE_UNSUPPORTED' });
  const asked = { server: new Port(), sink: new AnswerWaiter<true>(), tag: 0 };
  assert.throws(() => wireText(new MetaNoop(asked)), { code: 'ERR_MEMCACHE_UNSUPPORTED' });
});

test('mn is answered MN, and nothing else', () => {
  const noop = () => {
    const waiter = new AnswerWaiter<true>();
    const asked = { server: new Port({ speaksMeta: true }), sink: waiter, tag: 0 };
    return { waiter, command: new MetaNoop(asked) };
  };
  const { command, waiter } = noop();
  assert.equal(wireText(command), 'mn\r\n');
  assert.equal(reply(command, 'MN\r\n'), undefined);
  assert.deepEqual(waiter.told, [true]);
  for (const line of ['MN a', 'OK', 'EN'])
    assert.equal(reply(noop().command, `${line}\r\n`), 'ERR_MEMCACHE_PROTOCOL');
});
