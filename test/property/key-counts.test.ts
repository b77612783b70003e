import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyCounts } from '../../src/primitives/key-counts.ts';
import { runs } from '../support/runs.ts';

/** Few enough to meet again; 'Aa' and 'BB' share a hash wherever they stand. */
const text = fc.oneof(
  fc.array(fc.constantFrom('Aa', 'BB'), { maxLength: 4 }).map((parts) => parts.join('')),
  fc.integer({ min: 0, max: 100 }).map((number) => `key:${number}`),
);

test('it counts as a Map would, whatever comes and goes', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), text), { maxLength: 400, size: 'max' });
  fc.assert(
    fc.property(steps, (list) => {
      const counts = new KeyCounts();
      const model = new Map<string, number>();
      for (const [adds, one] of list) {
        const count = (model.get(one) ?? 0) + (adds ? 1 : -1);
        if (count > 0) model.set(one, count);
        else model.delete(one);
        if (adds) counts.add(one);
        else counts.subtract(one);
        assert.equal(counts.size, model.size);
      }
      for (const [, one] of list) assert.equal(counts.has(one), model.has(one));
    }),
    runs(300),
  );
});
