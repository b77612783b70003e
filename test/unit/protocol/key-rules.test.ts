import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import { isBase64, wireKey } from '../../../src/protocol/key.ts';
import { hashedPart, KEY_RULES, type KeyRuleName } from '../../../src/protocol/key-rules.ts';

const sha256 = (text: string | Uint8Array): string =>
  createHash('sha256').update(text).digest('hex');
const md5 = (text: string | Uint8Array): string => createHash('md5').update(text).digest('hex');
const wireOf = (text: string): string => Buffer.from(text).toString('latin1');
const names = Object.keys(KEY_RULES) as KeyRuleName[];

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_KEY');
    return error.message;
  }
  return assert.fail('it was taken for a key');
}

test('a short key is its own wire form, except where all are digested', () => {
  for (const name of names.filter((rule) => rule !== 'md5')) {
    const rule = KEY_RULES[name];
    assert.equal(rule('user:1', ''), 'user:1');
    assert.equal(rule('user:1', 'app:'), 'app:user:1');
    assert.equal(rule('é', 'app:'), 'app:\xc3\xa9');
    assert.equal(rule(Buffer.from('k\0'), 'p'), wireKey(Buffer.from('k\0'), 'p'));
    assert.equal(rule('a'.repeat(250), ''), 'a'.repeat(250));
    assert.equal(rule('a'.repeat(248), 'p:'), `p:${'a'.repeat(248)}`);
    assert.equal(rule(Buffer.alloc(250, 'a'), ''), 'a'.repeat(250));
    for (const key of ['', new Uint8Array(0), 'a b', 'a\r\nb', `${'a'.repeat(100)}\n`]) {
      refusal(() => rule(key, ''));
      refusal(() => rule(key, 'p:'));
    }
  }
  assert.equal(KEY_RULES.strict, wireKey);
});

test('what is no key is refused by every rule, long or short', () => {
  for (const name of names) {
    for (const key of [undefined, null, 5, {}, '\ud800', 'a'.repeat(300) + '\udc00']) {
      refusal(() => KEY_RULES[name](key as string, ''));
    }
  }
  assert.doesNotMatch(
    refusal(() => KEY_RULES.hash(`${'secret'.repeat(60)} `, '')),
    /secret/,
  );
});

test('strict refuses what is too long', () => {
  assert.match(
    refusal(() => KEY_RULES.strict('a'.repeat(251), '')),
    /251/,
  );
});

test('hash: the beginning of a long key and the digest of all of it, 250 bytes together', () => {
  const long = 'a'.repeat(251);
  assert.equal(KEY_RULES.hash(long, ''), `${'a'.repeat(178)}:sha256:${sha256(long)}`);
  const prefixed = KEY_RULES.hash('a'.repeat(249), 'p:');
  assert.equal(prefixed, `p:${'a'.repeat(176)}:sha256:${sha256(`p:${'a'.repeat(249)}`)}`);
  assert.equal(prefixed.length, 250);
  assert.equal(KEY_RULES.hash('a'.repeat(1_000_000), '').length, 250);
  assert.notEqual(KEY_RULES.hash(`${long}b`, ''), KEY_RULES.hash(`${long}c`, ''));
});

test('hash: text and its UTF-8 are one key, cut between bytes', () => {
  const text = `x${'é'.repeat(200)}`;
  const wire = KEY_RULES.hash(text, 'é:');
  assert.equal(wire, KEY_RULES.hash(Buffer.from(text), 'é:'));
  assert.equal(KEY_RULES.hash(text, wireOf('é:')).length, 250);
  assert.equal(KEY_RULES.hash(text, ''), `${wireOf(text).slice(0, 178)}:sha256:${sha256(text)}`);
  assert.equal(KEY_RULES.hash('€'.repeat(83), ''), wireOf('€'.repeat(83)), '249 bytes are short');
  assert.match(KEY_RULES.hash('€'.repeat(84), ''), /:sha256:/);
});

test('hash: what may not stand in a short key may not in the part that is digested', () => {
  const message = refusal(() => KEY_RULES.hash(`${'a'.repeat(260)} b`, 'p:'));
  assert.equal(
    message,
    'key holds the byte 0x20 at offset 260: text may not hold 0x00-0x20 or 0x7f',
  );
});

test('hash: bytes that go as base64 have room for less', () => {
  const bytes = (length: number): Buffer =>
    Buffer.concat([Buffer.alloc(1), Buffer.alloc(length - 1, 'a')]);
  assert.equal(KEY_RULES.hash(bytes(186), ''), wireKey(bytes(186), ''));
  const wire = KEY_RULES.hash(bytes(187), '');
  assert.ok(isBase64(wire));
  const whole = Buffer.concat([bytes(114), Buffer.from(`:sha256:${sha256(bytes(187))}`)]);
  assert.equal(wire, wireKey(whole, ''));
  const late = Buffer.concat([Buffer.alloc(300, 'a'), Buffer.alloc(1)]);
  assert.equal(KEY_RULES.hash(late, ''), `${'a'.repeat(114)}:sha256:${sha256(late)}`);
});

