import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull, mostTogether } from '../../../src/connection/flush-limit.ts';
import { LineAsker } from '../../support/line-asker.ts';

const command = (bytes: number): LineAsker => new LineAsker('x'.repeat(bytes));

test('without TLS a flush ends once a megabyte has been gathered', () => {
  assert.equal(isFull(0, command(5_000_000), false), false);
  assert.equal(isFull(1_048_575, command(5_000_000), false), false);
  assert.equal(isFull(1_048_576, command(1), false), true);
});

test('with TLS a flush is one record of whole commands, or one command', () => {
  assert.equal(isFull(0, command(100_000), true), false, 'a command alone may be of any length');
  assert.equal(isFull(100, command(16_384 - 100 - 128), true), false);
  assert.equal(isFull(100, command(16_384 - 100 - 127), true), true);
  assert.equal(isFull(20_000, command(1), true), true);
});

test('a command made of many fits one record, whatever was gathered before it', () => {
  const bytes = mostTogether(true);
  assert.equal(isFull(0, command(bytes), true), false);
  assert.equal(bytes + 128, 16_384);
  assert.equal(mostTogether(false), 65_536);
});
