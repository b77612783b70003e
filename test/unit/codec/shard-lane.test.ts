import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArenaPool } from '../../../src/codec/arena.ts';
import { CostModel } from '../../../src/codec/cost-model.ts';
import {
  type LaneParts,
  type Shard,
  ShardLane,
  type ShardWork,
} from '../../../src/codec/shard-lane.ts';
import type { Offload } from '../../../src/codec/offload.ts';
import {
  BEGUN,
  OUTCOME,
  ROW_INTS,
  type ShardAnswer,
  type ShardTask,
} from '../../../src/codec/shard-messages.ts';

const BYTES = 4096;
type Done = (answer: ShardAnswer | undefined) => void;

/** A pool whose answers are given by hand. */
class PoolByHand {
  hasRoom = true;
  starts = 0;
  readonly running: { task: ShardTask; done: Done }[] = [];

  start(): void {
    this.starts++;
  }

  run(task: ShardTask, done: Done): void {
    this.running.push({ task, done });
  }
}

class Journal implements ShardWork<string> {
  readonly arenas: ArenaPool;
  readonly lines: string[] = [];
  needs: Promise<void> | undefined;

  constructor(arenas: ArenaPool) {
    this.arenas = arenas;
  }

  fill(shard: Shard<string>): ShardTask | undefined {
    shard.arena = this.arenas.take(shard.bytes);
    const { arena } = shard;
    return arena && { job: 'encode', arena: arena.shared, rows: 1, freeFrom: arena.end };
  }

  read(shard: Shard<string>, row: number): boolean {
    const entry = shard.entries[row];
    if (entry.startsWith('hard')) return false;
    this.lines.push(`pool ${entry}`);
    return true;
  }

  inline(_shard: Shard<string>, entry: string): void {
    this.lines.push(`inline ${entry}`);
  }

  refuse(entry: string): void {
    this.lines.push(`refused ${entry}`);
  }

  inlineNeeds(): Promise<void> | undefined {
    return this.needs;
  }
}

function newLane(offload: Offload = 'always', parts: Partial<LaneParts> = {}) {
  const pool = new PoolByHand();
  const arenas = new ArenaPool(BYTES, 2);
  const work = new Journal(arenas);
  const model = new CostModel({ inlineNsPerByte: 1, poolNsPerShard: 1000, poolNsPerByte: 0.1 });
  const fixed = {
    name: 'encode' as const,
    pool,
    arenas,
    model,
    maxShardBytes: BYTES,
    onShard: () => undefined,
  };
  const lane = new ShardLane(work, { ...fixed, ...parts });
  lane.offload = offload;
  const add = (entry: string, bytes = 1000): void => {
    const shard = lane.open(bytes);
    shard.bytes += bytes;
    shard.entries.push(entry);
  };
  return { lane, pool, arenas, work, add };
}

const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is asked for in one moment shares a shard up to its size', async () => {
  const { pool, work, add } = newLane();
  for (const entry of ['a', 'b', 'c', 'd', 'e']) add(entry);
  assert.equal(pool.running.length, 0);
  await moment();
  assert.equal(pool.running.length, 2);
  for (const { done } of pool.running) done({ ok: true });
  assert.deepEqual(work.lines, ['pool a', 'pool b', 'pool c', 'pool d', 'pool e']);
});

test('values from promise jobs of the same moment still join', async () => {
  const { pool, add } = newLane();
  add('a');
  void Promise.resolve().then(() => {
    add('b');
  });
  await moment();
  assert.equal(pool.running.length, 1);
});

test('a shard nobody answered is done inline, and its arena is never used again', async () => {
  const { pool, arenas, work, add } = newLane();
  add('late');
  await moment();
  const [{ task, done }] = pool.running;
  done(undefined);
  assert.deepEqual(work.lines, ['inline late']);
  assert.equal(arenas.live, 0);
  for (let round = 0; round < 2; round++) {
    assert.notEqual(arenas.take(BYTES)?.shared, task.arena);
  }
});

test('an answer that failed as a whole counts as none', async () => {
  const { pool, arenas, work, add } = newLane();
  add('a');
  await moment();
  pool.running[0].done({ ok: false });
  assert.deepEqual(work.lines, ['inline a']);
  assert.equal(arenas.live, 0);
});

test('an answered arena serves the next shard', async () => {
  const { pool, add } = newLane();
  add('a');
  await moment();
  pool.running[0].done({ ok: true });
  add('b');
  await moment();
  assert.equal(pool.running[1].task.arena, pool.running[0].task.arena);
});

test('what the worker could not do is done inline, the rest is not', async () => {
  const { pool, work, add } = newLane();
  for (const entry of ['a', 'hard', 'b']) add(entry);
  await moment();
  pool.running[0].done({ ok: true });
  assert.deepEqual(work.lines, ['pool a', 'inline hard', 'pool b']);
});

test('without room, without an arena, or small: inline', async () => {
  const full = newLane();
  full.pool.hasRoom = false;
  full.add('a');
  await moment();
  assert.deepEqual(full.work.lines, ['inline a']);

  const bare = newLane();
  for (const entry of ['a', 'b', 'c']) bare.add(entry, BYTES);
  await moment();
  assert.equal(bare.pool.running.length, 2);
  assert.deepEqual(bare.work.lines, ['inline c']);

  const cheap = newLane('auto');
  cheap.add('a', 100);
  await moment();
  assert.deepEqual(cheap.work.lines, ['inline a']);
  assert.equal(cheap.pool.starts, 0);
});

test('inline work waits for what it needs, and keeps its arena until then', async () => {
  const { pool, arenas, work, add } = newLane();
  let ready: () => void = () => undefined;
  work.needs = new Promise((resolve) => {
    ready = resolve;
  });
  add('hard');
  await moment();
  pool.running[0].done({ ok: true });
  assert.deepEqual(work.lines, []);
  assert.notEqual(arenas.take(BYTES)?.shared, pool.running[0].task.arena);
  ready();
  await moment();
  assert.deepEqual(work.lines, ['inline hard']);
  assert.equal(arenas.take(BYTES)?.shared, pool.running[0].task.arena);
});

test('interest: lost when inline is cheaper, back after patience, for whole moments', async () => {
  const { lane, add } = newLane('auto');
  assert.equal(lane.interested, true);
  add('a', 100);
  await moment();
  const asked = Array.from({ length: 16 }, () => lane.interested);
  assert.deepEqual(asked, [...Array.from({ length: 15 }, () => false), true]);
  add('b', 100);
  await moment();
  assert.equal(lane.interested, true);
  add('c', 100);
  await moment();
  assert.equal(lane.interested, false);
});

test('what took a worker beyond its memory is refused; what it had beside it is done inline', async () => {
  const { pool, work, add } = newLane();
  for (const entry of ['a', 'b', 'c']) add(entry);
  await moment();
  const [{ task, done }] = pool.running;
  const table = new Int32Array(task.arena as SharedArrayBuffer, 0, 3 * ROW_INTS);
  table[ROW_INTS + OUTCOME] = BEGUN;
  done({ ok: false, overran: true });
  assert.deepEqual(work.lines, ['refused b', 'inline a', 'inline c']);
});
