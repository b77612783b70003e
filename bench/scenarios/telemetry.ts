import type { Bench, Section } from '../bench.ts';
import {
  BATCHES_HEARD,
  COMMANDS_HEARD,
  PERCENTILES,
  TIMED,
  UNHEARD,
} from '../contenders/memvolley-telemetry.ts';
import {
  METRICS_PRODUCED,
  METRICS_RECORDED,
  TRACED,
} from '../contenders/memvolley-opentelemetry.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { throughput } from '../report/race-table.ts';
import { ratioOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const CASES: readonly LoadCase[] = [
  { operation: 'get', size: 100, kind: 'string', concurrency: 512 },
  { operation: 'getMany', size: 100, kind: 'string', concurrency: 16 },
  { operation: 'set', size: 100, kind: 'string', concurrency: 512 },
];

const CONTENDERS = [
  UNHEARD,
  BATCHES_HEARD,
  TIMED,
  METRICS_PRODUCED,
  PERCENTILES,
  COMMANDS_HEARD,
  METRICS_RECORDED,
  TRACED,
];
/** Metrics, as they are meant to be had. */
const METRICS: readonly unknown[] = [TIMED, METRICS_PRODUCED];

const rates = ({ slices }: Outcome): number[] => slices.map(throughput);

/** What it costs to be told of everything, against nobody listening. */
export async function* telemetry(bench: Bench): AsyncGenerator<Section> {
  for (const load of CASES) {
    const title = `${describeLoad(load)}: telemetry`;
    const entries = CONTENDERS.map((contender) => ({ label: contender.name, contender, load }));
    const outcomes = await race(bench, title, entries);
    const [unheard, ...heard] = outcomes;
    yield {
      ...raceSection(title, outcomes),
      verdicts: heard.map((outcome) => verdictOf(load, outcome, unheard)),
    };
  }
}

/** Metrics may cost 15 %; what is heard of each call, or kept of it exactly, is shown. */
function verdictOf(load: LoadCase, heard: Outcome, unheard: Outcome): Verdict {
  const ran = heard.slices.length > 0 && unheard.slices.length > 0;
  return {
    target: `${describeLoad(load)}: rate with ${heard.entry.label}`,
    against: unheard.entry.label,
    required: { atLeast: METRICS.includes(heard.entry.contender) ? 0.85 : 0 },
    unit: 'x',
    measured: ran ? ratioOf(rates(heard), rates(unheard)) : undefined,
  };
}
