import type { Bench, Section } from '../bench.ts';
import type { Contender } from '../contenders/contender.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { type Entry, type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { fastest, throughput } from '../report/race-table.ts';
import { ratioOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const SERVERS = 8;
const LOAD: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512 };

function verdict(
  what: string,
  subject: Outcome,
  against: Outcome | undefined,
  atLeast: number,
): Verdict {
  const ran = subject.slices.length > 0 && against !== undefined && against.slices.length > 0;
  return {
    target: `${describeLoad(LOAD)}, ${SERVERS} servers: ${what}`,
    against: against?.entry.label ?? 'fastest memcached client',
    required: { atLeast },
    unit: 'x',
    measured: ran
      ? ratioOf(subject.slices.map(throughput), against.slices.map(throughput))
      : undefined,
  };
}

/**
 * The keys of one load spread over several servers: every moment's gets become a volley for each of them. All servers
 * share one core, as the one server does.
 */
export async function* fleet(bench: Bench): AsyncGenerator<Section> {
  const servers = await bench.fleet(SERVERS);
  const onAll = (contender: Contender): Entry => ({
    label: `${contender.name}, ${SERVERS} servers`,
    contender,
    load: LOAD,
    servers,
  });
  const clients = bench.contenders.filter(({ role }) => role === 'memcached client');
  const entries: Entry[] = [
    { label: `${SUBJECT.name}, 1 server`, contender: SUBJECT, load: LOAD },
    ...[SUBJECT, ...clients].map(onAll),
  ];
  const title = `${describeLoad(LOAD)}, ${SERVERS} servers`;
  const outcomes = await race(bench, title, entries);
  const [alone, spread, ...rivals] = outcomes;
  const rival = fastest(rivals.filter(({ slices }) => slices.length > 0));
  yield {
    ...raceSection(title, outcomes),
    verdicts: [verdict('throughput', spread, alone, 0.8), verdict('throughput', spread, rival, 4)],
  };
}
