import assert from 'node:assert/strict';
import { IllegalInputError } from '../../../src/errors.ts';
import { base64Text, isBase64, MAX_KEY_BYTES, wirePrefix } from '../../../src/protocol/key.ts';
import { KEY_RULES } from '../../../src/protocol/key-rules.ts';
import { Input } from './bytes.ts';

const RULES = Object.values(KEY_RULES);

/** What the server reads as one word, whatever the caller's key was. */
const ONE_WORD = /^[^\0-\x20\x7f]{1,250}$/;

type Make = () => string;

/** The wire form, or undefined for a key that was refused. */
function attempt(make: Make): string | undefined {
  try {
    return make();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError, String(error));
    assert.equal(error.code, 'ERR_MEMCACHE_KEY');
    return undefined;
  }
}

/** Bytes: which rule, how the key is spelled, how long the prefix is, then prefix and key. */
export function fuzz(data: Buffer): void {
  const input = new Input(data);
  const rule = input.pick(RULES);
  const spelled = input.byte() % 3;
  const prefixBytes = input.byte();
  const rest = input.rest();
  const prefix = attempt(() => wirePrefix(rest.subarray(0, prefixBytes).toString('utf8'))) ?? '';
  const bytes = rest.subarray(prefixBytes);
  const even = bytes.subarray(0, bytes.length & ~1);
  // UTF-16 may be no text at all.
  const key = spelled === 0 ? bytes : bytes.toString(spelled === 1 ? 'utf8' : 'utf16le');
  const wire = attempt(() => rule(spelled === 2 ? even.toString('utf16le') : key, prefix));
  if (wire === undefined) return;
  const word = isBase64(wire) ? base64Text(wire) : wire;
  assert.match(word, ONE_WORD);
  assert.ok(Buffer.byteLength(word, 'latin1') <= MAX_KEY_BYTES);
  assert.ok(!/[^\0-\xff]/.test(wire), 'a character that is no byte');
  if (rule !== KEY_RULES.strict || isBase64(wire)) return;
  const own = typeof key === 'string' ? Buffer.from(key) : key;
  assert.equal(wire, prefix + own.toString('latin1'));
}

export function seeds(): Buffer[] {
  const keys = [
    'key',
    'user:1',
    'a b',
    'a\r\nflush_all\r\n',
    'é😀',
    '\0',
    '\x7f',
    'k'.repeat(250),
    'k'.repeat(251),
    'é'.repeat(126),
    '\x01'.repeat(186),
    '\x01'.repeat(187),
    '\ud800',
    '',
  ];
  return keys.flatMap((key, i) => [
    Buffer.concat([Buffer.from([i, 0, 0]), Buffer.from(key)]),
    Buffer.concat([Buffer.from([i, 1, 2]), Buffer.from(`p:${key}`)]),
    Buffer.concat([Buffer.from([i, 2, 0]), Buffer.from(key, 'utf16le')]),
  ]);
}
