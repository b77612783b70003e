import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { IllegalInputError } from '../../src/errors.ts';
import { checkedName, itemPrefix, versionKey } from '../../src/namespace/name.ts';
import { freshVersion } from '../../src/namespace/version.ts';
import { base64Text, isBase64, wirePrefix } from '../../src/protocol/key.ts';
import { KEY_RULES, type KeyRuleName } from '../../src/protocol/key-rules.ts';
import { runs } from '../support/runs.ts';

type Key = string | Uint8Array;

/** Few versions and few letters, so that what could be mistaken for another thing often is there. */
const VERSIONS = [1, 2, 3].map((chance) => freshVersion(undefined, 1.8e12, chance));
const versions = fc.constantFrom(...VERSIONS);
const names = fc
  .oneof(
    fc.array(fc.constantFrom('a', 'b', ':', '~', 'ü', 'version', VERSIONS[0]), { maxLength: 4 }),
    fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), { maxLength: 60 }),
  )
  .map((parts) => parts.join(''))
  .filter(isName);
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('~', 'a', 'b', ':', 'ü', 'version', ...VERSIONS, `~${VERSIONS[0]}~`),
      fc.string({ maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const keys: fc.Arbitrary<Key> = fc.oneof(texts, texts.map(bytesOf), fc.uint8Array());
const prefixes = fc.constantFrom('', 'app:', 'a', '~', `a~${VERSIONS[0]}~`).map(wirePrefix);

function bytesOf(key: Key): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key) : key;
}

function isName(name: string): boolean {
  try {
    return checkedName(name) === name;
  } catch {
    return false;
  }
}

/** What a server stores it under, as text of bytes; undefined where it is refused. */
function stored(key: Key, prefix: string, rule: KeyRuleName = 'strict'): string | undefined {
  try {
    const wire = KEY_RULES[rule](key, prefix);
    return isBase64(wire) ? Buffer.from(base64Text(wire), 'base64').toString('latin1') : wire;
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    return undefined;
  }
}

interface Parts {
  readonly name: string;
  readonly version: string;
  readonly key: string;
}

const latin1 = (key: Key): string => Buffer.from(bytesOf(key)).toString('latin1');

/** The only way to read a stored key behind its prefix: undefined for one that is no item of a namespace. */
function partsOf(text: string): Parts | undefined {
  const end = text.indexOf('~');
  const version = text.slice(end + 1, end + 19);
  if (end < 1 || !/^[0-9a-z]{18}$/.test(version) || text[end + 19] !== '~') return undefined;
  const key = text.slice(end + 20);
  return key === '' ? undefined : { name: text.slice(0, end), version, key };
}

test('name, version and key can be read from the key that is stored: no two share one', () => {
  fc.assert(
    fc.property(names, versions, keys, prefixes, (name, version, key, prefix) => {
      const text = stored(key, itemPrefix(prefix, name, version));
      fc.pre(text !== undefined);
      assert.ok(text.startsWith(prefix));
      const parts = partsOf(text.slice(prefix.length));
      assert.deepEqual(parts, { name: latin1(name), version, key: latin1(key) });
    }),
    runs(5000),
  );
});

test('no item is stored under the key of a version', () => {
  fc.assert(
    fc.property(names, prefixes, (name, prefix) => {
      const text = stored(versionKey(name), prefix);
      fc.pre(text !== undefined);
      assert.equal(partsOf(text.slice(prefix.length)), undefined);
    }),
    runs(100),
  );
});

const RULES: readonly KeyRuleName[] = ['strict', 'hash', 'md5', 'dalli', 'memcached'];

test('under every key rule, what differs is stored apart', () => {
  const items = fc.record({ name: names, version: versions, key: keys });
  const longer = items.map(({ key, ...item }) => ({
    ...item,
    key: Buffer.concat([bytesOf(key), Buffer.alloc(200, 'x')]).toString('latin1'),
  }));
  const any = fc.oneof(items, longer);
  fc.assert(
    fc.property(any, any, prefixes, fc.constantFrom(...RULES), (one, other, prefix, rule) => {
      const [first, second] = [one, other].map(({ name, version, key }) =>
        stored(key, itemPrefix(prefix, name, version), rule),
      );
      fc.pre(first !== undefined && second !== undefined);
      const isSame =
        one.name === other.name &&
        one.version === other.version &&
        latin1(one.key) === latin1(other.key);
      assert.equal(first === second, isSame);
      for (const { name } of [one, other]) {
        const version = stored(versionKey(name), prefix, rule);
        assert.ok(version !== first && version !== second);
      }
    }),
    runs(5000),
  );
});
