import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from '../../../src/connection/in-flight.ts';
import { Window } from '../../../src/connection/window.ts';
import { LineAsker } from '../../support/line-asker.ts';

const never = (): void => assert.fail('nothing was held');

test('operations and bytes are counted from when they are written until they are answered', () => {
  const inFlight = new InFlight({ operations: 3, bytes: 1000 }, undefined, never);
  const commands = [new LineAsker('a'), new LineAsker('bb')];
  for (const command of commands) inFlight.add(command);
  assert.deepEqual([inFlight.operations, inFlight.bytes], [2, 3]);
  for (const command of commands) inFlight.remove(command, true);
  assert.deepEqual([inFlight.operations, inFlight.bytes], [0, 0]);
});

for (const bound of [
  { operations: 2, bytes: 1000 },
  { operations: 100, bytes: 2 },
]) {
  test(`a bound of ${bound.operations} operations and ${bound.bytes} bytes: one more is held until one is gone`, () => {
    let resumed = 0;
    const inFlight = new InFlight(bound, undefined, () => resumed++);
    const [first, second, third] = [new LineAsker('a'), new LineAsker('b'), new LineAsker('c')];
    for (const command of [first, second]) {
      assert.equal(inFlight.admits(command), true);
      inFlight.add(command);
    }
    assert.equal(inFlight.admits(third), false);
    assert.equal(resumed, 0);
    inFlight.remove(first, true);
    assert.equal(resumed, 1);
    assert.equal(inFlight.admits(third), true);
    inFlight.remove(second, false);
    assert.equal(resumed, 1, 'nothing is held any more');
  });
}

test('a request larger than the bound goes alone', () => {
  const inFlight = new InFlight({ operations: 10, bytes: 4 }, undefined, () => {});
  const [small, large] = [new LineAsker('a'), new LineAsker('much too large')];
  assert.equal(inFlight.admits(large), true);
  inFlight.add(small);
  assert.equal(inFlight.admits(large), false);
  inFlight.remove(small, true);
  assert.equal(inFlight.admits(large), true);
});

test('what callers gave up leaves the window, once, and stays in flight on its connection', () => {
  const window = new Window({ min: 2, max: 2 }, () => 1000);
  const slow = new InFlight({ operations: 10, bytes: 1000 }, window, never);
  let resumed = 0;
  const other = new InFlight({ operations: 10, bytes: 1000 }, window, () => resumed++);
  const [first, second, third] = [new LineAsker('a'), new LineAsker('b'), new LineAsker('c')];
  slow.add(first);
  slow.add(second);
  assert.equal(other.admits(third), false);
  slow.missed(2, [first, second]);
  slow.missed(0, [first, second]);
  assert.equal(window.inFlight, 0);
  assert.equal(slow.operations, 2);
  assert.equal(resumed, 1);
  assert.equal(other.admits(third), true);
  slow.remove(first, true);
  slow.remove(second, false);
  assert.deepEqual([window.inFlight, slow.operations], [0, 0]);
});
