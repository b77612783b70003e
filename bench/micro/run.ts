/** `npm run bench:micro`: pieces of the client by themselves, in this process, without a server. */
import { writeFileSync } from 'node:fs';
import { flagLines, flagValues, numberFrom } from '../flags.ts';
import { runProgram } from '../program.ts';
import { Progress } from '../report/progress.ts';
import { roundOff } from '../report/spread.ts';
import { type Table, tableText } from '../report/table.ts';
import { describeEnvironment, environmentText } from '../support/environment.ts';
import { UsageError } from '../usage-error.ts';
import { measureCase, type MicroFigures } from './measure.ts';
import type { Subject } from './micro-case.ts';
import { SUBJECT_NAMES, subjectsWith } from './subjects.ts';

const FLAGS = {
  filter: { type: 'string', help: `a word of a case or its subject: ${SUBJECT_NAMES.join(', ')}` },
  milliseconds: { type: 'string', help: 'for each case (default: 300)' },
  json: { type: 'string', help: 'a file for the figures' },
  help: { type: 'boolean', help: 'this text' },
} as const;

interface Result extends MicroFigures {
  readonly name: string;
}

async function measured(
  { name, cases }: Subject,
  milliseconds: number,
  progress: Progress,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const each of cases) {
    progress.show(`${name}: ${each.name}`);
    results.push({ name: each.name, ...(await measureCase(each, milliseconds)) });
  }
  progress.clear();
  return results;
}

const tableOf = (title: string, results: readonly Result[]): Table => ({
  title,
  head: ['', 'ns', 'median', 'p99', 'heap B'],
  rows: results.map(({ name, nanoseconds, median, p99, bytes }) => [
    name,
    ...[nanoseconds, median, p99, bytes].map(roundOff),
  ]),
});

await runProgram('bench:micro', async () => {
  const given = flagValues(process.argv.slice(2), FLAGS);
  if (given.help === true) {
    console.log(`usage: npm run bench:micro -- [flags]\n\n${flagLines(FLAGS)}`);
    return;
  }
  const { filter, json } = given;
  const milliseconds = numberFrom('milliseconds', given.milliseconds ?? '300', { from: 1 });
  const subjects = subjectsWith(filter);
  if (subjects.length === 0)
    throw new UsageError(
      `no case holds ${String(filter)}; subjects are ${SUBJECT_NAMES.join(', ')}`,
    );
  const environment = describeEnvironment(['no server'], 'nothing pinned', false);
  const progress = new Progress();
  console.log(`${environmentText(environment)}\n`);
  const all: { subject: string; cases: Result[] }[] = [];
  for (const subject of subjects) {
    const cases = await measured(subject, milliseconds, progress);
    all.push({ subject: subject.name, cases });
    console.log(`${tableText(tableOf(subject.name, cases))}\n`);
  }
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ environment, subjects: all }, undefined, 1)}\n`);
});
