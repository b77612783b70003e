import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import type { MetaRequest, MetaSet } from '../../../src/protocol/meta-requests.ts';
import type { ServerLimits } from '../../../src/server/limits.ts';
import {
  type MetaAnswer,
  MetaCommand,
  MetaStoreCommand,
} from '../../../src/server/meta-commands.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';
import { reply } from './replies.ts';

const BLANK = wireKey(Buffer.from('a b'), '');
const META = { speaksMeta: true, version: [1, 6, 45] } as const;
const NOTHING = { value: undefined, cas: '', ttl: Number.NaN, size: Number.NaN };

function commandOf(request: MetaRequest, limits: Partial<ServerLimits> = META) {
  const waiter = new AnswerWaiter<MetaAnswer>();
  const asked = { server: new Port(limits), sink: waiter, tag: 0 };
  return { waiter, command: new MetaCommand(request, asked) };
}

function storeOf(
  meta: Partial<MetaSet> & { key?: string; data?: string | Uint8Array; flags?: number } = {},
  limits: Partial<ServerLimits> = META,
) {
  const { key = 'a', data = 'x', flags = 0, ...set } = meta;
  const waiter = new AnswerWaiter<MetaAnswer>();
  const asked = { server: new Port(limits), sink: waiter, tag: 0 };
  const request = { key, data, flags, release: undefined, meta: { mode: 'set', ...set } } as const;
  return { waiter, command: new MetaStoreCommand(request, asked) };
}

const remove = (more: Partial<MetaRequest & { verb: 'md' }> = {}): MetaRequest => ({
  verb: 'md',
  key: 'a',
  ...more,
});

const step: MetaRequest = { verb: 'ma', key: 'a', mode: 'incr', delta: 1n };

test('a status answers, with or without the key', () => {
  for (const [line, status] of [
    ['HD ka', 'HD'],
    ['HD', 'HD'],
    ['NF ka', 'NF'],
    ['EX ka', 'EX'],
    ['EX', 'EX'],
    ['HD kYQ== b', 'HD'],
  ] as const) {
    const { command, waiter } = commandOf(remove());
    assert.equal(reply(command, `${line}\r\n`), undefined, line);
    assert.deepEqual(waiter.told, [{ status, ...NOTHING }]);
  }
});

test('an answer about another key, with another opaque or with another word is foreign', () => {
  for (const line of [
    'HD kb',
    'HD ka Oq',
    'HD Oq',
    'EN',
    'OK',
    'HDX',
    'HD ka c',
    'MN',
    'DELETED',
  ]) {
    const { command, waiter } = commandOf(remove({ opaque: 'o' }));
    wireText(command);
    assert.equal(reply(command, `${line}\r\n`), 'ERR_MEMCACHE_PROTOCOL', line);
    assert.deepEqual(waiter.told, []);
  }
  const { command, waiter } = commandOf(remove({ opaque: 'o' }));
  wireText(command);
  assert.equal(reply(command, 'HD ka Oo\r\n'), undefined);
  assert.equal(waiter.told.length, 1);
});

test('a value is foreign to a delete', () => {
  assert.equal(reply(commandOf(remove()).command, 'VA 1 ka\r\n1\r\n'), 'ERR_MEMCACHE_PROTOCOL');
});

test('a counter answers its value, its token and its ttl', () => {
  const { command, waiter } = commandOf(step);
  assert.equal(wireText(command), 'ma a k MI D1 v c t\r\n');
  assert.equal(reply(command, 'VA 20 ka c7 t-1\r\n18446744073709551615\r\n'), undefined);
  const [answer] = waiter.told;
  assert.deepEqual(answer, {
    status: 'VA',
    value: 2n ** 64n - 1n,
    cas: '7',
    ttl: -1,
    size: Number.NaN,
  });
});

test('what decr pads is a number, what is none is foreign', () => {
  const { command, waiter } = commandOf(step);
  assert.equal(reply(command, 'VA 3 ka c7 t5\r\n99 \r\n'), undefined);
  assert.equal((waiter.told[0] as MetaAnswer).value, 99n);
  for (const text of [
    'VA 1 ka\r\nx\r\n',
    'VA 0 ka\r\n\r\n',
    'VA 1 kb\r\n1\r\n',
    'VA 1 ka Oq\r\n1\r\n',
    'VA 1\r\n1\r\n',
  ]) {
    const other = commandOf(step);
    assert.equal(reply(other.command, text), 'ERR_MEMCACHE_PROTOCOL', text);
    assert.deepEqual(other.waiter.told, []);
  }
});

