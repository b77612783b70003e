import type { Bench, Section } from '../bench.ts';
import type { LoadCase } from '../load/load-case.ts';
import { type Outcome, race } from '../race.ts';
import type { Bars } from '../report/figure.ts';
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
  const races: { readonly client: string; readonly outcomes: readonly Outcome[] }[] = [];
  for (const contender of clients) {
    const entries = BESIDE.map((beside) => {
      const load: LoadCase = { ...small, ...(beside !== undefined && { beside }) };
      return { label: `${contender.name} ${beside ?? 'alone'}`, contender, load };
    });
    const outcomes = await race(bench, `neighbours of 1 MB: ${contender.name}`, entries);
    races.push({ client: contender.name, outcomes });
  }
  const outcomes = races.flatMap((one) => one.outcomes);
  yield {
    table: {
      title: `neighbours: p99 in ms of ${SMALL_BYTES} B gets by ${CALLERS} callers, beside one caller with 1 MB values`,
      head: ['', 'alone', 'beside gets', 'times alone', 'beside sets', 'times alone'],
      rows: races.map((one) => rowOf(one.client, one.outcomes)),
      notes: failuresOf(outcomes),
    },
    figures: neighbourFigures(races),
    data: raceData(outcomes),
  };
}

/** One for each client: each has a race of its own, and the rounds of two races were not taken side by side. */
export function neighbourFigures(
  races: readonly { readonly client: string; readonly outcomes: readonly Outcome[] }[],
): Bars[] {
  return races
    .map(({ client, outcomes }) => {
      const title = `p99 of the small gets, ${client}`;
      return barsOf({ title, unit: ' ms', better: 'lower' }, outcomes, tail);
    })
    .filter(({ rows }) => rows.length > 0);
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
