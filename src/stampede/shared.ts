/** One piece of work per key at a time: who asks for it meanwhile shares it, and its failure. */
export class Shared<T> {
  readonly #running = new Map<string, Promise<T>>();

  get size(): number {
    return this.#running.size;
  }

  join(id: string, run: () => Promise<T>): Promise<T> {
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    const begun = run();
    this.#running.set(id, begun);
    const over = (): void => {
      if (this.#running.get(id) === begun) this.#running.delete(id);
    };
    begun.then(over, over);
    return begun;
  }

  /** Whoever asks from now on shares it no more. */
  forget(id: string): void {
    this.#running.delete(id);
  }
}
