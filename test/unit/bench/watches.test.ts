import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loopAlone } from '../../../bench/contenders/loop-alone.ts';
import { type Garbage, GarbageWatch } from '../../../bench/load/garbage-watch.ts';
import { newLatencies } from '../../../bench/load/latencies.ts';
import { StallWatch } from '../../../bench/load/stall-watch.ts';

const BYTES = Buffer.alloc(1000, 'a');
/** Somebody holds the last ones, so that no compiler leaves them out. */
const held: string[] = [];

/** A string on the heap is as long as its characters and a header of some words. */
function allocate(strings: number): void {
  for (let i = 0; i < strings; i++) held[i & 63] = BYTES.toString('latin1');
}

function watched(work: () => void): Garbage {
  const watch = new GarbageWatch();
  work();
  return watch.read();
}

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('what is left to the garbage collector', () => {
  test('is what was allocated, across many collections', () => {
    allocate(10_000);
    const strings = 200_000;
    const { bytes, scavenges, longestScavengeMs } = watched(() => allocate(strings));
    const each = bytes / strings;
    assert.ok(each >= 1000 && each < 1050, `${each} bytes of heap for a string of 1000`);
    assert.ok(scavenges > 1);
    assert.ok(longestScavengeMs > 0);
  });

  test('is what was allocated, without any collection', () => {
    const { bytes } = watched(() => allocate(1000));
    assert.ok(bytes >= 1_000_000 && bytes < 1_100_000, `${bytes} bytes`);
  });

  test('holds nothing of what Buffers hold, and next to nothing of a watch', () => {
    const buffers: Buffer[] = [];
    const { bytes } = watched(() => buffers.push(Buffer.allocUnsafeSlow(50_000_000)));
    // V8 takes some of its own, when it compiles.
    assert.ok(bytes < 500_000, `${bytes} bytes`);
  });
});

test('the loop alone makes less than a promise for each call', async () => {
  const load = await loopAlone.flood?.(
    { host: '', port: 0 },
    { operation: 'get', size: 100, kind: 'string', concurrency: 512 },
    [],
  );
  assert.ok(load !== undefined);
  await load.run(0.2, newLatencies());
  const watch = new GarbageWatch();
  const { operations, misses } = await load.run(0.2, newLatencies());
  const each = watch.read().bytes / operations;
  assert.equal(misses, 0);
  assert.ok(each > 0 && each < 600, `${each} bytes for each await`);
});

describe('a stall of the event loop', () => {
  test('is as long as the loop stood still', async () => {
    const watch = new StallWatch();
    await watch.begin();
    block(30);
    const stall = await watch.end();
    assert.ok(stall >= 30, `${stall} ms`);
  });

  test('before the watch begins is none of its own', async () => {
    const watch = new StallWatch();
    await watch.begin();
    block(1500);
    assert.ok((await watch.end()) >= 1500);
    block(1500);
    await watch.begin();
    assert.ok((await watch.end()) < 1500);
  });
});
