/** `npm run faults`: tries what can go wrong, one case after the other, and shows in a table what callers saw. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { runProgram } from '../program.ts';
import { Progress } from '../report/progress.ts';
import { tableText } from '../report/table.ts';
import { UsageError } from '../usage-error.ts';
import { CASES, reduced } from './cases/catalogue.ts';
import type { FaultCase } from './fault-case.ts';
import { type Flags, flagsFrom, helpText } from './flags.ts';
import type { Outcome } from './outcome.ts';
import { faultTable, totalsOf, verdictLines } from './report.ts';
import { RIVAL_FAULTS } from './rivals/faults.ts';
import { faultByFaultTable, rivalTable } from './rivals/rival-report.ts';
import { runRivals } from './rivals/run-rivals.ts';
import { tryCase } from './run-case.ts';
import { tlsMissing } from './stage/certificates.ts';
import { unhandled } from './unhandled.ts';

/** In a quick run. */
const QUICK_RIVAL_FAULTS = 3;

function casesFor({ quick, only }: Flags): FaultCase[] {
  const possible = CASES.filter(({ setting }) => setting !== 'tls' || tlsMissing === false);
  const chosen = possible.filter(({ name }) => only === undefined || name.includes(only));
  if (chosen.length === 0) throw new UsageError(`no case has ${only} in its name; see --list`);
  return quick ? reduced(chosen) : chosen;
}

function writeJson(path: string, report: object): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(
    path,
    `${JSON.stringify({ date: new Date().toISOString(), ...report }, undefined, 1)}\n`,
  );
}

async function runAll(cases: readonly FaultCase[], seed: number): Promise<Outcome[]> {
  const progress = new Progress();
  const outcomes: Outcome[] = [];
  for (const [index, one] of cases.entries()) {
    progress.show(`${index + 1}/${cases.length} ${one.name}`);
    const outcome = await tryCase(one, { seed: seed + index });
    outcomes.push(outcome);
    for (const broken of outcome.broken) progress.show(`BROKEN  ${one.name}: ${broken}`);
  }
  progress.clear();
  return outcomes;
}

/** What the others do breaks nothing here: only what memvolley does ends the program with an error. */
async function compare(flags: Flags): Promise<void> {
  const faults = flags.quick ? RIVAL_FAULTS.slice(0, QUICK_RIVAL_FAULTS) : RIVAL_FAULTS;
  const outcomes = await runRivals(faults, flags.seed, new Progress());
  console.log(`${tableText(rivalTable(outcomes))}\n`);
  console.log(tableText(faultByFaultTable(outcomes)));
  const tried = new Set(outcomes.map(({ fault }) => fault)).size;
  if (tried < faults.length) console.log(`\n${faults.length - tried} faults left out: time was up`);
  if (flags.json !== undefined) writeJson(flags.json, { flags, outcomes });
}

async function run(flags: Flags): Promise<void> {
  if (flags.rivals) {
    await compare(flags);
    return;
  }
  const cases = casesFor(flags);
  if (flags.list) {
    for (const { name } of cases) console.log(name);
    return;
  }
  unhandled.watch();
  if (tlsMissing !== false) console.log(`without the cases of TLS: ${tlsMissing}`);
  const outcomes = await runAll(cases, flags.seed);
  console.log(`${tableText(faultTable(outcomes, flags.verbose))}\n`);
  for (const line of verdictLines(outcomes)) console.log(line);
  if (flags.json !== undefined) {
    writeJson(flags.json, { flags, totals: totalsOf(outcomes), outcomes });
  }
  if (totalsOf(outcomes).broken > 0) process.exitCode = 1;
}

await runProgram('faults', async () => {
  const flags = flagsFrom(process.argv.slice(2));
  if (flags === undefined) console.log(helpText());
  else await run(flags);
});
