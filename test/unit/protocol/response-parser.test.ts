import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';
import { BROKEN_REPLIES, GOLDEN_REPLIES, type GoldenReply } from '../../support/golden-replies.ts';
import {
  type Awaited,
  everyByte,
  parse,
  type Reading,
  ReplyRecorder,
} from '../../support/reply-recorder.ts';

/** The smallest there may be, one in between, and the default. */
const READ_BUFFERS = [4096, 6000, 131_072];
const HOW = ['feed', 'space'] as const;

/** The ways a stream may reach the parser: whole, byte by byte, and in two parts, cut anywhere. */
function* readings(stream: Buffer): Generator<Reading & { name: string }> {
  for (const readBufferBytes of READ_BUFFERS) {
    for (const by of HOW) {
      const where = { readBufferBytes, by };
      yield { ...where, name: `${by} ${readBufferBytes}, whole` };
      yield { ...where, name: `${by} ${readBufferBytes}, byte by byte`, cuts: everyByte(stream) };
      for (let cut = 1; cut < stream.length; cut++) {
        yield { ...where, name: `${by} ${readBufferBytes}, cut at ${cut}`, cuts: [cut] };
      }
    }
  }
}

function check({ stream, awaited, calls, broken }: GoldenReply): void {
  const bytes = Buffer.from(stream, 'latin1');
  const error = broken === true ? 'ERR_MEMCACHE_PROTOCOL' : undefined;
  for (const reading of readings(bytes)) {
    const outcome = parse(bytes, awaited, reading);
    assert.deepEqual(
      { calls: outcome.calls, error: outcome.error },
      { calls, error },
      reading.name,
    );
    for (const { bytes: given, held } of outcome.given) {
      assert.deepEqual(given, held, `${reading.name}: what was given away has been overwritten`);
    }
  }
}

for (const reply of GOLDEN_REPLIES) test(reply.name, () => check(reply));
for (const reply of BROKEN_REPLIES) test(`${reply.name} breaks the stream`, () => check(reply));

const get = (...keys: string[]): Awaited => ({ grammar: 'items', keys });
const header = (key: string, length: number): Buffer => Buffer.from(`VALUE ${key} 0 ${length}\r\n`);
const CRLF = Buffer.from('\r\n');

function parserOf(awaited: Awaited[], readBufferBytes = 131_072) {
  const recorder = new ReplyRecorder(awaited);
  const parser = new ResponseParser(recorder, { readBufferBytes, maxValueBytes: 1_048_576 });
  return { recorder, parser };
}

