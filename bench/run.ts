/** `npm run bench`: starts what is needed, runs the scenarios one after the other, reports, ends what it started. */
import { relative } from 'node:path';
import type { Bench, Section } from './bench.ts';
import { compareCommand } from './compare/compare-command.ts';
import { LIMITS } from './guest/manners.ts';
import { runProgram } from './program.ts';
import { FORMAT, jsonPath, type Report, writeJson } from './report/json.ts';
import { reportCommand, writePage } from './report/report-command.ts';
import { sectionText, verdictsText } from './report/text.ts';
import { SCENARIOS } from './scenarios/catalogue.ts';
import { helpText, type Selection, selectionFrom } from './selection.ts';
import { setUp } from './set-up.ts';
import { environmentText } from './support/environment.ts';
import { UsageError } from './usage-error.ts';
import { tuneCommand } from './tune/tune-command.ts';

/** What makes no sense on servers that are somebody's, or not at the rate that is spared them. */
function refuseWhereGuest({ servers, fullSpeed, scenarios, rates, sizes }: Selection): void {
  if (servers === undefined) return;
  const names = (kind: NonNullable<(typeof SCENARIOS)[string]['guest']>): string =>
    scenarios.filter((name) => SCENARIOS[name].guest === kind).join(', ');
  const never = names('never');
  if (never !== '') {
    throw new UsageError(`${never} would start and stop servers: not together with --server`);
  }
  const fast = names('at full speed');
  if (rates !== undefined && !fullSpeed) {
    throw new UsageError('--rate is a speed of its own: with --server only at --full-speed');
  }
  if (!fullSpeed && sizes?.some((size) => size > LIMITS.storedBytes) === true) {
    throw new UsageError(
      `a guest stores ${LIMITS.storedBytes} bytes: larger values with --server only at --full-speed`,
    );
  }
  if (fast !== '' && !fullSpeed) {
    throw new UsageError(`${fast} has a speed of its own: with --server only at --full-speed`);
  }
}

/** Without memcached some scenarios cannot be: each is told of in a line. */
function withoutMemcachedOnly(selection: Selection): Selection {
  if (!selection.embedded) return selection;
  const scenarios = selection.scenarios.filter((name) => {
    const { memcachedOnly } = SCENARIOS[name];
    if (memcachedOnly) console.log(`${name} is skipped: it needs memcached`);
    return !memcachedOnly;
  });
  if (scenarios.length === 0) throw new UsageError('nothing is left to run with --embedded');
  return { ...selection, scenarios };
}

/** Nothing that is limited, or not memcached, can be held against a target. */
function inLimits(section: Section, { guest, selection }: Bench): Section {
  const { verdicts: _verdicts, ...rest } = section;
  return guest?.manners.limits === undefined && !selection.embedded ? section : rest;
}

async function run(chosen: Selection): Promise<void> {
  refuseWhereGuest(chosen);
  const selection = withoutMemcachedOnly(chosen);
  const { bench, environment } = await setUp(selection);
  console.log(`${environmentText(environment)}\n`);
  const sections: Section[] = [];
  for (const name of selection.scenarios) {
    for await (const section of SCENARIOS[name].run(bench)) {
      bench.progress.clear();
      console.log(`${sectionText(section)}\n`);
      sections.push(inLimits(section, bench));
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
