import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemcacheError } from '../../../src/errors.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import type { ServerLimits } from '../../../src/server/limits.ts';
import {
  type StoreAnswer,
  StoreCommand,
  type StoreRequest,
  type StoreVerb,
} from '../../../src/server/store-command.ts';
import { AnswerWaiter, Port, wireText } from '../../support/waiters.ts';

function storeOf(request: Partial<StoreRequest> = {}, limits: Partial<ServerLimits> = {}) {
  const waiter = new AnswerWaiter<StoreAnswer>();
  const command = new StoreCommand(
    {
      verb: 'set',
      key: 'k',
      flags: 0,
      exptime: 0,
      data: 'value',
      cas: undefined,
      release: undefined,
      ...request,
    },
    { server: new Port({ speaksMeta: true, ...limits }), sink: waiter, tag: 0 },
  );
  return { command, waiter };
}

const line = (command: StoreCommand, text: string): string =>
  command.line(Buffer.from(`\r\n${text}\r\n`), 2, 2 + text.length);

/** The error, once it is certain that nothing was written before it. */
function refusal(command: StoreCommand): MemcacheError {
  const writer = new RequestWriter();
  try {
    command.write(writer);
  } catch (error) {
    assert.ok(error instanceof MemcacheError);
    assert.equal(writer.length, 0);
    assert.equal(error.sent, 'no');
    return error;
  }
  throw new assert.AssertionError({ message: 'it was written' });
}

test('header and value are what the protocol asks for', () => {
  assert.equal(
    wireText(storeOf({ flags: 16, exptime: 300 }).command),
    'set k 16 300 5\r\nvalue\r\n',
  );
  assert.equal(
    wireText(storeOf({ verb: 'cas', cas: '18446744073709551615' }).command),
    'cas k 0 0 5 18446744073709551615\r\nvalue\r\n',
  );
  assert.equal(wireText(storeOf({ data: '', exptime: -1 }).command), 'set k 0 -1 0\r\n\r\n');
});

test('every verb is its own', () => {
  for (const verb of ['set', 'add', 'replace', 'append', 'prepend'] as const) {
    assert.equal(wireText(storeOf({ verb }).command), `${verb} k 0 0 5\r\nvalue\r\n`);
  }
});

test('the length counts bytes, of text in UTF-8', () => {
  const { command } = storeOf({ data: 'é👍\ud800', key: 'k' });
  assert.equal(command.length, 9);
  assert.equal(command.bytes, 10);
  assert.equal(wireText(command), 'set k 0 0 9\r\n\xc3\xa9\xf0\x9f\x91\x8d\xef\xbf\xbd\r\n');
});

test('bytes of any kind and length go out as they are', () => {
  for (const length of [0, 1, 16_384, 16_385, 100_000]) {
    const data = Buffer.alloc(length, 'END\r\nset x 0 0 1\r\n');
    const { command } = storeOf({ data });
    assert.equal(wireText(command), `set k 0 0 ${length}\r\n${data.toString('latin1')}\r\n`);
  }
});

test('a key in base64 goes by the meta command', () => {
  const key = wireKey(Buffer.from('a b'), '');
  const { command } = storeOf({ key, flags: 2, exptime: 9, data: 'x' });
  assert.equal(wireText(command), 'ms YSBi 1 b F2 T9 MS\r\nx\r\n');
  const classic = storeOf({ key }, { speaksMeta: false });
  assert.equal(refusal(classic.command).code, 'ERR_MEMCACHE_UNSUPPORTED');
});

test('bytes that were resized, transferred or detached since the call are refused', () => {
  // The types of this target do not know resizable memory yet; Node does.
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const resizable = new Resizable(8, { maxByteLength: 16 });
  const grown = storeOf({ data: new Uint8Array(resizable) });
  resizable.resize(16);
  const shrunk = storeOf({ data: new Uint8Array(resizable) });
  resizable.resize(4);
  const detached = new Uint8Array(20_000);
  const transferred = storeOf({ data: detached });
  structuredClone(detached, { transfer: [detached.buffer] });
  const empty = new Uint8Array(0);
  const gone = storeOf({ data: empty });
  structuredClone(empty, { transfer: [empty.buffer] });
  for (const { command } of [grown, shrunk, transferred, gone]) {
    const error = refusal(command);
    assert.equal(error.code, 'ERR_MEMCACHE_VALUE');
    assert.deepEqual([error.server, error.command, error.retryable], ['a:1', 'set', false]);
  }
});

