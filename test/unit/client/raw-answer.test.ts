import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawAnswer, type Terminator } from '../../../src/client/raw-answer.ts';
import { MemcacheError } from '../../../src/errors.ts';

const OF = { server: 'a:1', command: 'lru' };

interface Outcome {
  readonly answer?: string | undefined;
  readonly code?: string;
}

/** What becomes of an answer that comes in these pieces. */
function outcome(
  pieces: readonly string[],
  until: Terminator = Buffer.from('\r\n'),
  maxBytes = 1000,
): Outcome {
  const answer = new RawAnswer({ until, maxBytes }, OF);
  try {
    for (const piece of pieces) {
      const whole = answer.feed(Buffer.from(piece, 'latin1'));
      if (whole !== undefined) return { answer: whole.toString('latin1') };
    }
    return { answer: undefined };
  } catch (error) {
    assert.ok(error instanceof MemcacheError);
    assert.deepEqual([error.server, error.command, error.sent], ['a:1', 'lru', 'yes']);
    return { code: error.code };
  }
}

/** Whole, cut once at every place, and byte by byte: always the same. */
function always(expected: Outcome, text: string, until?: Terminator, maxBytes?: number): void {
  const cuts = [[text], text.split('')];
  for (let at = 1; at < text.length; at++) cuts.push([text.slice(0, at), text.slice(at)]);
  for (let at = 1; at + 1 < text.length; at++)
    cuts.push([text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]);
  for (const pieces of cuts)
    assert.deepEqual(outcome(pieces, until, maxBytes), expected, JSON.stringify(pieces));
}

test('an answer ends before its terminator, wherever it is cut', () => {
  always({ answer: 'OK' }, 'OK\r\n');
  always({ answer: '' }, '\r\n');
  always({ answer: 'me k exp=1 la=2' }, 'me k exp=1 la=2\r\n');
  always({ answer: 'a\r\nb\r\n' }, 'a\r\nb\r\nEND\r\n', Buffer.from('END\r\n'));
  always({ answer: 'STAT a 1\r\n' }, 'STAT a 1\r\nEND\r\nmore', Buffer.from('END\r\n'));
  always({ answer: 'a\r\r' }, 'a\r\r\r\nb', Buffer.from('\r\nb'));
  always({ answer: '\xff\xfe' }, '\xff\xfe\0\xfd', Buffer.from([0x00, 0xfd]));
});

test('a terminator is found in what might have begun an error line', () => {
  always({ answer: '' }, 'END\r\n', Buffer.from('E'));
  always({ answer: '' }, 'SETTLED\r\n', Buffer.from('SE'));
  always({ answer: '' }, 'ERRORS none\r\n', Buffer.from('ERRORS'));
});

test('a RegExp ends it at its first match', () => {
  always({ answer: 'VALUE a 0 1\r\nx\r\n' }, 'VALUE a 0 1\r\nx\r\nEND\r\n', /END\r\n/);
  always({ answer: 'HD' }, 'HD\r\nMN\r\n', /\r\nMN\r\n/);
});

test('an error line rejects, wherever it is cut and whatever the terminator', () => {
  for (const until of [Buffer.from('\r\n'), Buffer.from('END\r\n'), Buffer.from(' '), /o/i]) {
    always({ code: 'ERR_MEMCACHE_UNKNOWN_COMMAND' }, 'ERROR\r\n', until);
    always({ code: 'ERR_MEMCACHE_UNKNOWN_COMMAND' }, 'ERROR: shutdown not enabled\r\n', until);
    always({ code: 'ERR_MEMCACHE_CLIENT' }, 'CLIENT_ERROR bad data chunk\r\nERROR\r\n', until);
    always({ code: 'ERR_MEMCACHE_SERVER' }, 'SERVER_ERROR out of memory\r\n', until);
    always({ code: 'ERR_MEMCACHE_SERVER' }, 'SERVER_ERROR\n', until);
  }
});

test('what only begins as an error line does is an answer', () => {
  always({ answer: 'ERRORS' }, 'ERRORS\r\n');
  always({ answer: 'CLIENTS' }, 'CLIENTS\r\n');
  always({ answer: 'STORED' }, 'STORED\r\n');
  always({ answer: 'END\r\nERROR' }, 'END\r\nERROR\r\n.', Buffer.from('\r\n.'));
  always({ answer: '' }, 'EN', Buffer.from('EN'));
});

test('an answer over the limit rejects, terminator included', () => {
  always({ answer: '1234' }, '1234\r\n', undefined, 6);
  always({ code: 'ERR_MEMCACHE_TOO_LARGE' }, '12345\r\n', undefined, 6);
  always({ code: 'ERR_MEMCACHE_TOO_LARGE' }, '1234567', undefined, 6);
  always({ answer: undefined }, '123456', undefined, 6);
  always({ code: 'ERR_MEMCACHE_TOO_LARGE' }, '12345xx', /xx/, 6);
  always({ answer: '1234' }, '1234xx', /xx/, 6);
});

test('a long answer that comes in many pieces is whole, and memory of its own', () => {
  const answer = new RawAnswer({ until: Buffer.from('END'), maxBytes: 10_000_000 }, OF);
  const piece = Buffer.alloc(10_000, 'x');
  for (let i = 0; i < 500; i++) assert.equal(answer.feed(piece), undefined);
  piece.fill('y');
  const whole = answer.feed(Buffer.from('END'));
  assert.equal(whole?.length, 5_000_000);
  assert.ok(whole.every((byte) => byte === 0x78));
});
