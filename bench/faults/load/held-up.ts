/** How often it looks. */
const LOOK_MS = 50;

/** Watches how long this process is held up, by itself or by the machine: what no client can do anything about. */
export class HeldUp {
  readonly #timer: NodeJS.Timeout;
  readonly #onLook: () => void;
  #lookedAt = performance.now();
  #totalMs = 0;
  #worstMs = 0;

  /** Calls that back each time it has looked. */
  constructor(onLook: () => void = () => {}) {
    this.#onLook = onLook;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Milliseconds since the beginning, all in all. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /** Milliseconds at a time, at worst. */
  get worstMs(): number {
    return this.#worstMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#lookedAt - LOOK_MS);
    this.#lookedAt = now;
    this.#totalMs += late;
    this.#worstMs = Math.max(this.#worstMs, late);
    this.#onLook();
  }
}
