import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostModel } from '../../../src/codec/cost-model.ts';

const PRIORS = { inlineNsPerByte: 1, poolNsPerShard: 20_000, poolNsPerByte: 0.1 };
const SMALL = 5000;
const LARGE = 600_000;

test('before anything is measured a large shard pays and a small one does not', () => {
  const model = new CostModel(PRIORS);
  assert.equal(model.poolIsCheaper(SMALL), false);
  assert.equal(model.poolIsCheaper(LARGE), true);
});

test('measurements change its mind, for their size only', () => {
  const model = new CostModel(PRIORS);
  for (let round = 0; round < 100; round++) model.recordPool(LARGE, LARGE * 3);
  assert.equal(model.poolIsCheaper(LARGE), false);
  assert.equal(model.poolIsCheaper(LARGE * 4), true);
  for (let round = 0; round < 100; round++) model.recordPool(SMALL, SMALL * 0.1);
  assert.equal(model.poolIsCheaper(SMALL), true);
});

test('rare outliers do not: estimates rest at the median', () => {
  const model = new CostModel(PRIORS);
  for (let round = 0; round < 400; round++) {
    model.recordPool(LARGE, round % 4 === 0 ? LARGE * 500 : LARGE * 0.2);
    model.recordInline(LARGE, LARGE);
  }
  assert.equal(model.poolIsCheaper(LARGE), true);
});

test('the dearer way is probed within its budget', () => {
  const model = new CostModel(PRIORS);
  const pool = 0.2;
  let spent = 0;
  let probes = 0;
  const rounds = 20_000;
  for (let round = 0; round < rounds; round++) {
    const inline = !model.choosePool(LARGE);
    probes += inline ? 1 : 0;
    spent += inline ? 1 : pool;
    if (inline) model.recordInline(LARGE, LARGE);
    else model.recordPool(LARGE, LARGE * pool);
  }
  assert.ok(probes > 10, `${probes} probes`);
  assert.ok(spent < rounds * pool * 1.05, `${spent / rounds / pool} of the cheaper way`);
});

test('what became cheaper is found out', () => {
  const model = new CostModel({ ...PRIORS, poolNsPerByte: 2 });
  let last = 0;
  for (let round = 0; round < 20_000; round++) {
    const pooled = model.choosePool(LARGE);
    last = pooled ? last + 1 : 0;
    if (pooled) model.recordPool(LARGE, LARGE * 0.1);
    else model.recordInline(LARGE, LARGE);
  }
  assert.equal(model.poolIsCheaper(LARGE), true);
});
