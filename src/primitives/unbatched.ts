/**
 * Hands out one by one what comes in batches. A step of an async generator for each thing would cost several turns of
 * the microtask queue, most of the time it takes to list a million keys.
 */
export class Unbatched<T> implements AsyncIterableIterator<T> {
  readonly #batches: AsyncIterator<readonly T[], void, undefined>;
  #batch: readonly T[] = [];
  #at = 0;
  #over = false;
  #refilling: Promise<void> | undefined;

  constructor(batches: AsyncIterator<readonly T[], void, undefined>) {
    this.#batches = batches;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return this.#at < this.#batch.length ? Promise.resolve(this.#take()) : this.#later();
  }

  async return(): Promise<IteratorResult<T>> {
    this.#end();
    await this.#batches.return?.();
    return { value: undefined, done: true };
  }

  #take(): IteratorResult<T> {
    return { value: this.#batch[this.#at++], done: false };
  }

  /** Whoever comes while a batch is on its way waits for the same one. */
  async #later(): Promise<IteratorResult<T>> {
    while (this.#at === this.#batch.length && !this.#over) {
      this.#refilling ??= this.#refill();
      await this.#refilling;
    }
    return this.#over ? { value: undefined, done: true } : this.#take();
  }

  async #refill(): Promise<void> {
    try {
      const next = await this.#batches.next();
      if (next.done === true) this.#end();
      else if (!this.#over) {
        this.#batch = next.value;
        this.#at = 0;
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#refilling = undefined;
    }
  }

  #end(): void {
    this.#over = true;
    this.#batch = [];
    this.#at = 0;
  }
}
