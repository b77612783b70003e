import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contenderNamed } from '../../../bench/contenders/roster.ts';
import { memvolleyWith } from '../../../bench/contenders/memvolley-with.ts';
import { type Gain, gainOf, wins, worthOf } from '../../../bench/tune/gain.ts';
import { SETTINGS } from '../../../bench/tune/settings.ts';
import { createClient } from '../../../src/index.ts';

const USUAL = [1000, 1010, 990, 1005, 995];
const times = (by: number): number[] => USUAL.map((rate) => rate * by);
const gain = (tried: readonly number[]): Gain => gainOf({ title: 'get', usual: USUAL, tried });

test('a gain is one beyond the noise, and worth having', () => {
  assert.equal(gain(times(1.2)).standing, 'gain');
  assert.equal(gain(times(1.2)).ratio.median, 1.2);
  assert.equal(gain(USUAL).standing, 'noise');
  assert.equal(gain([900, 1500, 1800, 990, 1600]).standing, 'noise', 'a median is not enough');
  const narrow = [1000, 1001, 1000, 1001, 1000];
  const tried = narrow.map((rate) => rate * 1.01);
  assert.equal(gainOf({ title: 'get', usual: narrow, tried }).standing, 'noise', 'too little');
});

test('a loss need not be proven', () => {
  assert.equal(gain(times(0.9)).standing, 'loss');
  assert.equal(gain([700, 900, 1100, 950, 940]).standing, 'loss');
  assert.equal(gain([]).standing, 'loss');
});

test('four rounds prove nothing', () => {
  const usual = USUAL.slice(1);
  const tried = usual.map((rate) => rate * 3);
  assert.equal(gainOf({ title: 'get', usual, tried }).standing, 'noise');
});

test('a setting wins that gains somewhere and loses nowhere', () => {
  const [more, same, less] = [1.2, 1, 0.9].map((by) => gain(times(by)));
  assert.ok(wins([more, same]));
  assert.ok(!wins([same, same]));
  assert.ok(!wins([more, more, less]));
  assert.ok(!wins([]));
  assert.ok(worthOf([more, more]) > worthOf([more, same]));
});

test('a client takes every value that is tried', async () => {
  for (const { option, values } of SETTINGS) {
    for (const value of values) {
      const client = createClient({ servers: '127.0.0.1:1', [option]: value });
      await client.close();
    }
  }
});

test('the options of a contender reach its process by its name', () => {
  const options = { volleyKeys: 200, maxInFlight: { operations: 1024 } };
  const { name } = memvolleyWith(options);
  assert.equal(contenderNamed(name).name, name);
  assert.match(name, /"volleyKeys":200/);
  assert.throws(() => contenderNamed('memvolley without'), /no contender/);
});
