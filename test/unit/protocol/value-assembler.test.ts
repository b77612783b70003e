import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ValueAssembler } from '../../../src/protocol/value-assembler.ts';
import { ValueHeader } from '../../../src/protocol/value-header.ts';

function headerOf(text: string): ValueHeader {
  const header = new ValueHeader();
  const bytes = Buffer.from(text);
  assert.equal(header.readClassic(bytes, 0, bytes.length), bytes.length);
  return header;
}

test('it puts together what reads absorbed and what was read to its rest', () => {
  const value = new ValueAssembler();
  value.begin(headerOf('VALUE k 7 10 99\r\n'), 3, true);
  assert.deepEqual(
    [value.active, value.index, value.flags, value.cas, value.length],
    [true, 3, 7, '99', 10],
  );
  assert.equal(value.absorb(Buffer.from('--012--'), 2, 5), 3);
  assert.deepEqual([value.gathering, value.complete, value.rest.length], [true, false, 7]);
  value.rest.write('3456');
  value.advance(4);
  assert.equal(value.absorb(Buffer.from('789\r\nEND'), 0, 8), 3, 'no more than is its own');
  assert.deepEqual([value.gathering, value.complete], [false, true]);
  assert.equal(value.finish()?.toString(), '0123456789');
  assert.equal(value.active, false);
});

test('what it gave away is not its own any more', () => {
  const value = new ValueAssembler();
  const given: (Buffer | undefined)[] = [];
  for (const text of ['aaaa', 'bbbb']) {
    value.begin(headerOf('VALUE k 0 4\r\n'), 0, true);
    value.absorb(Buffer.from(text), 0, 4);
    given.push(value.finish());
  }
  assert.deepEqual(given.map(String), ['aaaa', 'bbbb']);
  assert.equal(given[0]?.buffer.byteLength, 4);
});

test('what nobody wants is counted, not gathered', () => {
  const value = new ValueAssembler();
  value.begin(headerOf('VALUE k 0 10\r\n'), 0, false);
  assert.equal(value.gathering, false);
  assert.equal(value.absorb(Buffer.alloc(7), 0, 7), 7);
  assert.equal(value.complete, false);
  assert.equal(value.absorb(Buffer.alloc(7), 0, 7), 3);
  assert.equal(value.complete, true);
  assert.equal(value.finish(), undefined);
});
