import type { ReadForm } from './read-form.ts';
import { Volley, type VolleyHost } from './volley.ts';

/** Answered volleys kept for another use. */
const MOST_SPARE = 128;

/** Where a lane has its volleys from: their tables are too large to be made anew each time. */
export class VolleyStock {
  readonly #capacity: number;
  readonly #host: VolleyHost;
  readonly #spare: Volley[] = [];

  constructor(capacity: number, host: VolleyHost) {
    this.#capacity = capacity;
    this.#host = host;
  }

  take(form: ReadForm): Volley {
    const volley = this.#spare.pop() ?? new Volley(this.#capacity, this.#host);
    volley.form = form;
    return volley;
  }

  putBack(volley: Volley): void {
    volley.reset();
    if (this.#spare.length < MOST_SPARE) this.#spare.push(volley);
  }
}
