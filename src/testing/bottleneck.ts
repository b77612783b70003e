/** A link that everything has to pass one after the other: over all connections and proxies that are given it. */
export class Bottleneck {
  /** How much passes. */
  readonly bytesPerSecond: number;
  #freeAt = 0;

  constructor(bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** How long what comes now has to wait, in milliseconds. */
  get queuedMs(): number {
    return Math.max(0, this.#freeAt - performance.now());
  }

  /** When so many bytes, coming now, will be through, as `performance.now` counts. */
  admit(bytes: number): number {
    const start = Math.max(this.#freeAt, performance.now());
    this.#freeAt = start + (bytes / this.bytesPerSecond) * 1000;
    return this.#freeAt;
  }
}
