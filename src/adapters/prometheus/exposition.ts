import { IllegalInputError } from '../../errors.ts';
import type { Durations } from '../../index.ts';
import { FIGURES } from '../figures.ts';
import type { MeasuredClient } from '../named-clients.ts';
import { type Family, familyOf, type Source } from './families.ts';
import { durationFamilies } from './histograms.ts';
import type { MetricRegistry } from './registry.ts';

/** Expositions by prefix: a registry takes each name once, however many clients there are. */
const expositions = new WeakMap<MetricRegistry, Map<string, Exposition>>();

/** The metrics of one prefix in one registry, and the clients they are of. */
export class Exposition {
  readonly #registry: MetricRegistry;
  readonly #sources = new Set<Source>();
  readonly #families: readonly Family[];
  /** As they are known to the registry: families may be renamed. */
  readonly #names: readonly string[];

  /** What is shown there already, unless the registry was cleared since. */
  static of(registry: MetricRegistry, prefix: string): Exposition {
    const byPrefix = expositions.get(registry) ?? new Map<string, Exposition>();
    expositions.set(registry, byPrefix);
    const known = byPrefix.get(prefix);
    if (known?.isShown === true) return known;
    const fresh = new Exposition(registry, prefix);
    byPrefix.set(prefix, fresh);
    return fresh;
  }

  constructor(registry: MetricRegistry, prefix: string) {
    const sources = this.#sources;
    this.#registry = registry;
    this.#families = [
      ...FIGURES.map((figure) => familyOf(figure, prefix, sources)),
      ...durationFamilies(prefix, sources),
    ];
    this.#names = this.#families.map(({ name }) => name);
  }

  get isShown(): boolean {
    return this.#registry.getSingleMetric(this.#names[0]) === this.#families[0];
  }

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) if one of them has the name of one that is shown. */
  add(sources: readonly Source[]): void {
    const taken = new Set([...this.#sources].map(({ labels }) => labels['client']));
    const twin = sources.find(({ labels }) => taken.has(labels['client']));
    if (twin !== undefined) {
      const problem = `a client is shown as '${twin.labels['client']}' in this registry already: name each, as in collectMetrics({ pages: cache })`;
      throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
    }
    if (!this.isShown) this.#register();
    for (const source of sources) this.#sources.add(source);
  }

  remove(sources: readonly Source[]): void {
    for (const source of sources) this.#sources.delete(source);
    if (this.#sources.size > 0 || !this.isShown) return;
    for (const name of this.#names) this.#registry.removeSingleMetric(name);
  }

  /** All or none of them. */
  #register(): void {
    const taken = this.#names.find((name) => this.#registry.getSingleMetric(name) !== undefined);
    if (taken !== undefined) {
      const problem = `the registry has a metric ${taken} of somebody else: option 'prefix' can tell them apart`;
      throw new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
    }
    for (const family of this.#families) this.#registry.registerMetric(family);
  }
}

/** A client that is asked once for all families of a scrape, which asks them in one go. */
export function sourceOf(
  client: MeasuredClient,
  labels: Source['labels'],
  withDurations: boolean,
): Source {
  return {
    labels,
    metrics: oncePerScrape(() => client.metrics()),
    durations: withDurations ? oncePerScrape(() => client.durations()) : () => NO_DURATIONS,
  };
}

const NO_DURATIONS: Durations = { operations: [], servers: {} };

function oncePerScrape<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => {
    if (kept === undefined) {
      kept = { value: read() };
      queueMicrotask(() => (kept = undefined));
    }
    return kept.value;
  };
}
