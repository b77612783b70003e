import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnTaking } from '../../../src/client/turn-taking.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('a few settled calls of a turn are as they are, further ones wait for the next', async () => {
  const turns = new TurnTaking();
  const order: string[] = [];
  const call = (name: string): Promise<unknown> =>
    turns.handOut(Promise.resolve(name)).then((answer) => order.push(answer));
  for (let i = 0; i < 99; i++) await turns.handOut(Promise.resolve(i));
  const calls = [call('last of this turn'), call('first of the next'), call('second of the next')];
  await new Promise<void>((resolve) => process.nextTick(resolve));
  assert.deepEqual(order, ['last of this turn']);
  await Promise.all(calls);
  assert.deepEqual(order, ['last of this turn', 'first of the next', 'second of the next']);
});

test('a loop over calls that fail at once lets others in, and each failure reaches its caller', async () => {
  const turns = new TurnTaking();
  const failure = new Error('out');
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  let turned = 0;
  let told = 0;
  const count = (): void => {
    turned++;
    if (told < 1000) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 1000; i++) {
    await turns.handOut(Promise.reject(failure)).catch((reason: unknown) => {
      assert.equal(reason, failure);
      told++;
    });
  }
  await turn();
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
  assert.equal(told, 1000);
  assert.ok(turned >= 9 && turned < 20, `${turned} turns`);
});