test('md5: every key as Swift digests it, a prefix as if it had been part of the key', () => {
  const digests: [string, string][] = [
    ['some_key', '3d70412c7e9ea2d96fa23d4f1f1f0a1c'],
    ['é', '66ddcd97cfdeabb2f6fb8a999b4bc76f'],
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['shard-updating-v2/a/c', 'ffac0d4164e1b31831bd5bd67f9ee29b'],
  ];
  for (const [key, digest] of digests) {
    assert.equal(KEY_RULES.md5(key, ''), digest);
    assert.equal(KEY_RULES.md5(Buffer.from(key), ''), digest);
  }
  assert.equal(KEY_RULES.md5('key', 'some_'), '3d70412c7e9ea2d96fa23d4f1f1f0a1c');
  assert.equal(KEY_RULES.md5('any blank\r\n', ''), md5('any blank\r\n'));
  assert.equal(
    KEY_RULES.md5('a'.repeat(5000), 'é'),
    md5(Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(5000, 'a')])),
  );
});

test('dalli: long keys as the Ruby client shortens them', () => {
  const long = 'a'.repeat(300);
  const plain = KEY_RULES.dalli(long, '');
  assert.equal(plain, `${'a'.repeat(212)}:md5:4e5475d125a33c6190718e75adc1b704`);
  assert.equal(plain.length, 249);
  const spaced = KEY_RULES.dalli(long, 'ns:');
  assert.equal(spaced, `ns:${'a'.repeat(210)}:md5:3b2169b4289b72620c9bb2487c5ab7cb`);
  assert.equal(spaced.length, 250);
  assert.equal(KEY_RULES.dalli(Buffer.from(long), 'ns:'), spaced);
});

test('dalli: characters of text are code points, those of bytes are bytes', () => {
  const text = `${'a'.repeat(100)}é${'a'.repeat(200)}`;
  assert.equal(
    KEY_RULES.dalli(text, ''),
    wireOf(`${'a'.repeat(100)}é${'a'.repeat(111)}:md5:${md5(text)}`),
    '212 characters are 213 bytes',
  );
  const bytes = Buffer.from(text);
  assert.equal(
    KEY_RULES.dalli(bytes, ''),
    `${bytes.subarray(0, 212).toString('latin1')}:md5:${md5(text)}`,
  );
  // 212 code points of which one takes four bytes.
  assert.match(
    refusal(() => KEY_RULES.dalli(`😀${'a'.repeat(300)}`, '')),
    /252 bytes/,
  );
  // 250 characters in 251 bytes: Ruby takes it for short, the server for long.
  assert.match(
    refusal(() => KEY_RULES.dalli(`${'a'.repeat(249)}é`, '')),
    /251 bytes/,
  );
  assert.match(
    refusal(() => KEY_RULES.dalli('é'.repeat(300), '')),
    /461 bytes/,
  );
});

test('memcached: a long key becomes its digest, counted in the units of a string', () => {
  const long = 'k'.repeat(300);
  assert.equal(KEY_RULES.memcached(long, ''), md5(long));
  // As version 2.2.2 of the package stored it.
  assert.equal(
    KEY_RULES.memcached('k'.repeat(249), wireOf('né:')),
    'd840015144fd7a18ae8202064cd4d40e',
  );
  assert.equal(KEY_RULES.memcached('k'.repeat(250), ''), 'k'.repeat(250));
  assert.match(
    refusal(() => KEY_RULES.memcached(`${'k'.repeat(249)}é`, '')),
    /251 bytes/,
  );
  assert.equal(KEY_RULES.memcached(Buffer.from(long), ''), md5(long));
});

test('the part of a key that is hashed is text where it is text', () => {
  const prefix = wireOf('é:');
  const part = (name: 'key' | 'prefixed' | 'wire', key: string | Uint8Array): unknown =>
    hashedPart(name, key, prefix, KEY_RULES.dalli(key, prefix));
  assert.equal(part('key', 'ü'), 'ü');
  assert.equal(part('prefixed', 'ü'), 'é:ü');
  assert.deepEqual(part('wire', 'ü'), Buffer.from('é:ü'));
  assert.deepEqual(part('prefixed', Buffer.from('k')), Buffer.from('é:k'));
  assert.equal(hashedPart('wire', 'k', 'p:', 'p:k'), 'p:k');
  const key = Buffer.from('k');
  assert.equal(hashedPart('prefixed', key, '', 'k'), key);
  assert.equal(hashedPart('wire', 'k', '', 'k'), 'k');
  const binary = Uint8Array.of(0, 1, 255);
  assert.deepEqual(
    hashedPart('wire', binary, '', wireKey(binary, '')),
    Buffer.from(binary),
    'a key in base64 is hashed as the bytes that it stands for',
  );
});
