import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Activity } from '../../../src/connection/activity.ts';

/** A wall clock that stands still until it is moved. */
function wallClock(t: TestContext): { now: number } {
  const clock = { now: 1_000_000 };
  t.mock.method(Date, 'now', () => clock.now);
  return clock;
}

test('a stall is counted from when something began to be awaited', (t) => {
  wallClock(t);
  const activity = new Activity();
  activity.begins(100);
  assert.equal(activity.stalledFor(350), 250);
});

test('what was heard ends a stall, once it is noted', (t) => {
  wallClock(t);
  const activity = new Activity();
  activity.begins(100);
  activity.heard();
  assert.equal(activity.stalledFor(350), 250);
  activity.note(350, 0);
  assert.equal(activity.stalledFor(360), 10);
  activity.note(400, 0);
  assert.equal(activity.stalledFor(400), 50, 'nothing more was heard');
});

test('a peer of whom nothing is awaited does not stall', (t) => {
  wallClock(t);
  const activity = new Activity();
  activity.begins(100);
  assert.equal(activity.stall(900, 50, false, undefined), undefined);
  assert.match(String(activity.stall(900, 50, true, { abandoned: false })), /not sent a byte/);
});

test('an answer that trickles in stalls from when nobody waits for it, and only while it is the same', (t) => {
  wallClock(t);
  const activity = new Activity();
  const stall = (now: number, head: { abandoned: boolean }): string | undefined => {
    activity.heard();
    activity.note(now, 0);
    return activity.stall(now, 50, true, head);
  };
  const [one, other] = [{ abandoned: false }, { abandoned: true }];
  assert.equal(stall(100, one), undefined);
  assert.equal(stall(200, one), undefined, 'somebody waits');
  one.abandoned = true;
  assert.equal(stall(210, one), undefined);
  assert.equal(stall(260, one), undefined);
  assert.equal(stall(261, other), undefined, 'the next one');
  assert.equal(stall(311, other), undefined);
  assert.match(String(stall(312, other)), /nobody waits for/);
});

test('silence is measured by both clocks', (t) => {
  const clock = wallClock(t);
  const activity = new Activity();
  activity.begins(100);
  assert.equal(activity.silent(200, 100), false);
  assert.equal(activity.silent(201, 100), true);
  clock.now += 101;
  assert.equal(activity.silent(101, 100), true, 'the process was frozen: only one clock went on');
  activity.begins(101);
  assert.equal(activity.silent(101, 100), false);
});
