import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError, type MemcacheError } from '../../../src/errors.ts';
import {
  base64Text,
  isBase64,
  isKeyText,
  MAX_BASE64_KEY_BYTES,
  MAX_KEY_BYTES,
  type WireKey,
  wireKey,
  wirePrefix,
} from '../../../src/protocol/key.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function refusal(act: () => unknown): MemcacheError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_KEY');
    assert.equal(error.sent, 'no');
    return error;
  }
  throw new assert.AssertionError({ message: 'it was taken for a key' });
}

const LEGAL: [string, string | Uint8Array, string, string][] = [
  ['plain text is its own wire key', 'user:1', '', 'user:1'],
  ['the first and the last plain character', '!~', '', '!~'],
  ['text beyond ASCII is UTF-8', 'é', '', '\xc3\xa9'],
  ['a character of four bytes', '👍', '', '\xf0\x9f\x91\x8d'],
  ['bytes are taken as they are', bytes(0x80, 0xff, 0x21), '', '\x80\xff!'],
  ['bytes of plain text are the same key as the text', Buffer.from('user:1'), '', 'user:1'],
  ['a prefix stands before it', 'k', 'app:', 'app:k'],
  ['a prefix stands before bytes too', bytes(0xe9), 'app:', 'app:\xe9'],
  ['a prefix beyond ASCII', 'é', '\xc3\xa9:', '\xc3\xa9:\xc3\xa9'],
  ['a part of larger memory', Buffer.from('xxkeyxx').subarray(2, 5), '', 'key'],
];

for (const [name, key, prefix, wire] of LEGAL) {
  test(name, () => assert.equal(wireKey(key, prefix), wire));
}

const FORBIDDEN = [...Array.from({ length: 0x21 }, (_, code) => code), 0x7f];

test('text with a byte that separates or ends words is refused, by its place and not by the text', () => {
  for (const code of FORBIDDEN) {
    const character = String.fromCharCode(code);
    const hex = `0x${code.toString(16).padStart(2, '0')}`;
    for (const key of [`secret${character}`, `secret${character}é`]) {
      const { message } = refusal(() => wireKey(key, ''));
      assert.equal(
        message,
        `key holds the byte ${hex} at offset 6: text may not hold 0x00-0x20 or 0x7f`,
      );
    }
    refusal(() => wireKey(`${character}k`, 'p:'));
    refusal(() => wireKey(character, ''));
  }
});

test('text that is not well-formed is refused: UTF-8 would make one key of two', () => {
  for (const key of ['a\ud800', '\udc00', '\udc00\ud800', '👍\ud83d']) {
    const { message } = refusal(() => wireKey(key, ''));
    assert.equal(message, 'key is not well-formed text: it holds half a surrogate pair');
  }
});

test('bytes that no classic command can carry are taken in base64', () => {
  for (const code of FORBIDDEN) {
    const key = wireKey(bytes(0x6b, code, 0xff), '');
    assert.equal(isBase64(key), true);
    assert.equal(base64Text(key), Buffer.from([0x6b, code, 0xff]).toString('base64'));
  }
  const crlf = wireKey(Buffer.from('a b\r\n'), 'é:'.replace('é', '\xc3\xa9'));
  assert.equal(base64Text(crlf), Buffer.from('é:a b\r\n').toString('base64'));
});

test('no other wire key is mistaken for one in base64', () => {
  for (const key of ['a', 'YQ==', '\x80', bytes(0x80), bytes(0xff)]) {
    assert.equal(isBase64(wireKey(key, '')), false);
  }
});

test('every other byte is allowed', () => {
  for (let code = 0x21; code <= 0xff; code++) {
    if (code === 0x7f) continue;
    assert.equal(wireKey(bytes(code), ''), String.fromCharCode(code));
  }
});

