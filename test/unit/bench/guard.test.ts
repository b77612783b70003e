import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { comparedTime, judge, LEAST_ROUNDS, type Round } from '../../../bench/guard/judge.ts';
import { ratioInterval } from '../../../bench/report/ratio-interval.ts';
import { Random } from '../../../bench/support/random.ts';

const ROUNDS = 10;

/** Rounds of two trees of which one takes `ratio` times as long. Now and then a neighbour has the core. */
function roundsOf(random: Random, ratio: number): Round[] {
  const time = (by: number): number =>
    40 * by * random.between(0.98, 1.02) * (random.below(8) === 0 ? 1.6 : 1);
  return Array.from({ length: ROUNDS }, () => ({
    parent: { ask: time(1) },
    tree: { ask: time(ratio) },
  }));
}

const standing = (rounds: readonly Round[]): string => judge(['ask'], rounds)[0].standing;

/** In how many of a hundred comparisons a path was found to be slower. */
function foundSlower(ratio: number): number {
  const random = new Random(3);
  return Array.from({ length: 100 }, () => standing(roundsOf(random, ratio))).filter(
    (found) => found === 'slower',
  ).length;
}

test('a tree is not found slower than itself', () => {
  assert.equal(foundSlower(1), 0);
  assert.equal(foundSlower(0.7), 0);
});

test('a tree that takes much longer is found slower', () => {
  assert.ok(foundSlower(1.25) > 95);
  assert.ok(foundSlower(2) > 95);
});

test('a path that the parent has not is skipped, one that this tree has not any more is broken', () => {
  const round = {
    parent: { ask: 40, answer: 'no such module' },
    tree: { ask: 'wrong', answer: 50 },
  };
  const [ask, answer, get] = judge(['ask', 'answer', 'get'], [round, round]);
  assert.deepEqual(ask, { name: 'ask', standing: 'broken', why: 'wrong' });
  assert.equal(answer.standing, 'skipped');
  assert.match(answer.why ?? '', /no such module/);
  assert.equal(get.standing, 'broken');
});

test('the interval of a ratio holds what the figures were drawn from', () => {
  const random = new Random(1);
  const drawn = (from: number, to: number): number[] =>
    Array.from({ length: 30 }, () => random.between(from, to));
  const { ratio, least, most } = ratioInterval(drawn(110, 130), drawn(95, 105), 0.5);
  assert.ok(least < 1.2 && most > 1.2 && most - least < 0.15, `${least}..${most}`);
  assert.ok(ratio > least && ratio < most);
});

test('a quantile lies between two figures; the ratio of none is no number', () => {
  assert.equal(ratioInterval([1, 3], [1, 1], 0.5).ratio, 2);
  assert.equal(ratioInterval([4, 2, 8], [2, 2, 2], 0).ratio, 1);
  assert.deepEqual(ratioInterval([6], [3], 0.1), { ratio: 2, least: 2, most: 2 });
  assert.ok(Number.isNaN(ratioInterval([], [], 0.5).ratio));
});

test('what is shown of each tree is what is compared', () => {
  const rounds = roundsOf(new Random(5), 1.3);
  const [{ ratio }] = judge(['ask'], rounds);
  const shown = comparedTime('ask', rounds, 'tree') / comparedTime('ask', rounds, 'parent');
  assert.equal(shown, ratio?.ratio);
  assert.ok(Number.isNaN(comparedTime('none', rounds, 'tree')));
});

test('so few rounds that an interval says nothing are refused', () => {
  const program = new URL('../../../bench/guard/run.js', import.meta.url).pathname;
  const ended = spawnSync(process.execPath, [program, '--rounds', String(LEAST_ROUNDS - 1)], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  assert.equal(ended.status, 1);
  assert.match(ended.stderr, /^bench:guard: --rounds takes whole numbers from 5, not 4/);
});
