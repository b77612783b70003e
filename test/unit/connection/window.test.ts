import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Window } from '../../../src/connection/window.ts';

const ROUND_MS = 100;
const never = (): void => assert.fail('nobody is held');

/** A window and the clock it goes by. */
function windowOf(min: number, max: number): { window: Window; clock: { now: number } } {
  const clock = { now: 1000 };
  return {
    window: new Window(
      { min, max },
      () => ROUND_MS,
      () => clock.now,
    ),
    clock,
  };
}

/** Fills a window, and has all of it answered. */
function round(window: Window): void {
  const { size } = window;
  assert.equal(window.admits(size, never), true);
  window.add(size);
  window.remove(size, true);
}

test('until the first miss it doubles with each window that is answered, up to its largest', () => {
  const { window } = windowOf(10, 70);
  const sizes: number[] = [];
  for (let i = 0; i < 4; i++) {
    round(window);
    sizes.push(window.size);
  }
  assert.deepEqual(sizes, [20, 40, 70, 70]);
});

test('a miss halves it, once in a round, and not below its smallest', () => {
  const { window, clock } = windowOf(10, 80);
  for (let i = 0; i < 3; i++) round(window);
  window.missed();
  assert.equal(window.size, 40);
  clock.now += ROUND_MS - 1;
  window.missed();
  assert.equal(window.size, 40, 'what is under way at the cut says nothing of the smaller window');
  clock.now++;
  window.missed();
  assert.equal(window.size, 20);
  for (let i = 0; i < 3; i++) {
    clock.now += ROUND_MS;
    window.missed();
  }
  assert.equal(window.size, 10);
});

test('after a miss it grows by its smallest size with each window that is answered', () => {
  const { window } = windowOf(10, 80);
  for (let i = 0; i < 3; i++) round(window);
  window.missed();
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    round(window);
    sizes.push(window.size);
  }
  assert.deepEqual(sizes, [50, 60, 70, 80, 80]);
});

test('a window that nobody fills does not grow, nor does one whose requests are lost', () => {
  const { window } = windowOf(10, 80);
  for (let i = 0; i < 100; i++) {
    window.add(4);
    window.remove(4, true);
  }
  assert.equal(window.size, 10);
  window.add(10);
  window.remove(10, false);
  assert.equal(window.size, 10);
  assert.equal(window.inFlight, 0);
});

test('what is over it is held, and told in its turn when there is room; more than all goes alone', () => {
  const { window } = windowOf(10, 10);
  const told: string[] = [];
  window.add(8);
  assert.equal(
    window.admits(3, () => void told.push('first')),
    false,
  );
  assert.equal(
    window.admits(20, () => void told.push('second')),
    false,
  );
  assert.equal(window.admits(2, never), true);
  assert.deepEqual(told, []);
  window.remove(3, true);
  assert.deepEqual(new Set(told), new Set(['first', 'second']));
  window.remove(5, true);
  assert.equal(told.length, 2, 'who is held again says so');
  assert.equal(window.admits(20, never), true);
});

test('those who always have more do not keep the room from one that has little', () => {
  const { window } = windowOf(2, 2);
  const sent = new Map([
    ['busy', 0],
    ['busy too', 0],
    ['quiet', 0],
  ]);
  const ask = (name: string, most: number): void => {
    const count = sent.get(name) ?? 0;
    if (count === most || !window.admits(1, () => ask(name, most))) return;
    window.add(1);
    sent.set(name, count + 1);
    ask(name, most);
  };
  ask('busy', Infinity);
  ask('busy too', Infinity);
  ask('quiet', 3);
  for (let answers = 0; answers < 12; answers++) window.remove(1, true);
  assert.equal(sent.get('quiet'), 3);
  assert.ok((sent.get('busy too') ?? 0) > 2);
});
