import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { legalKey, legalName, MOST_KEY_BYTES, textOfKey } from '../../../src/adapters/legal-key.ts';
import { runs } from '../../support/runs.ts';

/** Text of the kinds that are of interest: plain, escaped, like an escape, of several bytes, long. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('%', ':', '2', '0', ' ', '~', '\n', 'é', '😀', 'a'),
    maxLength: 200,
  }),
);

test('usual keys are stored as they are', () => {
  for (const key of [
    'user:1',
    'keyv:foo',
    'ä/ö?x=1&y=2',
    '~'.repeat(10),
    'a'.repeat(MOST_KEY_BYTES),
  ])
    assert.equal(legalKey(key), key);
});

test('what memcached does not take is escaped', () => {
  assert.equal(legalKey('a%b c'), 'a%25b%20c');
  assert.equal(legalKey('\0\r\n\u007f'), '%00%0D%0A%7F');
  assert.equal(legalName('a~b c'), 'a%7Eb%20c');
});

test('a long text is its beginning and a digest, and no character is cut', () => {
  const key = legalKey('x'.repeat(1000));
  assert.match(key, /^x{105}%:[\w-]{43}$/);
  assert.match(legalKey('é'.repeat(1000)), /^é{52}%:[\w-]{43}$/);
  assert.match(legalName('n'.repeat(65)), /^n{19}%:[\w-]{43}$/);
  assert.notEqual(legalKey(`${'x'.repeat(1000)}a`), legalKey(`${'x'.repeat(1000)}b`));
});

test('no two texts share a key, and every key is legal', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      for (const [make, most, illegal] of [
        [legalKey, MOST_KEY_BYTES, /[\0-\x20\x7f]/],
        [legalName, 64, /[\0-\x20\x7f~]/],
      ] as const) {
        const key = make(one);
        assert.ok(Buffer.byteLength(key) <= most);
        assert.doesNotMatch(key, illegal);
        assert.equal(key === make(other), one === other);
      }
    }),
    runs(500),
  );
});

test('the text of a key comes back, but for a digest', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const back = textOfKey(legalKey(text));
      if (back === undefined) assert.ok(Buffer.byteLength(text) * 3 > MOST_KEY_BYTES);
      else assert.equal(back, text);
    }),
    runs(500),
  );
});

test('what is no text is left for the client to refuse', () => {
  assert.equal(legalKey('\ud800'), '\ud800');
  assert.equal(legalKey(5 as unknown as string), 5);
});
