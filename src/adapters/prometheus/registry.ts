import { createRequire } from 'node:module';
import { MemcacheError } from '../../errors.ts';

/** One line of what is scraped. */
export interface Sample {
  readonly value: number;
  readonly labels: Record<string, string | number>;
  /** Where it is not that of its family: `…_bucket`, `…_sum` and `…_count` of a histogram. */
  readonly metricName?: string;
}

/** What is scraped of a family. */
export interface Scraped {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: Sample[];
  /** How prom-client makes one value of those of several processes of a cluster. */
  readonly aggregator: 'sum';
}

/** What a Registry of prom-client 15 has to do for us: it takes whatever has the methods of a metric. */
export interface MetricRegistry {
  /** Takes a metric on. */
  registerMetric(metric: unknown): void;
  /** The metric of a name, if it has one. */
  getSingleMetric(name: string): unknown;
  /** Lets a metric go. */
  removeSingleMetric(name: string): void;
}

const require = createRequire(import.meta.url);

/**
 * The registry that prom-client itself takes where none is named. Throws ERR_MEMCACHE_UNSUPPORTED where that package
 * is not installed.
 */
export function globalRegistry(): MetricRegistry {
  try {
    return (require('prom-client') as { register: MetricRegistry }).register;
  } catch (cause) {
    throw new MemcacheError(
      'ERR_MEMCACHE_UNSUPPORTED',
      "memvolley/prometheus cannot load the package prom-client: install it, or give a Registry as 'register'",
      { cause },
    );
  }
}
