// Every code unit that text can hold, in a key, a prefix and the name of a namespace: refused before a byte leaves, or
// one command leaves that names it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../src/index.ts';
import { bytesOf, keysIn, told, type Verb } from './ear.ts';

const UNITS = Array.from({ length: 0x10000 }, (_, unit) => unit);
/** What ends words and lines, and halves of characters, of which UTF-8 makes one and the same. */
const isLegal = (unit: number): boolean =>
  unit > 0x20 && unit !== 0x7f && (unit < 0xd800 || unit > 0xdfff);
const LEGAL = UNITS.filter(isLegal);
const ILLEGAL = UNITS.filter((unit) => !isLegal(unit)).map((unit) => String.fromCharCode(unit));

/** All that are legal, so many in each text. */
const packed = (units: readonly number[], each: number): string[] =>
  Array.from({ length: Math.ceil(units.length / each) }, (_, i) =>
    String.fromCharCode(...units.slice(i * each, (i + 1) * each)),
  );
const TEXTS = [...packed(LEGAL.slice(0, 0x200), 1), ...packed(LEGAL, 80), 'a\u{1f600}b'];
const REFUSED = ILLEGAL.flatMap((unit) => [`${unit}ab`, `a${unit}b`, `ab${unit}`]);

const VERBS: Record<string, { verb: Verb; dialect: 'classic' | 'meta' }> = {
  get: { verb: (client, key) => client.get(key), dialect: 'classic' },
  getMany: { verb: (client, key) => client.getMany([key]), dialect: 'classic' },
  set: { verb: (client, key) => client.set(key, 'v'), dialect: 'classic' },
  delete: { verb: (client, key) => client.delete(key), dialect: 'meta' },
  'meta.get': { verb: (client, key) => client.meta.get(key), dialect: 'meta' },
};

for (const [name, { verb, dialect }] of Object.entries(VERBS)) {
  test(`in a key of ${name}`, async () => {
    assert.equal((await told(verb, REFUSED, { dialect })).heard, '');
    const { heard } = await told(verb, TEXTS, { dialect });
    assert.deepEqual(keysIn(heard).toSorted(), TEXTS.map(bytesOf).toSorted());
  });
}

test('in the name of a namespace', async () => {
  const verb: Verb = async (client, name) => client.namespace(name).get('key');
  assert.equal((await told(verb, [...REFUSED, '~'], { dialect: 'classic' })).heard, '');
  const names = packed(
    LEGAL.filter((unit) => unit !== 0x7e),
    20,
  );
  const { heard } = await told(verb, names, { dialect: 'classic' });
  const versions = names.map((name) => bytesOf(`${name}~version`));
  assert.deepEqual(keysIn(heard).toSorted(), versions.toSorted());
});

test('in a prefix', async () => {
  for (const keyPrefix of ILLEGAL.map((unit) => `a${unit}b`))
    assert.throws(() => createClient({ servers: 'h:1', keyPrefix }), { code: 'ERR_MEMCACHE_KEY' });
  for (const keyPrefix of packed(LEGAL, 80)) {
    const { heard } = await told((client, key) => client.get(key), ['k'], {
      dialect: 'classic',
      keyPrefix,
    });
    assert.deepEqual(keysIn(heard), [bytesOf(`${keyPrefix}k`)]);
  }
});
