// npm test                      everything
// npm test -- unit codec        the files whose path holds one of these words
// npm test -- --failed          the files in which something failed when this ran last
// npm test -- --seed=7          as an earlier run: in its order, with its random steps
// npm test -- --concurrency=1   one file at a time
// npm test -- --timeout=600000  with more patience for each file, in milliseconds
//
// VOLLEY_TEST_RUNS=20 in the environment tries every property twenty times as often (see test/support/runs.ts).
import { randomInt, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grouped } from './support/groups.ts';
import { reap, RUN_MARK } from './support/reap.ts';
import { RUN_SEED } from './support/runs.ts';
import { listTestFiles, shuffle } from './support/test-files.ts';

const compiledRoot = dirname(fileURLToPath(import.meta.url));
const sourceRoot = resolve(compiledRoot, '../../test');

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    failed: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '120000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    // Most tests wait most of the time; more than four files at once only disturb each other's clocks.
    concurrency: { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
});

/** The files in which something failed, for the next run. */
const failures = resolve(compiledRoot, '../failed-tests.json');
const failedBefore =
  flags.failed && existsSync(failures)
    ? (JSON.parse(readFileSync(failures, 'utf8')) as string[])
    : undefined;
const files = shuffle(
  listTestFiles(compiledRoot, sourceRoot, wanted).filter(
    (file) => failedBefore?.includes(file) !== false,
  ),
  Number(flags.seed),
);
const groups = grouped(files, compiledRoot);

// node:test starts a process for each, which inherits all of this.
const mark = randomUUID();
process.env[RUN_MARK] = mark;
process.env[RUN_SEED] = flags.seed;
const guard = new URL('./support/guard.js', import.meta.url).href;
process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import ${guard}`.trim();

function sayLeftovers(): void {
  const leftovers = reap(mark);
  if (leftovers > 0) console.log(`killed ${leftovers} processes that tests left running`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    sayLeftovers();
    process.exit(1);
  });
}

let passed = 0;
const failed = new Set<string>();
const events = run({
  files: [...groups.keys()],
  concurrency: Number(flags.concurrency),
  timeout: Number(flags.timeout),
});
events.on('test:pass', ({ name }) => {
  // Node reports a file in which no test was found as one that passed.
  if (!groups.has(name)) passed++;
});
// What node:test tells of a whole file has the file for its name; elsewhere source maps may lead to the source.
events.on('test:fail', ({ file, name }) => {
  const compiled = file?.replace(sourceRoot, compiledRoot).replace(/\.ts$/, '.js') ?? '';
  if (files.includes(compiled)) failed.add(compiled);
  else for (const member of groups.get(name) ?? [name]) failed.add(member);
});
events.compose(new spec()).pipe(process.stdout);
events.once('end', () => {
  sayLeftovers();
  if (files.length === 0) console.log(`no test file matches: ${wanted.join(' ')}`);
  if (failed.size > 0 || passed === 0) process.exitCode = 1;
  rmSync(failures, { force: true });
  // One that cannot be told would not run again.
  const known = [...failed].every((file) => files.includes(file));
  if (failed.size > 0 && known) writeFileSync(failures, JSON.stringify([...failed]));
});

process.once('exit', () => {
  const where = relative('.', sourceRoot);
  console.log(
    `seed ${flags.seed} (${files.length} files of ${where}; npm test -- --seed=${flags.seed})`,
  );
});