test('a value over what the server takes is refused, one byte less is not', () => {
  // 59 bytes of the server's own, one of the key, four for flags that are not 0.
  for (const [flags, fits] of [
    [0, 940],
    [1, 936],
  ]) {
    const limits = { itemSizeMax: 1000 };
    assert.ok(wireText(storeOf({ flags, data: Buffer.alloc(fits) }, limits).command));
    for (const data of [Buffer.alloc(fits + 1), 'x'.repeat(fits + 1)]) {
      const error = refusal(storeOf({ flags, data }, limits).command);
      assert.equal(error.code, 'ERR_MEMCACHE_TOO_LARGE');
      assert.match(error.message, new RegExp(`of ${fits + 1} bytes is over the ${fits} that a:1`));
    }
  }
});

test('limits are looked at when it leaves, not when it is made', () => {
  const limits = { ...new Port().limits, itemSizeMax: 1_048_576 };
  const waiter = new AnswerWaiter<StoreAnswer>();
  const request = {
    verb: 'set',
    key: 'k',
    flags: 0,
    exptime: 0,
    data: Buffer.alloc(2000),
    cas: undefined,
    release: undefined,
  } as const;
  const server = Object.assign(new Port(), { limits });
  const command = new StoreCommand(request, { server, sink: waiter, tag: 0 });
  limits.itemSizeMax = 1024;
  assert.equal(refusal(command).code, 'ERR_MEMCACHE_TOO_LARGE');
});

const ANSWERS: [StoreVerb, string, StoreAnswer][] = [
  ['set', 'STORED', 'stored'],
  ['add', 'NOT_STORED', 'not stored'],
  ['append', 'NOT_STORED', 'not stored'],
  ['cas', 'STORED', 'stored'],
  ['cas', 'EXISTS', 'exists'],
  ['cas', 'NOT_FOUND', 'missing'],
];

for (const [verb, text, answer] of ANSWERS) {
  test(`${text} answers ${verb} with '${answer}'`, () => {
    const { command, waiter } = storeOf({ verb, cas: '1' });
    assert.equal(line(command, text), 'last');
    assert.deepEqual(waiter.told, [answer]);
  });
}

test('meta answers are for keys in base64', () => {
  const key = wireKey(Buffer.from('a b'), '');
  for (const [text, answer] of [
    ['HD', 'stored'],
    ['NS', 'not stored'],
    ['EX', 'exists'],
    ['NF', 'missing'],
  ]) {
    const { command, waiter } = storeOf({ key, verb: 'cas', cas: '1' });
    wireText(command);
    assert.equal(line(command, text), 'last');
    assert.deepEqual(waiter.told, [answer]);
    assert.equal(line(storeOf({ verb: 'cas', cas: '1' }).command, text), 'foreign');
  }
});

test('anything else answers nothing', () => {
  const others = ['', 'STORE', 'STOREDX', 'stored', 'NOT_STORED ', 'DELETED', 'OK', 'END', 'EN'];
  for (const text of others) {
    const { command, waiter } = storeOf();
    assert.equal(line(command, text), 'foreign', text);
    assert.deepEqual(waiter.told, []);
  }
});

test('only cas can be answered with EXISTS or NOT_FOUND', () => {
  for (const verb of ['set', 'add', 'replace', 'append', 'prepend'] as const) {
    const key = wireKey(Buffer.from('a b'), '');
    for (const text of ['EXISTS', 'NOT_FOUND']) {
      assert.equal(line(storeOf({ verb }).command, text), 'foreign', `${verb}: ${text}`);
    }
    for (const text of ['EX', 'NF']) {
      assert.equal(line(storeOf({ verb, key }).command, text), 'foreign', `${verb}: ${text}`);
    }
  }
});
