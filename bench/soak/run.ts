/** `npm run soak`: a load for minutes over servers in trouble; fails on what grows, is wrong or never comes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { plotText } from '../plot/text-plot.ts';
import { runProgram } from '../program.ts';
import { RESULTS_DIRECTORY } from '../report/json.ts';
import { Progress } from '../report/progress.ts';
import { describeEnvironment, environmentText } from '../support/environment.ts';
import { HELP, soakOptions, type SoakOptions } from './options.ts';
import { panelsOf } from './panels.ts';
import { soak, type SoakOutcome } from './soak.ts';
import { drawSvg } from './svg.ts';
import { summaryText } from './summary.ts';
import { judge } from './verdict.ts';

function keep(outcome: SoakOutcome, options: SoakOptions, holds: boolean): string[] {
  const { record, heap, memcached } = outcome;
  const environment = describeEnvironment([`6 x memcached ${memcached}`], 'not pinned', false);
  console.log(`${environmentText(environment)}\n`);
  mkdirSync(RESULTS_DIRECTORY, { recursive: true });
  const path = (end: string): string =>
    join(RESULTS_DIRECTORY, `soak-${environment.date.replaceAll(/[:.]/g, '-')}.${end}`);
  const title = `memvolley soak, ${options.minutes} min, seed ${options.seed}`;
  const subtitle = `${record.operations} calls; node ${environment.node}; ${environment.cpu}`;
  writeFileSync(path('svg'), drawSvg(record, title, subtitle));
  writeFileSync(
    path('json'),
    `${JSON.stringify({ environment, options, verdicts: judge(record), ...record })}\n`,
  );
  if (holds) return [path('svg'), path('json')];
  writeFileSync(path('heapsnapshot'), heap);
  return [path('svg'), path('json'), path('heapsnapshot')];
}

async function run(options: SoakOptions): Promise<boolean> {
  const progress = new Progress();
  const outcome = await soak(options, (line) => progress.show(line));
  progress.clear();
  const { record } = outcome;
  const verdicts = judge(record);
  const holds = verdicts.every((verdict) => verdict.holds);
  const files = keep(outcome, options, holds);
  for (const panel of panelsOf(record)) console.log(`${plotText(panel)}\n`);
  console.log(`${summaryText(record, verdicts)}\n`);
  for (const file of files) console.log(`kept: ${relative(process.cwd(), file)}`);
  console.log(`npm run soak -- --minutes ${options.minutes} --seed ${options.seed}`);
  return holds;
}

await runProgram('soak', async () => {
  const options = soakOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else if (!(await run(options))) process.exitCode = 1;
});