test('an error line is the caller’s alone where the stream survives it', () => {
  const { command, waiter } = commandOf(step);
  const line = 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
  assert.equal(reply(command, line), undefined);
  const [error] = waiter.told;
  assert.ok(error instanceof MemcacheError);
  assert.deepEqual([error.code, error.command], ['ERR_MEMCACHE_CLIENT', 'ma']);
});

test('a store sends its value behind the line and answers what it is told', () => {
  const { command, waiter } = storeOf({ returnCas: true, returnSize: true, flags: 7 });
  assert.equal(wireText(command), 'ms a 1 k F7 MS c s\r\nx\r\n');
  assert.equal(reply(command, 'HD ka c9 s1\r\n'), undefined);
  assert.deepEqual(waiter.told, [
    { status: 'HD', value: undefined, cas: '9', ttl: Number.NaN, size: 1 },
  ]);
  const blank = storeOf({ key: BLANK });
  assert.equal(wireText(blank.command), 'ms YSBi 1 b k F0 MS\r\nx\r\n');
  assert.equal(reply(blank.command, 'HD kYSBi b\r\n'), undefined);
  assert.equal(reply(storeOf({ key: BLANK }).command, 'HD kYSBj b\r\n'), 'ERR_MEMCACHE_PROTOCOL');
});

test('a value the server would refuse is never sent, whatever is compared', () => {
  const limits = { ...META, itemSizeMax: 100 };
  // 100 - 59 - 1 for the key, 4 less with client flags
  for (const [flags, length] of [
    [0, 40],
    [1, 36],
  ]) {
    for (const meta of [{}, { cas: '1' }, { mode: 'append' }, { mode: 'add' }] as const) {
      const fits = storeOf({ ...meta, flags, data: 'x'.repeat(length) }, limits);
      assert.ok(wireText(fits.command).length > length);
      const over = storeOf({ ...meta, flags, data: 'x'.repeat(length + 1) }, limits);
      assert.throws(() => wireText(over.command), {
        code: 'ERR_MEMCACHE_TOO_LARGE',
        sent: 'no',
        command: 'ms',
      });
    }
  }
});

test('bytes that have changed since the call are not sent', () => {
  const data = new Uint8Array(8);
  const { command } = storeOf({ data });
  structuredClone(data, { transfer: [data.buffer] });
  assert.throws(() => wireText(command), { code: 'ERR_MEMCACHE_VALUE', sent: 'no' });
});

test('a server that speaks no meta, or not so much of it, is not asked', () => {
  const commands = {
    md: () => commandOf(remove({ keepItem: true }), { ...META, version: [1, 6, 18] }).command,
    ms: () => storeOf({ returnSize: true }, { ...META, version: [1, 6, 20] }).command,
  };
  for (const [verb, release, make] of [
    ['md', '1.6.27', commands.md],
    ['ms', '1.6.21', commands.ms],
  ] as const) {
    assert.throws(
      () => wireText(make()),
      (error: MemcacheError) => {
        const { code, command, sent, message } = error;
        assert.deepEqual([code, command, sent], ['ERR_MEMCACHE_UNSUPPORTED', verb, 'no']);
        assert.ok(message.includes(`needs memcached ${release}`), message);
        return true;
      },
    );
  }
  for (const make of [
    () => commandOf(remove(), { speaksMeta: false }),
    () => storeOf({}, { speaksMeta: false }),
  ]) {
    assert.throws(() => wireText(make().command), /memcached 1\.6\.10/);
  }
});

test('a server that tells no release is tried', () => {
  const limits = { speaksMeta: true, version: undefined };
  assert.equal(wireText(commandOf(remove({ keepItem: true }), limits).command), 'md a k x\r\n');
  assert.equal(
    wireText(storeOf({ returnSize: true }, limits).command),
    'ms a 1 k F0 MS s\r\nx\r\n',
  );
});