test('the limit of 250 counts bytes, not characters, and the prefix with them', () => {
  assert.equal(MAX_KEY_BYTES, 250);
  const fits: [string | Uint8Array, string][] = [
    ['k'.repeat(250), ''],
    ['é'.repeat(125), ''],
    [`${'日'.repeat(83)}k`, ''],
    [`${'👍'.repeat(62)}kk`, ''],
    [Buffer.alloc(250, 0xff), ''],
    ['k'.repeat(240), 'ten-bytes:'],
    ['é'.repeat(120), 'ten-bytes:'],
    ['k', 'p'.repeat(249)],
  ];
  for (const [key, prefix] of fits) assert.equal(wireKey(key, prefix).length, 250);
  const exceeds: [string | Uint8Array, string, number][] = [
    ['k'.repeat(251), '', 251],
    [`${'é'.repeat(125)}k`, '', 251],
    ['日'.repeat(84), '', 252],
    ['👍'.repeat(63), '', 252],
    ['é'.repeat(200), '', 400],
    [Buffer.alloc(251, 0xff), '', 251],
    ['k'.repeat(241), 'ten-bytes:', 251],
    [`${'é'.repeat(120)}k`, 'ten-bytes:', 251],
    ['k'.repeat(100_000), '', 100_000],
  ];
  for (const [key, prefix, length] of exceeds) {
    const { message } = refusal(() => wireKey(key, prefix));
    assert.equal(message, `key takes ${length} bytes with its prefix, at most 250 are allowed`);
  }
});

test('nothing but a string or bytes is a key, and neither is nothing', () => {
  const tricky = { toString: () => 'key', length: 3 };
  const others: [unknown, string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [1, 'a number'],
    [true, 'a boolean'],
    [['key'], 'an array'],
    [tricky, 'an object'],
    [new Uint16Array(3), 'an object'],
    [new ArrayBuffer(3), 'an object'],
    [new DataView(new ArrayBuffer(3)), 'an object'],
    [Symbol('key'), 'a symbol'],
    [() => 'key', 'a function'],
  ];
  for (const [key, kind] of others) {
    const { message } = refusal(() => wireKey(key as string, 'p:'));
    assert.equal(message, `key must be a string or a Uint8Array, not ${kind}`);
  }
  for (const empty of ['', bytes()]) {
    for (const prefix of ['', 'p:']) {
      assert.equal(refusal(() => wireKey(empty, prefix)).message, 'key must not be empty');
    }
  }
});

test('a prefix may be empty and is otherwise checked as a key', () => {
  assert.equal(wirePrefix(''), '');
  assert.equal(wirePrefix(bytes()), '');
  assert.equal(wirePrefix('é:'), '\xc3\xa9:');
  assert.equal(wirePrefix(bytes(0xe9)), '\xe9');
  refusal(() => wirePrefix('a b'));
  refusal(() => wirePrefix('p'.repeat(251)));
  const { message } = refusal(() => wirePrefix(bytes(0x61, 0x20)));
  assert.equal(message, 'key prefix may not hold bytes of 0x00-0x20 or 0x7f');
});

test('base64 leaves room for 186 bytes, prefix included', () => {
  assert.equal(MAX_BASE64_KEY_BYTES, 186);
  for (const [key, prefix] of [
    [Buffer.alloc(186), ''],
    [Buffer.alloc(180), 'prefix'],
  ] as const) {
    assert.equal(base64Text(wireKey(key, prefix)).length, 248);
  }
  for (const [key, prefix, length] of [
    [Buffer.alloc(187), '', 187],
    [Buffer.alloc(181), 'prefix', 187],
    [Buffer.alloc(250), '', 250],
  ] as const) {
    const { message } = refusal(() => wireKey(key, prefix));
    assert.match(message, new RegExp(`takes ${length} bytes with its prefix: at most 186 fit`));
  }
  assert.equal(isBase64(wireKey(Buffer.alloc(250, 'k'), '')), false);
});

test('a key is known as it was sent, and a plain one in base64, too', () => {
  const stands = (key: WireKey, text: string): boolean =>
    isKeyText(key, Buffer.from(`k${text} b`, 'latin1'), 1, 1 + text.length);
  const blank = wireKey(Buffer.from('a b'), '');
  const rows: [WireKey, yes: string[], no: string[]][] = [
    ['a', ['a', 'YQ=='], ['', 'b', 'A', 'aa', 'YQ', 'YQ=', 'Yg==', 'yq==']],
    ['ab', ['ab', 'YWI='], ['YWI', 'YWJj']],
    ['abc', ['abc', 'YWJj'], ['YWJk', 'ab', 'abcd']],
    ['YQ==', ['YQ==', 'WVE9PQ=='], ['a']],
    ['\xff', ['\xff', '/w=='], ['_w==', '\xc3\xbf', 'w78=']],
    [blank, ['YSBi'], ['a b', '', 'YSBj', '\0YSBi', 'WVNCaQ==']],
  ];
  for (const [key, yes, no] of rows) {
    for (const text of yes) assert.equal(stands(key, text), true, text);
    for (const text of no) assert.equal(stands(key, text), false, text);
  }
});
