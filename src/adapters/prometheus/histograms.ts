import { DURATION_BOUNDS_MS, type DurationHistogram, type Durations } from '../../index.ts';
import { DURATION_FIGURES, type DurationFigure, type DurationPoint } from '../duration-figures.ts';
import { Family, type Source } from './families.ts';
import type { Sample } from './registry.ts';

type Labels = Readonly<Record<string, string>>;

const BOUNDS: readonly (number | '+Inf')[] = [
  ...DURATION_BOUNDS_MS.map((bound) => bound / 1000),
  '+Inf',
];

/** Durations as histograms, and what of them failed by its error. */
export function durationFamilies(prefix: string, sources: Iterable<Source>): Family[] {
  return [
    ...DURATION_FIGURES.map((figure) => histogramFamily(figure, prefix, sources)),
    errorFamily(prefix, sources),
  ];
}

/** All label names of these. */
export const DURATION_LABELS: readonly string[] = DURATION_FIGURES.flatMap(({ labels }) => labels);

function histogramFamily(
  figure: DurationFigure,
  prefix: string,
  sources: Iterable<Source>,
): Family {
  const name = `${prefix}${figure.name.replace('.', '_')}_duration_seconds`;
  return new Family({ name, help: `${figure.help}.`, type: 'histogram' }, sources, (source) =>
    merged(figure.read(source.durations())).flatMap(({ histogram, labels }) =>
      samples(name, histogram, { ...source.labels, ...labels }),
    ),
  );
}

/** Failures are one result: an error more would be 19 series more. */
function merged(points: readonly DurationPoint[]): DurationPoint[] {
  const byLabels = new Map<string, DurationPoint>();
  for (const { histogram, labels: all } of points) {
    const { error, ...others } = all;
    const labels: Labels = error === undefined ? others : { ...others, result: 'error' };
    const identity = Object.values(labels).join('\n');
    const known = byLabels.get(identity);
    const whole = known === undefined ? histogram : sum(known.histogram, histogram);
    byLabels.set(identity, { histogram: whole, labels });
  }
  return [...byLabels.values()];
}

function sum(one: DurationHistogram, other: DurationHistogram): DurationHistogram {
  return {
    count: one.count + other.count,
    sumMs: one.sumMs + other.sumMs,
    buckets: one.buckets.map((count, place) => count + other.buckets[place]),
  };
}

/** Buckets as Prometheus has them: each holds what those below it hold. */
function samples(
  name: string,
  { buckets, sumMs, count }: DurationHistogram,
  labels: Labels,
): Sample[] {
  let below = 0;
  const cumulative = BOUNDS.map((le, place) => {
    below += buckets[place];
    return { metricName: `${name}_bucket`, value: below, labels: { ...labels, le } };
  });
  return [
    ...cumulative,
    { metricName: `${name}_sum`, value: sumMs / 1000, labels: { ...labels } },
    { metricName: `${name}_count`, value: count, labels: { ...labels } },
  ];
}

function errorFamily(prefix: string, sources: Iterable<Source>): Family {
  const name = `${prefix}operation_errors_total`;
  const help = 'Operations that failed, by the code of their error.';
  return new Family({ name, help, type: 'counter' }, sources, (source) =>
    failures(source.durations()).map(({ value, labels }) => ({
      value,
      labels: { ...source.labels, ...labels },
    })),
  );
}

function failures({ operations }: Durations): { value: number; labels: Labels }[] {
  return operations.flatMap(({ command, error, count }) =>
    error === undefined ? [] : [{ value: count, labels: { command, error } }],
  );
}
