import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textHash } from '../../../src/primitives/text-hash.ts';
import { AskedKeys, viewOf } from '../../../src/protocol/asked-keys.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import { askedFor } from '../../support/reply-recorder.ts';

const KEYS = ['a', 'user:1', 'user:12', 'abc', 'x'.repeat(250), '\xff\x80'];

function written(asked: AskedKeys): string {
  const writer = new RequestWriter();
  writer.reserve(100_000);
  asked.writeTo(writer);
  return Buffer.concat(writer.take().chunks).toString('latin1');
}

/** How much of a text is taken for the next key, wherever it stands and whatever stands behind it. */
function alike(asked: AskedKeys, text: string): number {
  const bytes = Buffer.from(`..${text} 0 1`, 'latin1');
  return asked.alike(viewOf(bytes), 2, 2 + text.length);
}

test('keys stand one behind the other, each with its space', () => {
  assert.equal(written(askedFor(KEYS)), KEYS.map((key) => ` ${key}`).join(''));
  assert.equal(written(askedFor([])), '');
});

test('a key that is put answers its hash; only kept ones are asked for', () => {
  const asked = new AskedKeys(2);
  assert.equal(asked.put('first'), textHash('first'));
  asked.keep('first'.length);
  assert.equal(asked.put('first'), textHash('first'));
  assert.equal(asked.put('other'), textHash('other'));
  asked.keep('other'.length);
  assert.equal(written(asked), ' first other');
});

test('each key is alike itself, and any other text as far as they go together', () => {
  const asked = askedFor(KEYS);
  for (const [index, key] of KEYS.entries()) {
    asked.next = index;
    assert.equal(asked.nextLength, key.length);
    for (let length = 0; length <= key.length; length++) {
      const start = key.slice(0, length);
      assert.equal(alike(asked, start), length);
      assert.equal(alike(asked, `${start}\x01${key.slice(length + 1)}`), length);
    }
    assert.equal(alike(asked, `${key}more`), key.length, 'no more than the key has');
  }
});

test('nothing is alike behind the last key, or in place of one that was taken out', () => {
  const asked = askedFor(['one', 'two', 'three']);
  asked.next = 3;
  assert.deepEqual([asked.nextLength, alike(asked, 'three')], [-1, 0]);
  asked.takeOut(1);
  asked.next = 1;
  assert.deepEqual([asked.nextLength, alike(asked, 'two'), alike(asked, 'three')], [-1, 0, 0]);
});

test('what is taken out leaves the others where they are', () => {
  for (let out = 0; out < KEYS.length; out++) {
    const asked = askedFor(KEYS);
    asked.takeOut(out);
    assert.equal(
      written(asked),
      KEYS.filter((_, i) => i !== out)
        .map((key) => ` ${key}`)
        .join(''),
    );
    for (const [index, key] of KEYS.entries()) {
      asked.next = index;
      assert.equal(alike(asked, key), index === out ? 0 : key.length);
    }
  }
  const asked = askedFor(KEYS);
  for (const index of KEYS.keys()) asked.takeOut(index);
  assert.equal(written(asked), '');
});

test('it has room for as many keys as are long', () => {
  const long = Array.from({ length: 100 }, (_, i) => `${i}`.padStart(250, 'k'));
  const asked = askedFor(long);
  assert.equal(written(asked), long.map((key) => ` ${key}`).join(''));
  asked.clear();
  assert.equal(written(asked), '');
});
