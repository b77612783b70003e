import type { Bench, Section } from '../bench.ts';
import { memvolleyVerbs } from '../contenders/memvolley-verbs.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { describeLoad, type LoadCase } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { throughput } from '../report/race-table.ts';
import { ratioOf } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const HOT: LoadCase = { operation: 'get', size: 100, kind: 'string', concurrency: 512, hot: true };
const MANY: LoadCase = { operation: 'getMany', size: 100, kind: 'string', concurrency: 16 };

/** A verb, and the one that does the same with more care. */
interface Pair {
  readonly load: LoadCase;
  readonly plain: string;
  readonly careful: string;
  readonly target: Pick<Verdict, 'target' | 'required'>;
  /** Of the throughputs, which over which. */
  ratio(careful: readonly number[], plain: readonly number[]): Verdict['measured'];
}

const PAIRS: readonly Pair[] = [
  {
    load: HOT,
    plain: 'get',
    careful: 'fetch',
    target: { target: `${describeLoad(HOT)}: cost of fetch`, required: { atMost: 1.3 } },
    ratio: (careful, plain) => ratioOf(plain, careful),
  },
  {
    load: MANY,
    plain: 'getMany',
    careful: 'inspectMany with values',
    target: { target: `${describeLoad(MANY)}: rate with metadata`, required: { atLeast: 0.7 } },
    ratio: (careful, plain) => ratioOf(careful, plain),
  },
];

/** What protection and metadata cost where nothing has to be protected: the value is there and fresh. */
export async function* fetch(bench: Bench): AsyncGenerator<Section> {
  for (const { load, plain, careful, target, ratio } of PAIRS) {
    const title = `${describeLoad(load)}: ${plain} and ${careful}`;
    const outcomes = await race(bench, title, [
      { label: plain, contender: SUBJECT, load },
      { label: careful, contender: memvolleyVerbs, load },
    ]);
    const [plainly, carefully] = outcomes.map(rates);
    const ran = plainly.length > 0 && carefully.length > 0;
    const measured = ran ? ratio(carefully, plainly) : undefined;
    yield {
      ...raceSection(title, outcomes),
      verdicts: [{ ...target, against: plain, unit: 'x', measured }],
    };
  }
}

const rates = ({ slices }: Outcome): number[] => slices.map(throughput);
