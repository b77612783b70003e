import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnTaking } from '../../../src/client/turn-taking.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('the first settled calls of a turn are as they are, further ones wait for the next', async () => {
  const turns = new TurnTaking();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10; i++) {
      const promise = Promise.resolve(i);
      assert.equal(turns.handOut(promise), promise);
      await promise;
    }
    const order: string[] = [];
    setImmediate(() => order.push('turn'));
    const calls = ['a', 'b'].map((name) =>
      turns.handOut(Promise.resolve(name)).then((answer) => order.push(answer)),
    );
    await Promise.all(calls);
    await turn();
    assert.deepEqual(order, ['a', 'b', 'turn']);
  }
});

test('calls of one go are as they are, however many', () => {
  const turns = new TurnTaking();
  for (let i = 0; i < 10_000; i++) {
    const promise = Promise.resolve(i);
    assert.equal(turns.handOut(promise), promise);
  }
});

test('a loop over calls that fail at once lets others in, and each failure reaches its caller', async () => {
  const turns = new TurnTaking();
  const failure = new Error('out');
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
  assert.equal(told, 1000);
  assert.ok(turned >= 50, `${turned} turns`);
});
