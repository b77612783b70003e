/** `npm run bench:guard`: fails if a hot path of this tree takes more than a tenth longer than in its parent. */
import { join } from 'node:path';
import { flagLines, flagValues, numberFrom } from '../flags.ts';
import { runProgram } from '../program.ts';
import { Progress } from '../report/progress.ts';
import { roundOff } from '../report/spread.ts';
import { type Table, tableText } from '../report/table.ts';
import { AskedProcess, startProgram } from '../support/asked-process.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { choosePinning, type Pinning } from '../support/pinning.ts';
import { startOwnMemcached } from '../support/servers.ts';
import type { Answer, Request, Times } from './hot-path-process.ts';
import { HOT_PATHS } from './hot-paths.ts';
import {
  comparedTime,
  judge,
  type Judgement,
  LEAST_ROUNDS,
  MOST_RATIO,
  type Round,
} from './judge.ts';
import { buildTree, describeCommit, usualParent } from './parent-tree.ts';

const FLAGS = {
  parent: {
    type: 'string',
    help: 'the commit to compare with (default: HEAD if src has changed since, else HEAD~1)',
  },
  rounds: {
    type: 'string',
    help: `fresh processes of each tree, in turns, ${LEAST_ROUNDS} or more (default: 10)`,
  },
  milliseconds: { type: 'string', help: 'for each path in each process (default: 100)' },
  help: { type: 'boolean', help: 'this text' },
} as const;

const PROGRAM = join('dist', 'bench', 'guard', 'hot-path-process.js');
const TIMEOUT_MS = 120_000;
const NAMES = HOT_PATHS.map(({ name }) => name);

async function timesOf(tree: string, core: number | undefined, request: Request): Promise<Times> {
  const program = join(tree, PROGRAM);
  const asked = new AskedProcess<Request, Answer>(startProgram({ program, core }));
  try {
    return (await asked.ask(request, TIMEOUT_MS)).times;
  } finally {
    await asked.end();
  }
}

interface Plan {
  readonly parentTree: string;
  readonly pinning: Pinning;
  readonly rounds: number;
  readonly request: Request;
}

/** Every other round begins with the other tree. */
async function compare(plan: Plan): Promise<Round[]> {
  const { parentTree, pinning, request } = plan;
  const progress = new Progress();
  const rounds: Round[] = [];
  const measure = (tree: string): Promise<Times> => timesOf(tree, pinning.client, request);
  for (let number = 0; number < plan.rounds; number++) {
    progress.show(`round ${number + 1}/${plan.rounds}`);
    const first = await measure(number % 2 === 0 ? parentTree : PACKAGE_ROOT);
    const second = await measure(number % 2 === 0 ? PACKAGE_ROOT : parentTree);
    const [parent, tree] = number % 2 === 0 ? [first, second] : [second, first];
    rounds.push({ parent, tree });
  }
  progress.clear();
  return rounds;
}

function tableOf(judgements: readonly Judgement[], rounds: readonly Round[]): Table {
  const time = (name: string, side: keyof Round): string =>
    roundOff(comparedTime(name, rounds, side));
  const three = (value: number): string => value.toFixed(3);
  return {
    title: `time per operation, at most ${MOST_RATIO} of the parent's`,
    head: ['', 'parent ns', 'this tree ns', 'ratio [98 %]', ''],
    remarks: true,
    rows: judgements.map(({ name, standing, ratio, why }) => [
      name,
      time(name, 'parent'),
      time(name, 'tree'),
      ratio === undefined
        ? '-'
        : `${three(ratio.ratio)} [${three(ratio.least)}..${three(ratio.most)}]`,
      why === undefined ? standing : `${standing}: ${why}`,
    ]),
  };
}

await runProgram('bench:guard', async () => {
  const given = flagValues(process.argv.slice(2), FLAGS);
  if (given.help === true) {
    console.log(`usage: npm run bench:guard -- [flags]\n\n${flagLines(FLAGS)}`);
    return;
  }
  const rounds = numberFrom('rounds', given.rounds ?? '10', { from: LEAST_ROUNDS, whole: true });
  const milliseconds = numberFrom('milliseconds', given.milliseconds ?? '100', {
    from: 1,
    whole: true,
  });
  const ref = given.parent ?? usualParent();
  console.log(`parent: ${describeCommit(ref)}`);
  const parentTree = buildTree(ref);
  const pinning = choosePinning(false);
  const server = await startOwnMemcached(pinning);
  const request = { server: { host: server.host, port: server.port }, milliseconds };
  const measured = await compare({ parentTree, pinning, rounds, request });
  const judgements = judge(NAMES, measured);
  console.log(tableText(tableOf(judgements, measured)));
  if (judgements.some(({ standing }) => standing === 'slower' || standing === 'broken'))
    process.exitCode = 1;
});
