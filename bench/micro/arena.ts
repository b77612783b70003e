import { ArenaPool } from '../../src/codec/arena.ts';
import { LENGTH, OFFSET } from '../../src/codec/shard-messages.ts';
import { expect, type MicroCase } from './micro-case.ts';

const VALUES = 64;
const ARENA_BYTES = 1024 * 1024;

/** What the main thread does for a shard of 64 values beside the worker's own work: copies them in, looks at them, lets go. */
export function arenaCases(): MicroCase[] {
  return [100, 1000, 10_000].map((bytes) => shard(bytes));
}

function shard(bytes: number): MicroCase {
  const pool = new ArenaPool(ARENA_BYTES, 1);
  const value = Buffer.alloc(bytes, 'v');
  const run = (): number => {
    const arena = pool.take(VALUES * bytes);
    if (arena === undefined) throw new Error('no arena is free');
    arena.holds++;
    for (let row = 0; row < VALUES; row++) {
      const offset = arena.end;
      arena.setRow(row, offset, arena.append(value), 0);
    }
    let sum = 0;
    for (let row = 0; row < VALUES; row++) {
      const offset = arena.cell(row, OFFSET);
      const view = arena.bytes.subarray(offset, offset + arena.cell(row, LENGTH));
      sum += view.length + view[bytes - 1];
    }
    pool.release(arena);
    return sum;
  };
  expect(run() === VALUES * (bytes + value[0]), 'what an arena holds');
  return { name: `64 values of ${bytes} B into an arena, per value`, operations: VALUES, run };
}
