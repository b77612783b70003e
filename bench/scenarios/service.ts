import type { Bench, Section } from '../bench.ts';
import { NO_CACHE } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { type Entry, type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { loopUtilization, medianOf, tail } from '../report/race-table.ts';
import { roundOff } from '../report/spread.ts';
import { FASTEST, faster, lower, type Target, verdictOf } from '../report/targets.ts';
import { GETS_PER_PAGE, KEYS_AT_ONCE } from '../service/page.ts';

const CONNECTIONS = [200];
const VALUE_BYTES = 100;
/** There is more to compile than in a loop of gets: node:http, and the client once for each process. */
const WARM_UP_SLICES = 2;
/** A service whose event loop has less to do waited for the core of the generator and the servers. */
const BUSY = 0.9;

const TARGETS: readonly Target[] = [
  faster(FASTEST, 3),
  faster('ioredis', 2),
  lower('p99', tail, FASTEST, 1),
  lower('p99', tail, 'ioredis', 1),
];

/** Pages of a web service: what a client is worth to those who call over HTTP. */
export async function* service(bench: Bench): AsyncGenerator<Section> {
  const { selection, pinning } = bench;
  const { processes, concurrencies = CONNECTIONS, seconds } = selection;
  const clients = bench.contenders.filter(({ performs }) => performs === undefined);
  const warm = { ...bench, selection: { ...selection, warmUpSeconds: WARM_UP_SLICES * seconds } };
  for (const concurrency of concurrencies) {
    for (const count of processes) {
      const load: LoadCase = {
        operation: 'service',
        size: VALUE_BYTES,
        kind: 'string',
        concurrency,
        service: { processes: count, generatorCore: pinning.server },
      };
      const entries = [...clients, NO_CACHE].map((contender): Entry => ({
        label: contender.name,
        contender,
        load,
      }));
      yield sectionOf(load, await race(warm, describeLoad(load), entries));
    }
  }
}

function sectionOf(load: LoadCase, outcomes: readonly Outcome[]): Section {
  const { table, figures = [], data } = raceSection(describeLoad(load), outcomes);
  const [name, , ...head] = table.head;
  return {
    table: {
      ...table,
      head: [name, 'requests/s', ...head.map((cell) => cell.replace('us/op', 'us/request'))],
      notes: [...about(load), ...(table.notes ?? []), ...outcomes.flatMap(idleness)],
    },
    figures,
    data,
    verdicts: TARGETS.map((target) => verdictOf(load, target, outcomes)),
  };
}

function about({ service: cluster }: LoadCase): string[] {
  const where =
    cluster?.generatorCore === undefined
      ? 'the load generator is not pinned'
      : `the load generator shares core ${cluster.generatorCore} with the servers`;
  const many = (cluster?.processes ?? 1) > 1;
  return [
    `each request: ${KEYS_AT_ONCE} gets at once, then ${GETS_PER_PAGE - KEYS_AT_ONCE} that depends on them; every answer was compared`,
    many ? `${where}; the processes of the service run on all cores` : where,
  ];
}

function idleness(outcome: Outcome): string[] {
  const busy = medianOf(outcome, loopUtilization);
  if (!(busy < BUSY)) return [];
  return [
    `${outcome.entry.label}: waited ${roundOff(100 * (1 - busy))} % of the time, so the generator or the server was its limit`,
  ];
}
