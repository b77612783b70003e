import type { Bench, Section } from '../bench.ts';
import type { Contender } from '../contenders/contender.ts';
import { CHECKED, GUARDED, MARKED, UNGUARDED } from '../contenders/memvolley-guards.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { throughput } from '../report/race-table.ts';
import { ratioOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

interface Case {
  readonly load: LoadCase;
  readonly beside: readonly Contender[];
}

const CASES: readonly Case[] = [
  {
    load: { operation: 'get', size: 100, kind: 'string', concurrency: 512 },
    beside: [UNGUARDED, CHECKED],
  },
  {
    load: { operation: 'getMany', size: 100, kind: 'string', concurrency: 16 },
    beside: [UNGUARDED, CHECKED],
  },
  {
    load: { operation: 'set', size: 100, kind: 'string', concurrency: 512 },
    beside: [MARKED, CHECKED],
  },
];

const rates = ({ slices }: Outcome): number[] => slices.map(throughput);

/** What the guards cost, against a parser that has none; and what the further ones cost that are options. */
export async function* guards(bench: Bench): AsyncGenerator<Section> {
  for (const { load, beside } of CASES) {
    const title = `${describeLoad(load)}: guards`;
    const contenders = [GUARDED, ...beside];
    const entries = contenders.map((contender) => ({ label: contender.name, contender, load }));
    const outcomes = await race(bench, title, entries);
    const [subject, ...others] = outcomes;
    yield {
      ...raceSection(title, outcomes),
      verdicts: others.map((other) => verdictOf(load, subject, other)),
    };
  }
}

/** The guards may cost 3 %; what is asked for by an option is shown. */
function verdictOf(load: LoadCase, subject: Outcome, other: Outcome): Verdict {
  const isOption = other.entry.contender !== UNGUARDED;
  const [over, under] = isOption ? [other, subject] : [subject, other];
  const ran = over.slices.length > 0 && under.slices.length > 0;
  return {
    target: `${describeLoad(load)}: rate ${isOption ? `with ${other.entry.label}` : 'with guards'}`,
    against: under.entry.label,
    required: { atLeast: isOption ? 0 : 0.97 },
    unit: 'x',
    measured: ran ? ratioOf(rates(over), rates(under)) : undefined,
  };
}
