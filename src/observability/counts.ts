import { Metrics, type MetricsSnapshot } from './metrics.ts';

/** What a client counts: each server in counters of its own, and what belongs to no server. */
export class Counts {
  /** What belongs to no server in use, with what servers have counted that are gone. */
  readonly own: Metrics = new Metrics();
  readonly #servers = new Set<Metrics>();

  /** The counters of one more server. */
  join(): Metrics {
    const metrics = new Metrics();
    this.#servers.add(metrics);
    return metrics;
  }

  leave(metrics: Metrics): void {
    if (this.#servers.delete(metrics)) this.own.add(metrics);
  }

  /** Everything asked of servers so far. */
  get operations(): number {
    let operations = this.own.operations;
    for (const metrics of this.#servers) operations += metrics.operations;
    return operations;
  }

  snapshot(): MetricsSnapshot {
    const sum = new Metrics();
    sum.add(this.own);
    for (const metrics of this.#servers) sum.add(metrics);
    return sum.snapshot();
  }
}
