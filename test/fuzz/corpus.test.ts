import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputsOf } from './corpus.ts';
import { TARGETS } from './targets/catalogue.ts';

const FEWEST = 10;

for (const [name, { fuzz }] of Object.entries(TARGETS)) {
  test(`${name}: what fuzzing has found holds`, () => {
    const inputs = inputsOf(name);
    assert.ok(inputs.length >= FEWEST, `${inputs.length} inputs`);
    for (const { name: file, bytes } of inputs) {
      assert.doesNotThrow(() => fuzz(bytes), `corpus/${name}/${file}`);
      // However little of it there is.
      for (const length of [0, 1, 2, 3, bytes.length >> 1, Math.max(0, bytes.length - 1)]) {
        assert.doesNotThrow(() => fuzz(bytes.subarray(0, length)), `${length} of ${name}/${file}`);
      }
    }
  });
}
