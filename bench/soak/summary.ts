import { type Table, tableText } from '../report/table.ts';
import type { SoakRecord } from './record.ts';
import { median } from './trend.ts';
import type { Verdict } from './verdict.ts';

const ROWS = 10;

const byCount = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).toSorted(([, a], [, b]) => b - a);

/** The run in slices of equal length: what changes with time is seen from row to row. */
function slices({ samples, seconds }: SoakRecord): Table {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const [from, to] = [(seconds * i) / ROWS, (seconds * (i + 1)) / ROWS];
    const inside = samples.filter(({ at }) => at > from && at <= to);
    const of = (pick: (sample: (typeof samples)[number]) => number | undefined): string => {
      const values = inside.flatMap((sample) => pick(sample) ?? []);
      return values.length === 0 ? '-' : median(values).toFixed(1);
    };
    return [
      `${Math.round(from)}-${Math.round(to)} s`,
      of(({ rssMiB }) => rssMiB),
      of(({ settled }) => settled?.heapMiB),
      of(({ settled }) => settled?.arrayBuffersMiB),
      of(({ sockets }) => sockets),
      of(({ operationsPerSecond }) => operationsPerSecond),
      of(({ latency }) => latency.p50),
      of(({ latency }) => latency.p99),
      of(({ latency }) => latency.p999),
      of(({ latency }) => latency.max),
    ];
  });
  const mib = ['RSS', 'heap', 'buffers'];
  const head = ['', ...mib, 'sockets', 'calls/s', 'p50', 'p99', 'p99.9', 'highest'];
  const notes = [
    'medians of samples a second apart; MiB and ms; heap and buffers after a collection',
  ];
  return { title: 'over time', head, rows, notes };
}

/** The tables of a run, and what it is judged to be. */
export function summaryText(record: SoakRecord, verdicts: readonly Verdict[]): string {
  const { operations, events, examples, latest, blockedMs, visitors } = record;
  const total = Object.values(record.errors).reduce((sum, count) => sum + count, 0);
  const counts = (list: [string, number][]): string =>
    list.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
  const kinds = new Map<string, number>();
  for (const { name } of events) kinds.set(name, (kinds.get(name) ?? 0) + 1);
  return [
    tableText(slices(record)),
    '',
    `calls: ${operations}, of which ${total} failed: ${counts(byCount(record.errors))}`,
    `verbs: ${counts(byCount(record.byVerb))}`,
    `clients that came and went: ${visitors}`,
    `trouble: ${events.length} times: ${counts(byCount(Object.fromEntries(kinds)))}`,
    `latest answer: ${latest.ms.toFixed(0)} ms after its deadline (${latest.verb}); the event loop was blocked for ${blockedMs.toFixed(0)} ms at most`,
    '',
    tableText({
      title: verdicts.every(({ holds }) => holds) ? 'the soak holds' : 'THE SOAK FAILED',
      head: ['', 'holds', 'found'],
      rows: verdicts.map(({ what, holds, found }) => [what, holds ? 'yes' : 'NO', found]),
      notes: examples,
    }),
  ].join('\n');
}
