import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyBytes } from '../../../src/routing/key-bytes.ts';
import { loadAsPython } from '../../../src/routing/python-text.ts';

function loaded(key: string | Uint8Array): string {
  const into = new KeyBytes();
  loadAsPython(into, key);
  return into.bytes.toString('latin1', 0, into.length);
}

test('text is one byte per code point, its low eight bits', () => {
  assert.equal(loaded('foo'), 'foo');
  assert.equal(loaded('é'), '\u00e9');
  assert.equal(loaded('☃'), '\u0003');
  assert.equal(loaded('a😀b'), 'a\u0000b');
  assert.equal(loaded('\ud83dx\ude00'), '\u003dx\u0000');
  assert.equal(loaded('\ud83d'), '\u003d');
});

test('bytes are their Python literal', () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const literal = loaded(all);
  assert.ok(
    literal.startsWith(String.raw`b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e`),
  );
  assert.ok(literal.includes(String.raw` !"#$%&\'()*`));
  assert.ok(literal.includes(String.raw`[\\]`));
  assert.ok(
    literal.endsWith(String.raw`}~\x7f\x80${literal.slice(literal.indexOf(String.raw`\x81`))}`),
  );
  assert.ok(literal.endsWith(String.raw`\xfe\xff'`));
  assert.equal(loaded(Buffer.from("it's")), `b"it's"`);
  assert.equal(loaded(Buffer.from('q"q')), `b'q"q'`);
  assert.equal(loaded(Buffer.from(`'"`)), String.raw`b'\'"'`);
  assert.equal(loaded(new Uint8Array(0)), "b''");
  assert.equal(loaded(new Uint8Array(2000)), `b'${String.raw`\x00`.repeat(2000)}'`);
});
