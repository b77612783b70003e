import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiText, ShortStrings } from '../../../src/codec/short-strings.ts';

/** What was made, in order. */
function recording(longest = 32): { made: string[]; find: (text: string) => string | undefined } {
  const made: string[] = [];
  const strings = new ShortStrings(longest, (words, length) => {
    const text = asciiText(words, length);
    made.push(text);
    return text;
  });
  const find = (text: string): string | undefined => {
    const bytes = Buffer.from(`<${text}>`);
    return strings.find(bytes, 1, bytes.length - 1 - 1);
  };
  return { made, find };
}

test('a string is made twice, whatever its length', () => {
  const { made, find } = recording();
  for (let length = 0; length <= 32; length++) {
    const text = 'abcdefghijklmnopqrstuvwxyz012345'.slice(0, length);
    for (let time = 0; time < 5; time++) assert.equal(find(text), text);
  }
  assert.equal(made.filter((text) => text.length > 0).length, 2 * 32);
});

test('strings that differ in one byte, or in how many zeros they end with, are others', () => {
  const { find } = recording();
  for (let round = 0; round < 4; round++) {
    for (let length = 1; length <= 32; length++) {
      for (let at = 0; at < length; at++) {
        const text = `${'x'.repeat(at)}y${'x'.repeat(length - at - 1)}`;
        assert.equal(find(text), text);
      }
      assert.equal(find('\0'.repeat(length)), '\0'.repeat(length));
    }
  }
});

test('what is too long or not ASCII is not looked for', () => {
  const { made, find } = recording(8);
  for (const text of ['123456789', 'ä', 'abcdefä', '\u{1f600}'])
    assert.equal(find(text), undefined);
  assert.equal(find('12345678'), '12345678');
  assert.deepEqual(made, ['12345678']);
});

test('however many strings are met, few are kept, and none is mistaken', () => {
  const { made, find } = recording();
  const texts = Array.from({ length: 20_000 }, (_, i) => `s${i}`);
  for (const text of texts) assert.equal(find(text), text);
  const before = made.length;
  for (const text of texts) assert.equal(find(text), text);
  assert.ok(made.length - before >= texts.length - 2048, 'more are kept than there is place for');
  assert.ok(new Set(texts.slice(0, 100).map(find)).size === 100);
});

test('what comes once drives nothing out', () => {
  const { made, find } = recording();
  const known = Array.from({ length: 100 }, (_, i) => `known${i}`);
  for (const text of known) for (let time = 0; time < 2; time++) find(text);
  for (let i = 0; i < 20_000; i++) find(`once${i}`);
  const before = made.length;
  for (const text of known) assert.equal(find(text), text);
  assert.ok(made.length - before < 10, `${made.length - before} of 100 were driven out`);
});

test('a place that is taken is given to who asks for it twice', () => {
  const { made, find } = recording();
  for (let i = 0; i < 20_000; i++) for (let time = 0; time < 2; time++) find(`s${i}`);
  for (let time = 0; time < 2; time++) find('latecomer');
  const before = made.length;
  for (let time = 0; time < 3; time++) find('latecomer');
  assert.equal(made.length, before);
});

test('a string is the one it is found by, even if the bytes change while it is made', () => {
  const strings = new ShortStrings(32);
  const others = (): string => 'others';
  const changing = Object.assign(Buffer.from('some words'), {
    latin1Slice: others,
    utf8Slice: others,
  });
  for (const bytes of [changing, changing, changing, Buffer.from('some words')])
    assert.equal(strings.find(bytes, 0, 10), 'some words');
});
