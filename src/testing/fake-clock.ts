/** Real time, and what it was put forward by. */
export class FakeClock {
  #aheadSeconds = 0;

  /** Unix time in whole seconds. */
  get now(): number {
    return Math.floor(Date.now() / 1000) + this.#aheadSeconds;
  }

  /** Puts the clock forward. */
  advance(seconds: number): void {
    this.#aheadSeconds += seconds;
  }
}
