import { workerData } from 'node:worker_threads';
import type { Key } from './checksum.ts';
import type { EncodedValue } from './codec.ts';
import type { CodecName } from './codec-name.ts';
import { compress, decompress } from './compressor.ts';
import { type Kind, LZ4 } from './flags.ts';
import {
  BEGUN,
  FAILED,
  FLAGS,
  IN_ARENA,
  IN_OVERFLOW,
  IN_VALUES,
  KEPT,
  LENGTH,
  NO_BYTES,
  OFFSET,
  OUTCOME,
  ROW_INTS,
  type ShardAnswer,
  type ShardTask,
  VERSION,
  type WorkerSettings,
} from './shard-messages.ts';
import { pack } from './serializer.ts';
import { StandardCodec } from './standard-codec.ts';
import { loadCodecModule, type UserCodec } from './user-codec.ts';

const settings = workerData as WorkerSettings;
const standard = new StandardCodec({ ...settings.options, codec: undefined });
const named = new Map<CodecName, StandardCodec>();
let user: UserCodec | undefined;
let loading: Promise<void> | undefined;

if (settings.module !== undefined) {
  loading = loadCodecModule({ module: settings.module }).then((codec) => {
    user = codec;
    loading = undefined;
  });
  // Whoever asks for the first shard is told.
  loading.catch(() => {});
}

// The compressor and the serializer load at first use; here that is before the first shard.
decompress(LZ4, compress(LZ4, new Uint8Array(1)), 1);
pack(null);

function coderNamed(codec: CodecName): StandardCodec {
  const known = named.get(codec);
  if (known !== undefined) return known;
  const made = new StandardCodec({ ...settings.options, codec });
  named.set(codec, made);
  return made;
}

const coderOf = ({ codec }: ShardTask): UserCodec | StandardCodec =>
  codec === undefined ? (user ?? standard) : coderNamed(codec);

/** A shard opened in this thread. */
class Work {
  readonly task: ShardTask;
  readonly bytes: Buffer;
  readonly table: Int32Array;
  readonly outputs: (Uint8Array | undefined)[] = [];
  readonly values: unknown[] = [];

  constructor(task: ShardTask, arena: SharedArrayBuffer) {
    this.task = task;
    this.bytes = Buffer.from(arena);
    this.table = new Int32Array(arena, 0, task.rows * ROW_INTS);
  }

  cell(row: number, column: number): number {
    return this.table[row * ROW_INTS + column];
  }

  set(row: number, column: number, value: number): void {
    this.table[row * ROW_INTS + column] = value;
  }

  input(row: number): Buffer {
    const offset = this.cell(row, OFFSET);
    return this.bytes.subarray(offset, offset + this.cell(row, LENGTH));
  }

  key(row: number): Key {
    return this.task.keys?.[row] ?? '';
  }
}

function encodeRow(work: Work, row: number): void {
  const key = work.key(row);
  const cloned = work.cell(row, LENGTH) === NO_BYTES;
  const view = cloned ? undefined : work.input(row);
  const item: EncodedValue = cloned
    ? coderOf(work.task).encode(work.task.values?.[row], key)
    : standard.finish({ flags: work.cell(row, FLAGS) as Kind, data: view ?? '' }, key);
  if (item.data === view) {
    work.set(row, OUTCOME, KEPT);
    return;
  }
  work.outputs[row] = typeof item.data === 'string' ? Buffer.from(item.data) : item.data;
  work.set(row, FLAGS, item.flags);
}

function unwrapRow(work: Work, row: number): void {
  work.outputs[row] = standard.unwrap(work.cell(row, FLAGS), work.input(row), work.key(row));
}

function decodeRow(work: Work, row: number): void {
  const view = work.input(row);
  const value = coderOf(work.task).decode(
    // A user's codec has set them without a sign.
    work.cell(row, FLAGS) >>> 0,
    view,
    0,
    view.length,
    false,
    work.key(row),
  );
  // A pooled Buffer would be cloned with its whole slab.
  work.values[row] = value instanceof Uint8Array ? new Uint8Array(value) : value;
  work.set(row, OUTCOME, IN_VALUES);
}

/** All outputs behind the inputs, or, when they do not fit there, all in one buffer of their own. */
function place(work: Work): SharedArrayBuffer | undefined {
  let total = 0;
  for (const output of work.outputs) total += output?.length ?? 0;
  const fits = work.task.freeFrom + total <= work.bytes.length;
  const overflow = fits ? undefined : new SharedArrayBuffer(total);
  const target = overflow === undefined ? work.bytes : Buffer.from(overflow);
  let at = overflow === undefined ? work.task.freeFrom : 0;
  work.outputs.forEach((output, row) => {
    if (output === undefined) return;
    target.set(output, at);
    work.set(row, OFFSET, at);
    work.set(row, LENGTH, output.length);
    work.set(row, OUTCOME, overflow === undefined ? IN_ARENA : IN_OVERFLOW);
    at += output.length;
  });
  return overflow;
}

const ROW_JOBS = { encode: encodeRow, unwrap: unwrapRow, decode: decodeRow };

/** One that cannot be done is FAILED; one that this thread does not survive stays BEGUN. */
function tryRow(doRow: (work: Work, row: number) => void, work: Work, row: number): void {
  work.set(row, OUTCOME, BEGUN);
  try {
    doRow(work, row);
    if (work.cell(row, OUTCOME) === BEGUN) work.set(row, OUTCOME, FAILED);
  } catch {
    work.outputs[row] = undefined;
    work.set(row, OUTCOME, FAILED);
  }
}

/**
 * Does one shard, once the user's module is there: not awaited at the top, which piscina could load only by making code
 * from text.
 */
export default function runShard(task: ShardTask): ShardAnswer | Promise<ShardAnswer> {
  return loading === undefined ? answer(task) : loading.then(() => answer(task));
}

/** Never throws: piscina would lose code and class of the error, and errors here are data. */
function answer(task: ShardTask): ShardAnswer {
  if (task.job === 'ping' || task.arena === undefined) return { ok: true, version: VERSION };
  try {
    if (task.limits !== undefined)
      for (const coder of [standard, ...named.values()]) coder.retune(task.limits);
    const work = new Work(task, task.arena);
    const doRow = ROW_JOBS[task.job];
    for (let row = 0; row < task.rows; row++) {
      tryRow(doRow, work, row);
    }
    const overflow = place(work);
    return {
      ok: true,
      ...(overflow !== undefined && { overflow }),
      ...(task.job === 'decode' && { values: work.values }),
    };
  } catch {
    return { ok: false };
  }
}
