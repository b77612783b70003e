import { getHeapStatistics } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';
import { PatientTimer } from '../primitives/patient-timer.ts';
import { latePackage } from './late-package.ts';
import {
  type ShardAnswer,
  type ShardTask,
  VERSION,
  type WorkerSettings,
} from './shard-messages.ts';
import { otherVersion, tellOnce, workerFile } from './worker-file.ts';

/** Loaded with the first shard, not with this package. */
type Piscina = import('piscina').Piscina;

/** Nothing is known of the pool before the first shard asks for it; after a failure it may start again. */
type PoolState = 'idle' | 'starting' | 'ready' | 'failed' | 'closed';

export interface WorkerPoolOptions {
  readonly workers: number;
  readonly shardTimeoutMs: number;
  readonly settings: WorkerSettings;
  /** Told of each failure that cost the pool its workers. */
  readonly onFailure: () => void;
}

/** One shard at work and one waiting: a third would only hold memory. */
export const SHARDS_PER_WORKER = 2;
/** Loading the codec takes a tenth of this on a loaded machine. */
const START_TIMEOUT_MS = 5000;
const FIRST_RETRY_MS = 1000;
const MOST_RETRY_MS = 60_000;

/**
 * A worker's heap: much more than the largest stored item that comes to one needs, and at most a part of what this
 * thread has, as what is decoded there comes here beside all else. Node's --max-old-space-size goes before.
 */
const MOST_HEAP_MB = 256;
const HEAP_PART = 4;

/**
 * Its young objects, all spaces of them: what Node.js 20 gives. A worker that reaches its limit gets 16 MiB more to end
 * in; the 192 MiB of Node.js 24 move more than that at once, and V8 then ends the whole process.
 */
const YOUNG_HEAP_MB = 48;
const MIB = 2 ** 20;
const OVERRAN: ShardAnswer = { ok: false, overran: true };

const PING: ShardTask = { job: 'ping', rows: 0, freeFrom: 0 };

function heapLimits(): ResourceLimits {
  const mine = getHeapStatistics().heap_size_limit / MIB;
  return {
    maxOldGenerationSizeMb: Math.min(MOST_HEAP_MB, mine / HEAP_PART),
    maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
  };
}

interface Running {
  readonly since: number;
  /** Called once; without an answer the shard is the caller's again, and its arena lost. */
  readonly done: (answer: ShardAnswer | undefined) => void;
}

/** The main thread's end of the border. One failing worker costs the whole pool: who can tell what it left behind? */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #running = new Set<Running>();
  #state: PoolState = 'idle';
  #piscina: Piscina | undefined;
  /** Settles when no worker of this pool is loading any more, or has had its time. */
  #loaded: Promise<void> = Promise.resolve();
  #destroying: Promise<void> = Promise.resolve();
  #deadline: PatientTimer | undefined;
  #retryAt = 0;
  #retryMs = FIRST_RETRY_MS;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Whether a shard handed over now is taken. */
  get hasRoom(): boolean {
    return (
      this.#state === 'ready' && this.#running.size < this.#options.workers * SHARDS_PER_WORKER
    );
  }

  /** Starts the workers unless that is done, under way, or failed too lately. */
  start(): void {
    const retry = this.#state === 'failed' && performance.now() >= this.#retryAt;
    if (this.#state !== 'idle' && !retry) return;
    this.#state = 'starting';
    this.#start().catch((error: unknown) => {
      tellOnce(error);
      this.#fail();
    });
  }

  run(task: ShardTask, done: Running['done']): void {
    const running: Running = { since: performance.now(), done };
    this.#running.add(running);
    this.#watch();
    const piscina = this.#piscina as Piscina;
    piscina.run(task).then(
      (answer: ShardAnswer) => {
        this.#retryMs = FIRST_RETRY_MS;
        this.#finish(running, answer);
      },
      (error: unknown) => {
        // The task could not leave this thread; the workers know nothing of it.
        if (error instanceof DOMException && error.name === 'DataCloneError')
          this.#finish(running, undefined);
        else this.#lose(piscina, running, error);
      },
    );
  }

  /** Gives every shard back and ends the workers. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#stop();
    await this.#destroying;
  }

  async #start(): Promise<void> {
    const { Piscina } = latePackage('piscina') as typeof import('piscina');
    const filename = workerFile();
    const { workers, settings } = this.#options;
    const piscina = new Piscina({
      filename,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: SHARDS_PER_WORKER,
      // Measured alike; and a worker that does not block between shards can be inspected and told to end.
      atomics: 'disabled',
      recordTiming: false,
      resourceLimits: heapLimits(),
      workerData: settings,
    });
    this.#piscina = piscina;
    piscina.on('error', () => {
      if (this.#piscina === piscina) this.#fail();
    });
    const pings = Array.from({ length: workers }, () => piscina.run(PING));
    // A worker that dies while starting may never answer, and the pool would not say so.
    this.#loaded = new Promise((resolve) => {
      const timer = new PatientTimer(START_TIMEOUT_MS, () => {
        resolve();
        if (this.#isStarting(piscina)) this.#fail();
      }).unref();
      void Promise.allSettled(pings).then(() => {
        timer.stop();
        resolve();
      });
    });
    const answers = (await Promise.all(pings)) as ShardAnswer[];
    const other = answers.find((answer) => !answer.ok || answer.version !== VERSION);
    if (other !== undefined) throw otherVersion(filename);
    if (this.#isStarting(piscina)) this.#state = 'ready';
  }

  #isStarting(piscina: Piscina): boolean {
    return this.#piscina === piscina && this.#state === 'starting';
  }

  /** A worker has ended, and this shard was one of those that it had. */
  #lose(piscina: Piscina, running: Running, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
      this.#finish(running, OVERRAN);
    // The others are told in this moment, too.
    queueMicrotask(() => {
      if (this.#piscina === piscina) this.#fail();
    });
  }

  #fail(): void {
    if (this.#state === 'closed' || this.#state === 'failed') return;
    this.#state = 'failed';
    this.#retryAt = performance.now() + this.#retryMs;
    this.#retryMs = Math.min(MOST_RETRY_MS, this.#retryMs * 2);
    this.#options.onFailure();
    this.#stop();
  }

  #stop(): void {
    this.#deadline?.stop();
    this.#deadline = undefined;
    const piscina = this.#piscina;
    this.#piscina = undefined;
    for (const running of [...this.#running]) this.#finish(running, undefined);
    if (piscina === undefined) return;
    // Node 20 ends the whole process when a worker is ended while it loads its module.
    this.#destroying = this.#loaded.then(() => piscina.destroy()).catch(() => undefined);
  }

  #finish(running: Running, answer: ShardAnswer | undefined): void {
    if (this.#running.delete(running)) running.done(answer);
  }

  /** One coarse timer while shards run, none while the pool is idle. */
  #watch(): void {
    if (this.#deadline !== undefined) return;
    // Answers may have arrived while this thread was busy: they are read before anything is called late.
    this.#deadline = new PatientTimer(this.#options.shardTimeoutMs / 2, (now) => {
      this.#deadline = undefined;
      this.#checkDeadline(now);
    }).unref();
  }

  #checkDeadline(now: number): void {
    const oldest: Running | undefined = this.#running.values().next().value;
    if (oldest === undefined) return;
    if (now - oldest.since > this.#options.shardTimeoutMs) this.#fail();
    else this.#watch();
  }
}
