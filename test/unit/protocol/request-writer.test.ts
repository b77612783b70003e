import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COPY_UP_TO_BYTES,
  type Gathered,
  RequestWriter,
} from '../../../src/protocol/request-writer.ts';

const BLOCK_BYTES = 65_536;

const textOf = ({ chunks }: Gathered): string => Buffer.concat(chunks).toString('latin1');

function writeLine(writer: RequestWriter, line: string): void {
  writer.reserve(line.length + 2);
  writer.text(line).crlf();
}

test('it gathers lines into one chunk', () => {
  const writer = new RequestWriter();
  writer.reserve(100);
  writer.text('get').space().text('a').space().text('k'.repeat(60)).crlf();
  writeLine(writer, 'version');
  assert.equal(writer.length, 77);
  const gathered = writer.take();
  assert.equal(gathered.chunks.length, 1);
  assert.equal(gathered.blocks.length, 1);
  assert.equal(textOf(gathered), `get a ${'k'.repeat(60)}\r\nversion\r\n`);
});

test('short and long text are written byte for byte', () => {
  const every = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  for (const length of [0, 1, 47, 48, 49, 256]) {
    const writer = new RequestWriter();
    writer.reserve(300);
    writer.text(every.slice(0, length)).text('|');
    assert.equal(textOf(writer.take()), `${every.slice(0, length)}|`);
  }
});

test('bytes are written as they are now, whatever becomes of their source', () => {
  for (const length of [0, 1, 48, 49, 256]) {
    const source = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const expected = `${source.toString('latin1', 0, length)}|`;
    const writer = new RequestWriter();
    writer.reserve(300);
    writer.bytes(source, length);
    writer.text('|');
    source.fill(0);
    assert.equal(textOf(writer.take()), expected);
  }
});

test('nothing gathered is no chunk', () => {
  const writer = new RequestWriter();
  assert.deepEqual(writer.take(), { chunks: [], blocks: [] });
  writer.reserve(10);
  assert.equal(writer.length, 0);
  assert.deepEqual(writer.take().chunks, []);
});

test('values are copied up to a length and passed by reference beyond', () => {
  for (const [length, referred] of [
    [0, false],
    [COPY_UP_TO_BYTES, false],
    [COPY_UP_TO_BYTES + 1, true],
  ] as const) {
    const writer = new RequestWriter();
    const value = Buffer.alloc(length, 'v');
    writeLine(writer, 'set');
    writer.data(value, length);
    writeLine(writer, 'get');
    assert.equal(writer.length, length + 12);
    const gathered = writer.take();
    assert.equal(gathered.chunks.includes(value), referred);
    assert.equal(gathered.chunks.length, referred ? 3 : 1);
    assert.equal(textOf(gathered), `set\r\n${'v'.repeat(length)}\r\nget\r\n`);
    value.fill('x');
    assert.equal(textOf(gathered).includes('x'), referred);
  }
});

test('text is written as UTF-8, of any length, and never by reference', () => {
  for (const text of ['', 'é👍', 'é'.repeat(COPY_UP_TO_BYTES), '👍'.repeat(BLOCK_BYTES)]) {
    const writer = new RequestWriter();
    writeLine(writer, 'set');
    writer.data(text, Buffer.byteLength(text));
    const { chunks } = writer.take();
    assert.equal(Buffer.concat(chunks).toString('utf8'), `set\r\n${text}\r\n`);
  }
});

test('a request too long for the rest of a block goes to the next, in order', () => {
  const writer = new RequestWriter();
  const lines = Array.from({ length: 50 }, (_, i) => String(i).repeat(5000 - i));
  for (const line of lines) writeLine(writer, line);
  const { chunks, blocks } = writer.take();
  assert.ok(blocks.length > 1);
  assert.equal(chunks.length, blocks.length, 'one chunk of each block');
  assert.equal(textOf({ chunks, blocks }), lines.map((line) => `${line}\r\n`).join(''));
  for (const block of blocks) assert.ok(block.length >= BLOCK_BYTES);
});

test('a request longer than a block has one of its own, which is not kept', () => {
  const writer = new RequestWriter();
  writeLine(writer, 'before');
  const line = 'l'.repeat(BLOCK_BYTES * 2);
  writeLine(writer, line);
  writeLine(writer, 'after');
  const gathered = writer.take();
  assert.equal(textOf(gathered), `before\r\n${line}\r\nafter\r\n`);
  const large = gathered.blocks.filter((block) => block.length > BLOCK_BYTES);
  assert.equal(large.length, 1);
  writer.recycle(gathered.blocks);
  for (let i = 0; i < 5; i++) {
    writeLine(writer, 'next');
    assert.ok(!writer.take().blocks.includes(large[0]));
  }
});

test('a block that was taken is not written to again before it is recycled', () => {
  const writer = new RequestWriter();
  const rounds = Array.from({ length: 10 }, (_, i) => {
    writeLine(writer, `round ${i}`);
    return writer.take();
  });
  assert.equal(new Set(rounds.flatMap(({ blocks }) => blocks)).size, 10);
  rounds.forEach((gathered, i) => assert.equal(textOf(gathered), `round ${i}\r\n`));
  writer.recycle(rounds[3].blocks);
  writeLine(writer, 'again');
  const again = writer.take();
  assert.equal(again.blocks[0], rounds[3].blocks[0]);
  for (const i of [0, 1, 2, 4, 5, 6, 7, 8, 9]) assert.equal(textOf(rounds[i]), `round ${i}\r\n`);
});

test('only a handful of blocks is kept', () => {
  const writer = new RequestWriter();
  const used = Array.from({ length: 10 }, () => {
    writeLine(writer, 'x');
    return writer.take().blocks;
  }).flat();
  writer.recycle(used);
  const again = Array.from({ length: 10 }, () => {
    writeLine(writer, 'x');
    return writer.take().blocks;
  }).flat();
  assert.equal(again.filter((block) => used.includes(block)).length, 4);
});
