import { boolean, type Rule } from '../../config/check.ts';
import { FIGURES } from '../figures.ts';
import { checkOptions } from '../checked-options.ts';
import { type MeasuredClients, namedClients } from '../named-clients.ts';
import { Exposition, sourceOf } from './exposition.ts';
import { DURATION_LABELS } from './histograms.ts';
import { globalRegistry, type MetricRegistry } from './registry.ts';

/** Where metrics are shown, and under what names. */
export interface CollectMetricsOptions {
  /** The Registry of prom-client they are shown in. Default: `register` of prom-client, its global one. */
  readonly register?: MetricRegistry | undefined;
  /** What every name begins with. Default `memvolley_`. */
  readonly prefix?: string | undefined;
  /** Labels of every value, by name. Default: none. `client` and those in the table of metrics are taken. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether durations are counted in buckets, from this call on. Default true. It is the only part of metrics that costs
   * time while nobody scrapes.
   */
  readonly durations?: boolean | undefined;
}

/** Clients that are shown in a registry. */
export interface CollectedMetrics {
  /** Takes them out of the registry again; the metrics go with the last client that had them. */
  unregister(): void;
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const TAKEN = new Set([
  'client',
  'le',
  ...DURATION_LABELS,
  ...FIGURES.flatMap(({ labels }) => labels),
]);

const RULES: Readonly<Record<keyof CollectMetricsOptions, Rule>> = {
  register: {
    allowed: 'a Registry of prom-client',
    accepts: (value) =>
      (['registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const).every(
        (name) => typeof (value as Partial<MetricRegistry> | null)?.[name] === 'function',
      ),
  },
  prefix: {
    allowed: 'letters, digits and underscores, no digit first',
    accepts: (value) => typeof value === 'string' && NAME.test(value),
  },
  labels: {
    allowed: `an object of strings, under names such as 'team'; not ${[...TAKEN].join(', ')}`,
    accepts: isLabels,
  },
  durations: boolean,
};

function isLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, label]) =>
      NAME.test(name) && !name.startsWith('__') && !TAKEN.has(name) && typeof label === 'string',
  );
}

/**
 * Shows the metrics of clients in a registry of prom-client. They are read from `metrics()` and `durations()` when
 * somebody scrapes; nothing is called for an operation. One client is called `default`; several are given by their
 * names, as `{ sessions, pages }`, and told apart by the label `client`.
 *
 * A client that is closed keeps what it has counted until it is unregistered.
 *
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what is no client, for an option it cannot work with, and for a
 * name that the registry has already; MemcacheError (ERR_MEMCACHE_UNSUPPORTED) if no registry is given and prom-client
 * is not installed.
 */
export function collectMetrics(
  clients: MeasuredClients,
  options: CollectMetricsOptions = {},
): CollectedMetrics {
  const named = namedClients('collectMetrics', clients);
  checkOptions('collectMetrics', options, RULES);
  const { register = globalRegistry(), prefix = 'memvolley_' } = options;
  const { labels = {}, durations = true } = options;
  const sources = [...named].map(([client, measured]) =>
    sourceOf(measured, { client, ...labels }, durations),
  );
  const exposition = Exposition.of(register, prefix);
  exposition.add(sources);
  // Clients count durations from the first time they are asked for them.
  if (durations) for (const measured of named.values()) measured.durations();
  return {
    unregister: () => {
      exposition.remove(sources);
    },
  };
}