test('an error says that the answer never came whole, and that the call may be tried again', () => {
  const { parser } = parserOf([get('a')]);
  assert.throws(
    () => parser.feed(Buffer.from('VALUE secret 0 1\r\nx\r\n')),
    (error: Error) => {
      assert.equal(error.name, 'MemcacheConnectionError');
      assert.deepEqual(Object.fromEntries(Object.entries(error)), {
        code: 'ERR_MEMCACHE_PROTOCOL',
        server: undefined,
        command: undefined,
        sent: 'maybe',
        retryable: true,
        guard: 'key',
      });
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
});

test('a large value is read straight to a buffer of its exact size, which is its receiver’s', () => {
  const value = Buffer.alloc(300_000, 'abcdefghijk');
  const { recorder, parser } = parserOf([get('a')]);
  parser.feed(header('a', value.length));
  parser.feed(value.subarray(0, 10));
  const space = parser.space();
  assert.equal(space.length, value.length - 10);
  value.copy(space, 0, 10);
  parser.advance(space.length);
  assert.deepEqual(recorder.calls, [], 'its CRLF is missing');
  parser.feed(CRLF);
  const [{ bytes }] = recorder.given;
  assert.equal(bytes.length, value.length);
  assert.equal(bytes.buffer.byteLength, value.length, 'nothing else stands in its memory');
  assert.equal(bytes.buffer, space.buffer, 'the socket has written to it directly');
  assert.deepEqual(bytes, value);
});

test('what was handed over for good is never written again', () => {
  const { recorder, parser } = parserOf([get('a', 'b'), get('c', 'd')], 4096);
  const values = ['a', 'b', 'c', 'd'].map((key) => [key, Buffer.alloc(5000, key)] as const);
  for (const [key, value] of values) {
    if (key === 'c') parser.feed(Buffer.from('END\r\n'));
    parser.feed(Buffer.concat([header(key, value.length), value, CRLF]));
  }
  parser.feed(Buffer.from('END\r\n'));
  assert.equal(recorder.given.length, 4);
  for (const [i, { bytes }] of recorder.given.entries()) assert.deepEqual(bytes, values[i][1]);
});

test('a small value is a view of the read buffer and not owned', () => {
  const { recorder, parser } = parserOf([get('a')]);
  parser.feed(Buffer.concat([header('a', 100), Buffer.alloc(100, 'x'), CRLF]));
  assert.equal(recorder.given.length, 0);
  assert.equal(recorder.calls.length, 1);
});

test('a large value that came whole with one read is a view too', () => {
  const { recorder, parser } = parserOf([get('a')]);
  parser.feed(Buffer.concat([header('a', 50_000), Buffer.alloc(50_000, 'x'), CRLF]));
  assert.equal(recorder.given.length, 0);
  assert.equal(recorder.calls.length, 1);
});

test('a large value that nobody waits for takes no memory', () => {
  const { recorder, parser } = parserOf([{ ...get('a'), unwanted: ['a'] }], 4096);
  const piece = Buffer.alloc(4096, 'x');
  const readBuffer = parser.space().buffer;
  parser.feed(header('a', piece.length * 100));
  for (let i = 0; i < 100; i++) {
    const space = parser.space();
    assert.equal(space.buffer, readBuffer, 'it is read where everything is read');
    parser.feed(piece);
  }
  parser.feed(Buffer.from('\r\nEND\r\n'));
  assert.deepEqual(recorder.calls, [['unwanted', 'a', 0, '', ''], ['end'], ['answered']]);
  assert.equal(recorder.given.length, 0);
});

test('an item as long as the maximum is taken, one byte more is not', () => {
  for (const [length, error] of [
    [100, undefined],
    [101, 'ERR_MEMCACHE_PROTOCOL'],
  ] as const) {
    const stream = Buffer.concat([header('a', length), Buffer.alloc(length), CRLF]);
    assert.equal(parse(stream, [get('a')], { maxValueBytes: 100 }).error, error);
  }
});

test('a claim of a huge value costs no memory', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 50; i++) {
    assert.ok(parse(header('a', 1_000_000_000), [get('a')]).error);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
});

test('the maximum may change while the stream goes on', () => {
  const { recorder, parser } = parserOf([get('a'), get('b')]);
  parser.feed(Buffer.from('VALUE a 0 9\r\n123456789\r\nEND\r\n'));
  parser.maxValueBytes = 8;
  assert.throws(() => parser.feed(Buffer.from('VALUE b 0 9\r\n')), {
    code: 'ERR_MEMCACHE_PROTOCOL',
  });
  assert.equal(recorder.calls.length, 3);
});

test('a line may be 2048 bytes long, however it comes, and no longer', () => {
  const store: Awaited = { grammar: 'lines', lastLines: /^x+$/ };
  for (const [length, error] of [
    [2047, undefined],
    [2048, 'ERR_MEMCACHE_PROTOCOL'],
  ] as const) {
    const stream = Buffer.from(`${'x'.repeat(length)}\r\n`);
    for (const cuts of [[], everyByte(stream), [length], [length + 1]]) {
      for (const readBufferBytes of READ_BUFFERS) {
        assert.equal(parse(stream, [store], { cuts, readBufferBytes }).error, error);
      }
    }
  }
});

test('commands may be exchanged for others between two answers', () => {
  const { recorder, parser } = parserOf([get('a')]);
  const other = new ReplyRecorder([{ grammar: 'lines', lastLines: /^VERSION/ }]);
  parser.slots = other;
  parser.feed(Buffer.from('VERSION 1\r\n'));
  parser.slots = recorder;
  parser.feed(Buffer.from('END\r\n'));
  assert.deepEqual(other.calls, [['line', 'VERSION 1'], ['answered']]);
  assert.deepEqual(recorder.calls, [['end'], ['answered']]);
});
