const DOUBLINGS = 10;
const BISECTIONS = 4;
/** A rate that is not held is tried once more: it may have been the machine. */
const TRIES = 2;

/**
 * Looks for the highest rate that is held: doubles the first until one is not, then halves what lies between, a bounded
 * number of times.
 */
export class KneeSearch {
  /** The highest that was held, so far; 0 before any was. */
  knee = 0;
  #rate: number | undefined;
  #lowestMissed = Number.POSITIVE_INFINITY;
  #doublings = 0;
  #bisections = 0;
  #tries = 0;

  constructor(first: number) {
    this.#rate = first;
  }

  /** The rate to be tried now; undefined at the end. */
  get rate(): number | undefined {
    return this.#rate;
  }

  tell(held: boolean): void {
    if (this.#rate === undefined) return;
    if (!held && ++this.#tries < TRIES) return;
    this.#tries = 0;
    if (held) this.knee = this.#rate;
    else this.#lowestMissed = this.#rate;
    this.#rate = this.#next();
  }

  #next(): number | undefined {
    if (this.#lowestMissed === Number.POSITIVE_INFINITY) {
      return ++this.#doublings > DOUBLINGS ? undefined : this.knee * 2;
    }
    return ++this.#bisections > BISECTIONS
      ? undefined
      : Math.round((this.knee + this.#lowestMissed) / 2);
  }
}
