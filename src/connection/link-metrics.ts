import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';

/** Counts what becomes of one link. A probe that is answered makes no new connection. */
export class LinkMetrics {
  readonly #metrics: Metrics;
  #connected = false;
  #lost = false;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  ready(): void {
    if (!this.#connected) this.#metrics.connects++;
    else if (this.#lost) this.#metrics.reconnects++;
    this.#connected = true;
    this.#lost = false;
  }

  /** One flush. */
  wrote(bytes: number): void {
    this.#metrics.flushes++;
    this.#metrics.bytesWritten += bytes;
  }

  down(error: MemcacheError | undefined): void {
    this.#lost = true;
    if (error !== undefined) this.#metrics.connectionErrors++;
  }
}
