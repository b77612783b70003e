import { hears, publish } from '../observability/tracing.ts';
import { afterPromises, OncePerTurn } from '../primitives/once-per-turn.ts';
import { type Arena, type ArenaPool, MOST_ROWS } from './arena.ts';
import type { Offload } from './offload.ts';
import type { CostModel } from './cost-model.ts';
import { BEGUN, OUTCOME, type ShardAnswer, type ShardTask } from './shard-messages.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Values collected in one moment, to be worked on together. */
export interface Shard<E> {
  readonly entries: E[];
  bytes: number;
  arena: Arena | undefined;
  /** Main-thread time it has cost so far. */
  ms: number;
}

/** What telling encoding from decoding takes. Each entry is settled once, by `read` or by `inline`. */
export interface ShardWork<E> {
  /** Puts the shard into an arena; undefined when there is none for it. */
  fill(shard: Shard<E>): ShardTask | undefined;
  /** Settles an entry from the answer; false when the worker could not do it. */
  read(shard: Shard<E>, row: number, answer: ShardAnswer & { ok: true }): boolean;
  inline(shard: Shard<E>, entry: E): void;
  /** Settles an entry that took a worker beyond its memory. */
  refuse(entry: E): void;
  /** What inline work has to wait for, if anything. */
  inlineNeeds(): Promise<void> | undefined;
}

export interface LaneParts {
  readonly name: 'encode' | 'decode';
  readonly pool: Pick<WorkerPool, 'hasRoom' | 'start' | 'run'>;
  readonly arenas: ArenaPool;
  readonly model: CostModel;
  readonly maxShardBytes: number;
  /** Told of each shard a worker answered. */
  readonly onShard: () => void;
}

/**
 * Main-thread time of a task that no clock of ours sees: piscina receiving the answer and resolving its promise.
 * `npm run bench -- --scenario codec` prints it as the cost of an empty task.
 */
const UNSEEN_NS_PER_SHARD = 5_000;

/** After a moment whose shards were best done inline, so many values go without being collected; then it doubles. */
const LEAST_PATIENCE = 16;
const MOST_PATIENCE = 1024;
/** The first moment looked at again has begun already; only the second is seen whole. */
const LOOKS = 2;

/** Collects the values of a moment into shards, and has each done where it costs the main thread least. */
export class ShardLane<E> {
  /** Whether work is handed over: where that pays, not at all, or in any case. */
  offload: Offload = 'never';
  readonly #work: ShardWork<E>;
  readonly #parts: LaneParts;
  readonly #flush: OncePerTurn;
  #shards: Shard<E>[] = [];
  #settled: (() => void)[] = [];
  #interested = true;
  #patience = 0;
  #looks = 1;
  #nextPatience = LEAST_PATIENCE;

