import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { IllegalInputError } from '../../src/errors.ts';
import { base64Text, isBase64, wireKey } from '../../src/protocol/key.ts';
import { runs } from '../support/runs.ts';

/** Any UTF-16 code units, halves of pairs among them, often near the limits. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0, max: 0xffff })), {
    maxLength: 260,
    size: 'max',
  })
  .map((units) => String.fromCharCode(...units));
const plainText = fc.string({ minLength: 1, maxLength: 260, size: 'max' });
const anyBytes = fc.uint8Array({ maxLength: 260, size: 'max' });
const legalBytes = fc
  .array(
    fc.integer({ min: 0x21, max: 0xff }).filter((byte) => byte !== 0x7f),
    { minLength: 1, maxLength: 255, size: 'max' },
  )
  .map((bytes) => Uint8Array.from(bytes));
const keys = fc.oneof(anyText, plainText, anyBytes, legalBytes);
const prefixes = fc.oneof(
  fc.constant(''),
  legalBytes.map((bytes) => Buffer.from(bytes).toString('latin1')),
);

const bytesOf = (key: string | Uint8Array): Buffer =>
  typeof key === 'string' ? Buffer.from(key, 'utf8') : Buffer.from(key);

/** The wire key, or undefined where it was refused as it should be. */
function tried(make: () => string, key: string | Uint8Array): string | undefined {
  try {
    return make();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_KEY');
    const text = bytesOf(key).toString('utf8');
    if (text.length > 3) assert.ok(!error.message.includes(text), 'the key shows in the message');
    return undefined;
  }
}

const isUnsafe = (byte: number): boolean => byte <= 0x20 || byte === 0x7f;

test('a key is refused, or is safe on the wire and holds exactly its bytes', () => {
  fc.assert(
    fc.property(keys, prefixes, (key, prefix) => {
      const wanted = Buffer.concat([Buffer.from(prefix, 'latin1'), bytesOf(key)]);
      const plain = !wanted.some(isUnsafe);
      const legal =
        wanted.length > prefix.length &&
        (typeof key === 'string' ? plain && key.isWellFormed() : true) &&
        wanted.length <= (plain ? 250 : 186);
      const wire = tried(() => wireKey(key, prefix), key);
      assert.equal(wire !== undefined, legal);
      if (wire === undefined) return;
      assert.equal(isBase64(wire), !plain);
      if (plain) {
        assert.equal(wire.length, wanted.length);
        assert.deepEqual(Buffer.from(wire, 'latin1'), wanted);
      } else {
        const text = base64Text(wire);
        assert.match(text, /^[A-Za-z0-9+/]+={0,2}$/);
        assert.ok(text.length <= 248 && text.length % 4 === 0);
        assert.deepEqual(Buffer.from(text, 'base64'), wanted);
      }
    }),
    runs(5000),
  );
});

test('two keys are one on the wire only where their bytes are the same', () => {
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      const [first, second] = [one, other].map((key) => tried(() => wireKey(key, ''), key));
      fc.pre(first !== undefined && second !== undefined);
      assert.equal(first === second, bytesOf(one).equals(bytesOf(other)));
    }),
    runs(100),
  );
});
