import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pauses } from '../../../src/stampede/pauses.ts';
import { SimulatedClock, watched } from './simulated.ts';

/** When a pause ends. */
async function lengthOf(random: number, round: number, mostMs = 10_000): Promise<number> {
  const clock = new SimulatedClock(() => random);
  const pause = watched(new Pauses(clock).pause('k', round, mostMs));
  let ms = 0;
  for (; pause.state === 'pending' && ms < 1000; ms++) await clock.advance(1);
  return ms;
}

test('a pause is a random part of 10 ms that doubles up to 250', async () => {
  const half = await Promise.all([0, 1, 2, 3, 4, 5, 20].map((round) => lengthOf(0.5, round)));
  assert.deepEqual(half, [5, 10, 20, 40, 80, 125, 125]);
  assert.equal(await lengthOf(0, 3), 1);
  assert.ok((await lengthOf(0.999, 30)) <= 250);
});

test('it ends no later than the caller allows, to the next ten milliseconds', async () => {
  assert.equal(await lengthOf(0.9, 30, 42), 50);
  assert.equal(await lengthOf(0.9, 30, 200), 200);
});

test('all who wait for one key wake together, those whose time is over before', async () => {
  const clock = new SimulatedClock(() => 0.8);
  const pauses = new Pauses(clock);
  const first = watched(pauses.pause('k', 20, 10_000));
  await clock.advance(100);
  const second = watched(pauses.pause('k', 0, 10_000));
  const hasty = watched(pauses.pause('k', 0, 130));
  const hastier = watched(pauses.pause('k', 0, 121));
  const other = watched(pauses.pause('l', 0, 10_000));
  assert.equal(clock.pending, 3);
  await clock.advance(30);
  assert.deepEqual(
    [hasty, hastier, other, first, second].map(({ state }) => state),
    ['answered', 'answered', 'answered', 'pending', 'pending'],
  );
  await clock.advance(69);
  assert.equal(first.state, 'pending');
  await clock.advance(1);
  assert.deepEqual([first.state, second.state], ['answered', 'answered']);
  assert.equal(pauses.size, 0);
  const next = watched(pauses.pause('k', 0, 10_000));
  await clock.advance(8);
  assert.equal(next.state, 'answered');
});