  constructor(work: ShardWork<E>, parts: LaneParts) {
    this.#work = work;
    this.#parts = parts;
    this.#flush = new OncePerTurn(() => {
      this.flush();
    });
  }

  /** Whether collecting is worth it at present. */
  get interested(): boolean {
    if (this.#interested || this.offload === 'always') return true;
    if (--this.#patience > 0) return false;
    this.#interested = true;
    this.#looks = LOOKS;
    return true;
  }

  /** The shard a value of this size goes into. */
  open(bytes: number): Shard<E> {
    this.#flush.request(afterPromises);
    const last = this.#shards.at(-1);
    const full =
      last === undefined ||
      last.entries.length === MOST_ROWS ||
      last.bytes + bytes > this.#parts.maxShardBytes;
    if (last !== undefined && (!full || last.entries.length === 0)) return last;
    const shard: Shard<E> = { entries: [], bytes: 0, arena: undefined, ms: 0 };
    this.#shards.push(shard);
    return shard;
  }

  /** For values that need no shard after all: settled at the flush, so that no caller is called back too early. */
  settleAtFlush(settle: () => void): void {
    this.#settled.push(settle);
    this.#flush.request(afterPromises);
  }

  flush(): void {
    const shards = this.#shards;
    const settled = this.#settled;
    this.#shards = [];
    this.#settled = [];
    for (const settle of settled) settle();
    let worthwhile = false;
    for (const shard of shards) {
      if (shard.entries.length === 0) this.#letGo(shard);
      else worthwhile = this.#dispatch(shard) || worthwhile;
    }
    if (shards.length > 0) this.#adjustInterest(worthwhile);
  }

  #dispatch(shard: Shard<E>): boolean {
    const { pool, model } = this.#parts;
    const { offload } = this;
    const always = offload === 'always';
    const worthwhile = always || (offload === 'auto' && model.poolIsCheaper(shard.bytes));
    if (worthwhile) pool.start();
    const chosen = pool.hasRoom && (always || model.choosePool(shard.bytes));
    if (!chosen || !this.#submit(shard)) this.#doInline(shard);
    return worthwhile;
  }

  #submit(shard: Shard<E>): boolean {
    const began = performance.now();
    const task = this.#work.fill(shard);
    if (task === undefined) return false;
    if (shard.arena !== undefined) shard.arena.state = 'working';
    this.#parts.pool.run(task, (answer) => {
      if (hears('codec')) this.#tell(shard, performance.now() - began, answer?.ok !== true);
      this.#finish(shard, answer);
    });
    shard.ms += performance.now() - began;
    return true;
  }

  #tell({ entries, bytes }: Shard<E>, durationMs: number, failed: boolean): void {
    const { name: work } = this.#parts;
    publish('codec', { work, values: entries.length, bytes, durationMs, failed });
  }

  #finish(shard: Shard<E>, answer: ShardAnswer | undefined): void {
    if (answer?.ok !== true) {
      if (shard.arena !== undefined) this.#parts.arenas.abandon(shard.arena);
      if (answer?.overran === true) this.#refuseBegun(shard);
      this.#doInline(shard);
      return;
    }
    const began = performance.now();
    if (shard.arena !== undefined) {
      shard.arena.state = 'reading';
      shard.arena.holds++;
    }
    shard.entries.forEach((entry, row) => {
      if (!this.#work.read(shard, row, answer)) this.#inlineLater(shard, entry);
    });
    this.#letGo(shard);
    shard.ms += performance.now() - began;
    this.#parts.model.recordPool(shard.bytes, shard.ms * 1e6 + UNSEEN_NS_PER_SHARD);
    this.#parts.onShard();
  }

  /** What was too much for a worker is not tried here, where it would cost the process. */
  #refuseBegun({ entries, arena }: Shard<E>): void {
    const row = entries.findIndex((_entry, i) => arena?.cell(i, OUTCOME) === BEGUN);
    if (row >= 0) this.#work.refuse(...(entries.splice(row, 1) as [E]));
  }

  #doInline(shard: Shard<E>): void {
    if (shard.arena !== undefined) shard.arena.holds++;
    const needs = this.#work.inlineNeeds();
    if (needs !== undefined) {
      void needs.then(() => {
        this.#inlineNow(shard);
      });
      return;
    }
    const began = performance.now();
    this.#inlineNow(shard);
    this.#parts.model.recordInline(shard.bytes, (performance.now() - began) * 1e6);
  }

  #inlineNow(shard: Shard<E>): void {
    for (const entry of shard.entries) this.#work.inline(shard, entry);
    if (shard.arena !== undefined) this.#parts.arenas.release(shard.arena);
  }

  #inlineLater(shard: Shard<E>, entry: E): void {
    const needs = this.#work.inlineNeeds();
    if (needs === undefined) {
      this.#work.inline(shard, entry);
      return;
    }
    if (shard.arena !== undefined) shard.arena.holds++;
    void needs.then(() => {
      this.#work.inline(shard, entry);
      if (shard.arena !== undefined) this.#parts.arenas.release(shard.arena);
    });
  }

  #letGo(shard: Shard<E>): void {
    if (shard.arena !== undefined) this.#parts.arenas.release(shard.arena);
  }

  #adjustInterest(worthwhile: boolean): void {
    if (worthwhile) {
      this.#nextPatience = LEAST_PATIENCE;
      return;
    }
    if (--this.#looks > 0) return;
    this.#interested = false;
    this.#patience = this.#nextPatience;
    this.#nextPatience = Math.min(MOST_PATIENCE, this.#nextPatience * 2);
  }
}
