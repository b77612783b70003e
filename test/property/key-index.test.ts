import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyIndex } from '../../src/primitives/key-index.ts';
import { runs } from '../support/runs.ts';

/** Many equal ones, and many that share a hash: 'Aa' and 'BB' do, wherever they stand. */
const text = fc.oneof(
  fc.array(fc.constantFrom('Aa', 'BB', 'C'), { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

test('it numbers texts as a Map would, over any number of uses', () => {
  const uses = fc.array(fc.array(text, { maxLength: 60 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(uses, fc.array(text, { maxLength: 20 }), (lists, others) => {
      const index = new KeyIndex(60);
      for (const texts of lists) {
        const model = new Map<string, number>();
        for (const one of texts) {
          if (!model.has(one)) model.set(one, model.size);
          assert.equal(index.findOrAdd(one), model.get(one));
          assert.equal(index.size, model.size);
        }
        for (const one of [...others, ...texts]) {
          assert.equal(index.find(one), model.get(one) ?? -1);
        }
        index.clear();
        for (const one of texts) assert.equal(index.find(one), -1);
      }
    }),
    runs(300),
  );
});
