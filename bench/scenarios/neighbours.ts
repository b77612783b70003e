import type { Bench, Section } from '../bench.ts';
import type { LoadCase } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import { barsOf } from '../report/race-figures.ts';
import { failuresOf, raceData, tail } from '../report/race-table.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from '../report/spread.ts';

const CALLERS = 64;
const SMALL_BYTES = 100;
const BESIDE = [undefined, 'large get', 'large set'] as const;

/** p99 of 100-byte gets, alone and while one more caller of the same client moves 1 MB values. */
export async function* neighbours(bench: Bench): AsyncGenerator<Section> {
  const clients = bench.contenders.filter(({ performs }) => performs === undefined);
  const small = {
    operation: 'get',
    size: SMALL_BYTES,
    kind: 'buffer',
    concurrency: CALLERS,
  } as const;
  const outcomes: Outcome[] = [];
  for (const contender of clients) {
    const entries = BESIDE.map((beside) => {
      const load: LoadCase = { ...small, ...(beside !== undefined && { beside }) };
      return { label: `${contender.name} ${beside ?? 'alone'}`, contender, load };
    });
    outcomes.push(...(await race(bench, `neighbours of 1 MB: ${contender.name}`, entries)));
  }
  yield {
    table: {
      title: `neighbours: p99 in ms of ${SMALL_BYTES} B gets by ${CALLERS} callers, beside one caller with 1 MB values`,
      head: ['', 'alone', 'beside gets', 'times alone', 'beside sets', 'times alone'],
      rows: clients.map((client, at) =>
        rowOf(client.name, outcomes.slice(at * BESIDE.length, (at + 1) * BESIDE.length)),
      ),
      notes: failuresOf(outcomes),
    },
    figures: [
      barsOf({ title: 'p99 of the small gets', unit: ' ms', better: 'lower' }, outcomes, tail),
    ],
    data: raceData(outcomes),
  };
}

function rowOf(name: string, [alone, ...disturbed]: readonly Outcome[]): string[] {
  if (alone === undefined || alone.slices.length === 0) return [name, '-'];
  const calm = alone.slices.map(tail);
  return [
    name,
    roundOff(spreadOf(calm).median),
    ...disturbed.flatMap(({ slices }) => {
      if (slices.length === 0) return ['-', ''];
      const tails = slices.map(tail);
      return [roundOff(spreadOf(tails).median), spreadText(ratioOf(tails, calm))];
    }),
  ];
}
