/** `npm run bench`: starts what is needed, runs the scenarios one after the other, reports, ends what it started. */
import { mkdirSync } from 'node:fs';
import { relative } from 'node:path';
import type { Bench, Section } from './bench.ts';
import { compareCommand } from './compare/compare-command.ts';
import type { Contender } from './contenders/contender.ts';
import { CEILINGS, RIVALS, SUBJECT } from './contenders/roster.ts';
import { runProgram } from './program.ts';
import { Histograms } from './report/histograms.ts';
import { FORMAT, jsonPath, type Report, RESULTS_DIRECTORY, writeJson } from './report/json.ts';
import { Progress } from './report/progress.ts';
import { reportCommand, writePage } from './report/report-command.ts';
import { sectionText, verdictsText } from './report/text.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';
import { helpText, type Selection, selectionFrom } from './selection.ts';
import { describeEnvironment, environmentText, type Environment } from './support/environment.ts';
import { choosePinning } from './support/pinning.ts';
import { UsageError } from './usage-error.ts';
import { tuneCommand } from './tune/tune-command.ts';
import { reachMemcached, type Server, startOwnMemcached, startRedis } from './support/servers.ts';

function contendersOf(selection: Selection): Contender[] {
  const rivals = RIVALS.filter(({ name }) => selection.rivals.includes(name));
  for (const { name, role, available } of rivals) {
    const remedy =
      role === 'other language'
        ? `apt-get install python3-${name}`
        : 'npm ci --ignore-scripts in bench/rivals';
    if (!available()) console.error(`${name} is not installed: ${remedy}`);
  }
  return [SUBJECT, ...rivals.filter(({ available }) => available()), ...CEILINGS];
}

/** A Redis beside an external memcached would stand on another machine: no comparison. */
async function setUp(selection: Selection): Promise<{ bench: Bench; environment: Environment }> {
  const external = selection.server !== undefined;
  const pinning = choosePinning(external);
  const contenders = contendersOf(selection);
  const memcached = external
    ? await reachMemcached(selection.server)
    : await startOwnMemcached(pinning);
  const needsRedis = !external && contenders.some(({ role }) => role === 'redis client');
  const redis = needsRedis ? await startRedis(pinning) : undefined;
  const servers = [memcached.text, ...(redis === undefined ? [] : [redis.text])];
  if (selection.profile) mkdirSync(RESULTS_DIRECTORY, { recursive: true });
  const profiling = ['--cpu-prof', `--cpu-prof-dir=${RESULTS_DIRECTORY}`];
  const fleet: Server[] = [memcached];
  const bench: Bench = {
    selection,
    pinning,
    contenders,
    memcached,
    progress: new Progress(),
    histograms: new Histograms(),
    fleet: async (count) => {
      if (external && count > 1)
        throw new UsageError(`this takes ${count} servers, and --server names one`);
      while (fleet.length < count) fleet.push(await startOwnMemcached(pinning));
      return fleet.slice(0, count);
    },
    addressFor: ({ role }) => (role === 'redis client' ? redis : memcached),
    nodeArgsFor: (contender) => (selection.profile && contender === SUBJECT ? profiling : []),
  };
  return {
    bench,
    environment: describeEnvironment(
      servers,
      pinning.text,
      external,
      contenders.filter((contender) => contender !== SUBJECT),
    ),
  };
}

async function run(selection: Selection): Promise<void> {
  const { bench, environment } = await setUp(selection);
  console.log(`${environmentText(environment)}\n`);
  const sections: Section[] = [];
  for (const name of selection.scenarios) {
    for await (const section of SCENARIOS[name].run(bench)) {
      bench.progress.clear();
      console.log(`${sectionText(section)}\n`);
      sections.push(section);
    }
  }
  const verdicts = verdictsText(sections);
  if (verdicts !== undefined) console.log(`${verdicts}\n`);
  const report: Report = { format: FORMAT, environment, selection, sections };
  const path = jsonPath(selection, environment);
  writeJson(path, report);
  console.log(`figures: ${relative(process.cwd(), path)}`);
  console.log(`page: ${relative(process.cwd(), writePage(path, report))}`);
  const folder = bench.histograms.write(path);
  if (folder !== undefined) console.log(`histograms: ${relative(process.cwd(), folder)}`);
}

/** What else there is to do than to run scenarios. */
const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => void | Promise<void>>> = {
  compare: compareCommand,
  report: reportCommand,
  tune: (argv) => tuneCommand(argv, setUp),
};

await runProgram('bench', async () => {
  const [first = '', ...others] = process.argv.slice(2);
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (command !== undefined) return command(others);
  const selection = selectionFrom(process.argv.slice(2), Object.keys(SCENARIOS));
  if (selection === undefined) {
    console.log(helpText(Object.entries(SCENARIOS).map(([name, { about }]) => [name, about])));
  } else await run(selection);
});
