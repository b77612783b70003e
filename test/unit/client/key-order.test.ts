import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyOrder } from '../../../src/client/key-order.ts';

test('without a pending value everything runs at once', () => {
  const order = new KeyOrder();
  const ran: string[] = [];
  order.inTurn('a', () => ran.push('a'));
  assert.deepEqual(ran, ['a']);
  assert.equal(order.size, 0);
});

test('behind a pending value operations of its key wait, in their order; others do not', () => {
  const order = new KeyOrder();
  const ran: string[] = [];
  order.begin('a');
  assert.equal(order.has('a'), true);
  order.inTurn('a', () => ran.push('a1'));
  order.inTurn('b', () => ran.push('b'));
  order.inTurn('a', () => ran.push('a2'));
  assert.deepEqual(ran, ['b']);
  order.finish('a');
  assert.deepEqual(ran, ['b', 'a1', 'a2']);
  assert.equal(order.has('a'), false);
  assert.equal(order.size, 0);
});

test('to begin twice is to begin once', () => {
  const order = new KeyOrder();
  const ran: string[] = [];
  order.begin('a');
  order.inTurn('a', () => ran.push('kept'));
  order.begin('a');
  order.finish('a');
  assert.deepEqual(ran, ['kept']);
  order.finish('a');
});

test('an operation that begins anew holds those behind it', () => {
  const order = new KeyOrder();
  const ran: string[] = [];
  order.begin('a');
  order.inTurn('a', () => {
    ran.push('first');
    order.begin('a');
  });
  order.inTurn('a', () => ran.push('second'));
  order.inTurn('a', () => ran.push('third'));
  order.finish('a');
  assert.deepEqual(ran, ['first']);
  order.inTurn('a', () => ran.push('fourth'));
  order.finish('a');
  assert.deepEqual(ran, ['first', 'second', 'third', 'fourth']);
});
