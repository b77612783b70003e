// Looks for input that breaks what must hold, guided by which code it reaches (jazzer.js, libFuzzer).
//
//   npm run fuzz                                every target for a minute
//   npm run fuzz -- keys options --seconds 600  two of them for longer
//   npm run fuzz -- --seeds                     writes the inputs to begin with into the corpus, and ends
//
// What it finds interesting stays in test/fuzz/found and is where the next run goes on. An input that breaks something
// is printed with its path: copied into test/fuzz/corpus it is a test from then on.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { corpusOf, FUZZ_ROOM } from './corpus.ts';
import { TARGETS } from './targets/catalogue.ts';

const LONGEST_INPUT = 4096;

/** libFuzzer is a native module, and not every system can load it. */
function whyNot(): string | undefined {
  try {
    createRequire(join(FUZZ_ROOM, 'package.json'))('@jazzer.js/fuzzer');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function fuzz(name: string, seconds: number): boolean {
  const found = join(FUZZ_ROOM, 'found', name);
  mkdirSync(found, { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(FUZZ_ROOM, 'node_modules/@jazzer.js/core/dist/cli.js'),
      join(import.meta.dirname, 'targets', `${name}.js`),
      ...[found, corpusOf(name)],
      ...['--sync', '-i', 'dist/src/', '--'],
      ...[`-max_total_time=${seconds}`, `-max_len=${LONGEST_INPUT}`],
      ...[`-artifact_prefix=${found}-`, '-print_final_stats=1'],
    ],
    { stdio: 'inherit', cwd: join(FUZZ_ROOM, '../..') },
  );
  return status === 0;
}

function writeSeeds(name: string): void {
  mkdirSync(corpusOf(name), { recursive: true });
  for (const seed of TARGETS[name].seeds()) {
    const file = createHash('sha1').update(seed).digest('hex').slice(0, 16);
    writeFileSync(join(corpusOf(name), file), seed);
  }
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seeds: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = names.filter((name) => TARGETS[name] === undefined);
const problem = unknown.length > 0 || !(Number(flags.seconds) > 0) ? 'usage' : undefined;

if (problem !== undefined) {
  console.error(`fuzz: [target…] --seconds <number>; targets: ${Object.keys(TARGETS).join(', ')}`);
  process.exitCode = 1;
} else if (flags.seeds) {
  for (const name of names) writeSeeds(name);
} else {
  const reason = whyNot();
  const broken =
    reason === undefined ? names.filter((name) => !fuzz(name, Number(flags.seconds))) : [];
  if (reason !== undefined) {
    console.error(
      `fuzz: jazzer.js does not run on this system (${reason}); its corpus is replayed by npm test`,
    );
  }
  if (broken.length > 0)
    console.error(
      `fuzz: broken: ${broken.join(', ')} (inputs in ${relative('.', join(FUZZ_ROOM, 'found'))})`,
    );
  if (reason !== undefined || broken.length > 0) process.exitCode = 1;
}
