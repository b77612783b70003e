import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arena, ArenaPool } from '../../../src/codec/arena.ts';
import { FLAGS, LENGTH, OFFSET } from '../../../src/codec/shard-messages.ts';

const BYTES = 4096;

function take(pool: ArenaPool, bytes = BYTES): Arena {
  const arena = pool.take(bytes);
  assert.ok(arena !== undefined);
  arena.holds = 1;
  return arena;
}

test('inputs lie one behind the other, text as UTF-8', () => {
  const arena = take(new ArenaPool(BYTES, 1));
  const first = arena.end;
  assert.equal(arena.append('€uro'), 6);
  assert.equal(arena.append(Buffer.from([1, 2])), 2);
  assert.equal(arena.bytes.toString('utf8', first, first + 6), '€uro');
  assert.equal(arena.end, first + 8);
  assert.equal(arena.fits(BYTES - 8), true);
  assert.equal(arena.fits(BYTES - 7), false);
  arena.setRow(3, first, 6, 0xffff_ffff);
  const row = [arena.cell(3, OFFSET), arena.cell(3, LENGTH), arena.cell(3, FLAGS) >>> 0];
  assert.deepEqual(row, [first, 6, 0xffff_ffff]);
});

test('the last reader frees an arena, and the next shard gets it empty', () => {
  const pool = new ArenaPool(BYTES, 1);
  const arena = take(pool);
  const start = arena.end;
  arena.append('x');
  arena.holds = 2;
  pool.release(arena);
  assert.equal(pool.take(BYTES), undefined);
  pool.release(arena);
  assert.equal(pool.take(BYTES), arena);
  assert.equal(arena.end, start);
  assert.equal(arena.state, 'filling');
});

test('an abandoned arena makes room for another but never comes back', () => {
  const pool = new ArenaPool(BYTES, 1);
  const lost = take(pool);
  pool.abandon(lost);
  pool.abandon(lost);
  assert.equal(pool.live, 0);
  pool.release(lost);
  const next = take(pool);
  assert.notEqual(next, lost);
  assert.equal(pool.take(BYTES), undefined);
});

test('number and size are bounded; large ones are not kept', () => {
  const pool = new ArenaPool(BYTES, 2);
  const large = take(pool, BYTES + 1);
  assert.ok(large.bytes.length > BYTES);
  take(pool);
  assert.equal(pool.take(1), undefined);
  pool.release(large);
  assert.equal(pool.live, 1);
  assert.equal(pool.take(1024 * 1024 * 1024), undefined);
});
