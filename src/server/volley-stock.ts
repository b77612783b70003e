import type { ReadForm } from './read-form.ts';
import { Volley, type VolleyHost } from './volley.ts';

/** Answered volleys kept for another use. */
const MOST_SPARE = 128;

/** Where a lane has its volleys from: their tables are too large to be made anew each time. */
export class VolleyStock {
  #capacity: number;
  readonly #host: VolleyHost;
  readonly #spare: Volley[] = [];

  constructor(capacity: number, host: VolleyHost) {
    this.#capacity = capacity;
    this.#host = host;
  }

  /** Keys each of them has room for from now on. */
  set capacity(capacity: number) {
    this.#capacity = capacity;
    this.#spare.length = 0;
  }

  /** One with room for `least` keys, and for the usual number. */
  take(form: ReadForm, least: number = 0): Volley {
    const capacity = this.#capacity;
    const volley =
      least > capacity
        ? new Volley(least, this.#host)
        : (this.#spare.pop() ?? new Volley(capacity, this.#host));
    volley.form = form;
    return volley;
  }

  putBack(volley: Volley): void {
    volley.reset();
    const isUsual = volley.capacity === this.#capacity;
    if (isUsual && this.#spare.length < MOST_SPARE) this.#spare.push(volley);
  }
}
