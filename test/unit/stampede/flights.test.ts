import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Flights } from '../../../src/stampede/flights.ts';

test('a load is found by its lease, or by any, until it is over', async () => {
  const flights = new Flights();
  const answer = Promise.resolve(1);
  const { promise: over, resolve } = withResolvers();
  flights.begin('k', { lease: '7', answer }, over);
  assert.equal(flights.of('k', '7'), answer);
  assert.equal(flights.of('k', ''), answer);
  assert.equal(flights.of('k', '8'), undefined);
  assert.equal(flights.of('other', '7'), undefined);
  resolve();
  await turn();
  assert.equal(flights.of('k', '7'), undefined);
  assert.equal(flights.size, 0);
});

test('a newer lease takes its place, and stays when the older one is over', async () => {
  const flights = new Flights();
  const older = withResolvers();
  const newer = withResolvers();
  flights.begin('k', { lease: '1', answer: Promise.resolve() }, older.promise);
  const answer = Promise.resolve();
  flights.begin('k', { lease: '2', answer }, newer.promise);
  assert.equal(flights.of('k', '1'), undefined);
  older.resolve();
  await turn();
  assert.equal(flights.of('k', '2'), answer);
  newer.resolve();
  await turn();
  assert.equal(flights.size, 0);
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
