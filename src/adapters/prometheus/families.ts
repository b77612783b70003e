import type { ClientMetrics, Durations } from '../../index.ts';
import type { Figure } from '../figure.ts';
import type { Sample, Scraped } from './registry.ts';

/** Labels every value of a client has. */
export type ClientLabels = Readonly<Record<string, string>>;

/** A client as it is at one scrape. */
export interface Source {
  readonly labels: ClientLabels;
  metrics(): ClientMetrics;
  durations(): Durations;
}

/** A metric of prom-client's registry: nothing is counted here, it is read when it is scraped. */
export class Family {
  /** A registry of OpenMetrics cuts `_total` off, and adds it to each value. */
  name: string;
  readonly help: string;
  readonly type: Scraped['type'];
  readonly #sources: Iterable<Source>;
  readonly #read: (source: Source) => Sample[];

  constructor(
    { name, help, type }: Pick<Scraped, 'name' | 'help' | 'type'>,
    sources: Iterable<Source>,
    read: (source: Source) => Sample[],
  ) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#sources = sources;
    this.#read = read;
  }

  get(): Scraped {
    const { name, help, type } = this;
    const values = [...this.#sources].flatMap((source) => this.#read(source));
    return { name, help, type, values, aggregator: 'sum' };
  }

  /** Registries reset what they hold. Of these counts others live: they stay. */
  reset(): void {}
}

export function familyOf(figure: Figure, prefix: string, sources: Iterable<Source>): Family {
  const name = `${prefix}${nameOf(figure)}`;
  const type = figure.kind === 'counter' ? 'counter' : 'gauge';
  return new Family({ name, help: `${figure.help}.`, type }, sources, (source) =>
    figure
      .read(source.metrics())
      .map(({ value, labels }) => ({ value, labels: { ...source.labels, ...labels } })),
  );
}

/** Underscores for dots, the unit where it is one, `_total` for what only grows. */
function nameOf({ name, unit, kind }: Figure): string {
  const words = name.replace('memvolley.', '').replaceAll('.', '_');
  const bytes = unit === 'By' && !words.endsWith('bytes') ? '_bytes' : '';
  return `${words}${bytes}${kind === 'counter' ? '_total' : ''}`;
}
