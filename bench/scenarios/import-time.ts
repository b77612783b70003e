import { once } from 'node:events';
import { join } from 'node:path';
import type { Bench, Section } from '../bench.ts';
import { PUBLISHED } from '../contenders/published.ts';
import { rivalInstalled, rivalPath } from '../contenders/rival-packages.ts';
import type { ImportAnswer } from '../load/import-process.ts';
import { isMeasured } from '../report/bars.ts';
import { spreadOf, spreadText } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';
import { pinned } from '../support/pinning.ts';
import { end, start } from '../support/processes.ts';

const PROGRAM = join(import.meta.dirname, '..', 'load', 'import-process.js');
const RIVAL_PACKAGES = ['memjs', 'memcached', 'memcache-client', 'memcache', 'ioredis', 'redis'];
const LEAST_ROUNDS = 5;
const MOST_MS = 80;
/** They are large and not everybody needs them: importing memvolley must not load them. */
const LAZY = ['piscina', 'hdr-histogram-js', 'lz4-napi', 'msgpackr'];

/** Null when the import fails. */
async function importOnce(bench: Bench, module: string): Promise<ImportAnswer | null> {
  const [command, args] = pinned(bench.pinning.client, process.execPath, [PROGRAM, module]);
  const child = start(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  try {
    const exit = once(child, 'exit').then(() => [undefined]);
    const [answer] = (await Promise.race([once(child, 'message'), exit])) as [
      ImportAnswer | undefined,
    ];
    return answer ?? null;
  } finally {
    await end(child);
  }
}

interface Imported {
  readonly name: string;
  readonly module: string;
  /** One for each round; null where the import failed. */
  readonly answers: (ImportAnswer | null)[];
}

export async function* importTime(bench: Bench): AsyncGenerator<Section> {
  const rivals = bench.selection.rivals.length > 0 ? RIVAL_PACKAGES.filter(rivalInstalled) : [];
  const own: Imported = { name: 'memvolley', module: PUBLISHED, answers: [] };
  const all: Imported[] = [
    own,
    ...rivals.map((name) => ({ name, module: rivalPath(name), answers: [] })),
  ];
  const rounds = Math.max(LEAST_ROUNDS, bench.selection.rounds);
  for (let round = 0; round < rounds; round++) {
    bench.progress.show(`import: round ${round + 1}/${rounds}`);
    for (const { module, answers } of all) {
      answers.push(await importOnce(bench, module));
    }
  }
  yield {
    table: {
      title: 'import: milliseconds in a fresh process',
      head: ['', 'ms [min..max]', 'packages loaded'],
      rows: all.map(rowOf),
    },
    figures: [
      {
        kind: 'bars',
        title: 'time to import',
        unit: ' ms',
        better: 'lower',
        rows: all
          .map((one) => ({
            label: one.name,
            ours: one === own,
            rounds: one.answers.map((answer) => answer?.milliseconds ?? null),
          }))
          .filter(isMeasured),
      },
    ],
    data: Object.fromEntries(all.map(({ name, answers }) => [name, answers])),
    verdicts: verdictsOf(arrived(own)),
  };
}

const arrived = ({ answers }: Imported): ImportAnswer[] =>
  answers.filter((answer) => answer !== null);

function rowOf(imported: Imported): string[] {
  const { name } = imported;
  const answers = arrived(imported);
  if (answers.length === 0) return [name, '-', 'could not be imported'];
  const times = spreadOf(answers.map(({ milliseconds }) => milliseconds));
  return [name, spreadText(times), String(answers[0].packages.length)];
}

function verdictsOf(own: readonly ImportAnswer[]): Verdict[] {
  const measured = (figure: (answer: ImportAnswer) => number): Verdict['measured'] =>
    own.length === 0 ? undefined : spreadOf(own.map(figure));
  return [
    {
      target: 'import: time',
      against: 'a fresh process',
      required: { atMost: MOST_MS },
      unit: ' ms',
      measured: measured(({ milliseconds }) => milliseconds),
    },
    {
      target: `import: loads of ${LAZY.join(', ')}`,
      against: 'none',
      required: { atMost: 0 },
      unit: '',
      measured: measured(({ packages }) => packages.filter((name) => LAZY.includes(name)).length),
    },
  ];
}
