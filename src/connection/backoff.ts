/** Pauses between attempts to reach a server that was lost or refuses: exponential, with jitter. */
export class Backoff {
  readonly #pauses: { readonly minMs: number; readonly maxMs: number };
  readonly #random: () => number;
  #failures = 0;
  #until = 0;

  constructor(
    pauses: { readonly minMs: number; readonly maxMs: number },
    random: () => number = Math.random,
  ) {
    this.#pauses = pauses;
    this.#random = random;
  }

  /** Another failure in a row: the pause doubles, of which a random half to whole is waited. */
  failed(now: number): void {
    const { minMs, maxMs } = this.#pauses;
    const pause = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures++, 30));
    this.#until = now + pause * (0.5 + this.#random() / 2);
  }

  /** It served well: the next failure starts from the shortest pause. */
  served(): void {
    this.#failures = 0;
    this.#until = 0;
  }

  over(now: number): boolean {
    return now >= this.#until;
  }
}
