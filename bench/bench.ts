import type { Address, Contender } from './contenders/contender.ts';
import type { Manners } from './guest/manners.ts';
import type { Tidying } from './guest/tidying.ts';
import type { Figure } from './report/figure.ts';
import type { Histograms } from './report/histograms.ts';
import type { Progress } from './report/progress.ts';
import type { Table } from './report/table.ts';
import type { Verdict } from './report/verdict.ts';
import type { Selection } from './selection.ts';
import type { Pinning } from './support/pinning.ts';

/** What every scenario is given. */
export interface Bench {
  readonly selection: Selection;
  readonly pinning: Pinning;
  readonly progress: Progress;
  /** Those asked for that are installed: memvolley first, then the rivals, the ceiling last. */
  readonly contenders: readonly Contender[];
  readonly histograms: Histograms;
  /** Undefined for the clients of a Redis where there is none. */
  serversFor(contender: Contender): readonly Address[] | undefined;
  /** On servers that are somebody's. */
  readonly guest?: { readonly manners: Manners; readonly tidying: Tidying };
  /** So many servers, those of memcached above first; the others are started when they are first wanted. */
  fleet(servers: number): Promise<readonly Address[]>;
  nodeArgsFor(contender: Contender): readonly string[];
}

/** What a scenario has to say: tables and figures for people, data for the JSON, verdicts where a target was set. */
export interface Section {
  readonly table: Table;
  readonly figures?: readonly Figure[];
  readonly data: unknown;
  readonly verdicts?: readonly Verdict[];
}

export type Scenario = (bench: Bench) => AsyncIterable<Section>;
