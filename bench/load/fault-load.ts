import { setTimeout as pause } from 'node:timers/promises';
import { type FleetClient, MemcacheError } from '../../src/index.ts';

const PAUSE_MS = 1;
/** Every so many calls one writes. */
const WRITE_EVERY = 4;

/** Callers that go on whatever happens to their servers, and look at every value: it names its key. */
export class FaultLoad {
  operations = 0;
  wrong = 0;
  readonly errors: Map<string, number> = new Map();
  /** Milliseconds of the monotonic clock; 0 as long as nothing has failed. */
  lastFailureAt = 0;
  readonly #client: FleetClient;
  readonly #keys: readonly string[];
  readonly #pauseMs: number;
  #over = false;
  #callers: Promise<unknown> = Promise.resolve();

  /** A pause of 0 is none: each caller asks as soon as it is answered. */
  constructor(client: FleetClient, keys: readonly string[], pauseMs: number = PAUSE_MS) {
    this.#client = client;
    this.#keys = keys;
    this.#pauseMs = pauseMs;
  }

  async start(callers: number): Promise<void> {
    await this.#client.setMany(this.#keys.map((key) => [key, `${key}#`] as const));
    this.#callers = Promise.all(Array.from({ length: callers }, (_, i) => this.#call(i)));
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#callers;
  }

  async #call(first: number): Promise<void> {
    for (let step = first; !this.#over; step++) {
      const key = this.#keys[(step * 31) % this.#keys.length];
      try {
        await (step % WRITE_EVERY === 0 ? this.#client.set(key, `${key}#`) : this.#read(key));
      } catch (error) {
        this.#failed(error);
      }
      this.operations++;
      if (this.#pauseMs > 0) await pause(this.#pauseMs);
    }
  }

  async #read(key: string): Promise<void> {
    const value = await this.#client.get(key);
    if (value !== undefined && value !== `${key}#`) this.wrong++;
  }

  #failed(error: unknown): void {
    const code =
      error instanceof MemcacheError ? error.code.replace('ERR_MEMCACHE_', '') : String(error);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    this.lastFailureAt = performance.now();
  }
}
