import {
  FLAGS,
  LENGTH,
  OFFSET,
  OUTCOME,
  ROW_BYTES,
  ROW_INTS,
  UNTOUCHED,
} from './shard-messages.ts';

/** Rows of an arena's table: values of a shard, however small. */
export const MOST_ROWS = 256;
const TABLE_BYTES = MOST_ROWS * ROW_BYTES;
/** Larger shards are not worth a copy this size; their values are done inline. */
const MOST_ARENA_BYTES = 16 * 1024 * 1024;

/** filling (main) -> working (worker) -> reading (main, then the socket) -> free; from any of them to abandoned. */
export type ArenaState = 'free' | 'filling' | 'working' | 'reading' | 'abandoned';

/** Memory one shard crosses the thread border in: a table, the inputs behind it, the outputs behind those. */
export class Arena {
  readonly shared: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly table: Int32Array;
  state: ArenaState = 'filling';
  /** End of the inputs. */
  end: number = TABLE_BYTES;
  /** Readers that are not done: the shard itself, and each output handed out. */
  holds = 0;

  constructor(dataBytes: number) {
    this.shared = new SharedArrayBuffer(TABLE_BYTES + dataBytes);
    this.bytes = Buffer.from(this.shared);
    this.table = new Int32Array(this.shared, 0, MOST_ROWS * ROW_INTS);
  }

  fits(bytes: number): boolean {
    return this.end + bytes <= this.bytes.length;
  }

  /** Copies a view, or text as UTF-8, behind the inputs so far; answers the bytes it took. */
  append(data: string | Uint8Array): number {
    const length = typeof data === 'string' ? this.bytes.write(data, this.end) : data.length;
    if (typeof data !== 'string') this.bytes.set(data, this.end);
    this.end += length;
    return length;
  }

  setRow(row: number, offset: number, length: number, flags: number): void {
    const at = row * ROW_INTS;
    this.table[at + OFFSET] = offset;
    this.table[at + LENGTH] = length;
    this.table[at + FLAGS] = flags;
    this.table[at + OUTCOME] = UNTOUCHED;
  }

  cell(row: number, column: number): number {
    return this.table[row * ROW_INTS + column];
  }
}

/** Hands arenas out and takes them back; bounded in number, so that unsent output cannot grow without end. */
export class ArenaPool {
  readonly #dataBytes: number;
  readonly #most: number;
  readonly #free: Arena[] = [];
  #live = 0;

  constructor(dataBytes: number, most: number) {
    this.#dataBytes = dataBytes;
    this.#most = most;
  }

  /** Arenas in use or kept for use. */
  get live(): number {
    return this.#live;
  }

  take(bytes: number): Arena | undefined {
    const standard = bytes <= this.#dataBytes;
    const kept = standard ? this.#free.pop() : undefined;
    if (kept !== undefined) {
      kept.state = 'filling';
      kept.end = TABLE_BYTES;
      kept.holds = 0;
      return kept;
    }
    if (this.#live >= this.#most || bytes > MOST_ARENA_BYTES) return undefined;
    this.#live++;
    return new Arena(standard ? this.#dataBytes : bytes);
  }

  /** One reader less; the last one frees the arena. */
  release(arena: Arena): void {
    arena.holds--;
    if (arena.holds > 0 || arena.state === 'abandoned') return;
    arena.state = 'free';
    if (arena.bytes.length === this.#dataBytes + TABLE_BYTES) this.#free.push(arena);
    else this.#live--;
  }

  /** A worker may still write into it: it is left to the garbage collector and never used again. */
  abandon(arena: Arena): void {
    if (arena.state === 'abandoned') return;
    arena.state = 'abandoned';
    this.#live--;
  }
}
