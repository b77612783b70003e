import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Arena } from '../../../src/codec/arena.ts';
import { resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import {
  FAILED,
  IN_ARENA,
  IN_OVERFLOW,
  type Job,
  KEPT,
  LENGTH,
  OFFSET,
  OUTCOME,
  type ShardAnswer,
} from '../../../src/codec/shard-messages.ts';
import { StandardCodec } from '../../../src/codec/standard-codec.ts';
import { WorkerPool } from '../../../src/codec/worker-pool.ts';

const options = {
  ...resolveCodecOptions({ workers: 1 }),
  codec: undefined,
  compressor: 'lz4',
} as const;
const standard = new StandardCodec(options);
const pool = new WorkerPool({
  workers: 1,
  shardTimeoutMs: 10_000,
  settings: { options, module: undefined },
  onFailure: () => assert.fail('the pool failed'),
});
after(() => pool.close());

async function started(): Promise<void> {
  pool.start();
  for (let wait = 0; wait < 1000 && !pool.hasRoom; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(pool.hasRoom);
}

interface Input {
  flags: number;
  data: string | Uint8Array;
}

/** Sends one shard across; answers it with the bytes of each row. */
async function cross(job: Job, inputs: Input[], spareBytes: number) {
  await started();
  const total = inputs.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
  const arena = new Arena(total + spareBytes);
  inputs.forEach(({ flags, data }, row) => {
    const offset = arena.end;
    arena.setRow(row, offset, arena.append(data), flags);
  });
  const before = Buffer.from(arena.bytes);
  const task = { job, arena: arena.shared, rows: inputs.length, freeFrom: arena.end };
  const answer = await new Promise<ShardAnswer | undefined>((resolve) => {
    pool.run(task, resolve);
  });
  assert.ok(answer?.ok === true);
  const table = before.length - total - spareBytes;
  assert.deepEqual(arena.bytes.subarray(table, arena.end), before.subarray(table, arena.end));
  const { overflow } = answer;
  const outcomes = inputs.map((_, row) => arena.cell(row, OUTCOME));
  const outputs = inputs.map((_, row) => {
    const from = outcomes[row] === IN_OVERFLOW && overflow ? Buffer.from(overflow) : arena.bytes;
    const offset = arena.cell(row, OFFSET);
    return from.subarray(offset, offset + arena.cell(row, LENGTH));
  });
  return { outcomes, outputs };
}

const text = 'some text '.repeat(1000);

test('encode: compressed into the arena, kept when it does not shrink; inputs stay', async () => {
  const noise = Buffer.from(
    Array.from({ length: 5000 }, (_, at) => (at * at * 31 + (at >> 3)) % 251),
  );
  const inputs = [
    { flags: 16, data: text },
    { flags: 16, data: 'short' },
    { flags: 0, data: Buffer.alloc(6000) },
  ];
  const { outcomes, outputs } = await cross('encode', inputs, noise.length + 20_000);
  assert.deepEqual(outcomes, [IN_ARENA, KEPT, IN_ARENA]);
  assert.equal(standard.decode(320, outputs[0], 0, outputs[0].length, false, 'k'), text);
});

test('unwrap: into the arena where it fits, else into a buffer of its own; a bad row fails alone', async () => {
  const item = standard.encode(text, 'k');
  const inputs = [item, { flags: 320, data: Buffer.from('not lz4') }, item];
  const roomy = await cross('unwrap', inputs, text.length * 2);
  assert.deepEqual(roomy.outcomes, [IN_ARENA, FAILED, IN_ARENA]);
  const tight = await cross('unwrap', inputs, text.length * 2 - 1);
  assert.deepEqual(tight.outcomes, [IN_OVERFLOW, FAILED, IN_OVERFLOW]);
  for (const { outputs } of [roomy, tight]) {
    assert.equal(outputs[0].toString(), text);
    assert.equal(outputs[2].toString(), text);
  }
});

test('room for two shards per worker, and no more', async () => {
  await started();
  const answered = [1, 2].map(
    () =>
      new Promise((resolve) => {
        assert.equal(pool.hasRoom, true);
        pool.run({ job: 'ping', rows: 0, freeFrom: 0 }, resolve);
      }),
  );
  assert.equal(pool.hasRoom, false);
  await Promise.all(answered);
  assert.equal(pool.hasRoom, true);
});
