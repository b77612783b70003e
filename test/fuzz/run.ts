// Looks for input that breaks what must hold, guided by which code it reaches (jazzer.js, libFuzzer).
//
//   npm run fuzz                                every target for a minute
//   npm run fuzz -- keys options --seconds 600  two of them for longer
//   npm run fuzz -- --seeds                     writes the inputs to begin with into the corpus, and ends
//
// What it finds interesting stays in test/fuzz/found and is where the next run goes on. An input that breaks something
// is printed with its path: copied into test/fuzz/corpus it is a test from then on.
import { spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzBlindly } from './blind.ts';
import { corpusOf, FUZZ_ROOM } from './corpus.ts';
import { TARGETS } from './targets/catalogue.ts';

const LONGEST_INPUT = 4096;

/** libFuzzer is a native module: that of 4.0.0 asks for glibc 2.38, which is newer than Debian 12's. */
function whyNot(): string | undefined {
  try {
    createRequire(join(FUZZ_ROOM, 'package.json'))('@jazzer.js/fuzzer');
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
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

/** For systems on which jazzer.js does not run. */
function fuzzWithoutGuide(name: string, seconds: number): boolean {
  const seed = randomInt(2 ** 31);
  const { tried, broken } = fuzzBlindly(name, seconds, seed);
  console.log(`${name}: ${tried} inputs`);
  if (broken === undefined) return true;
  const path = join(FUZZ_ROOM, 'found', `${name}-${nameOf(broken.input)}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, broken.input);
  console.error(broken.error);
  console.error(`${name}: broken by ${relative('.', path)}`);
  return false;
}

const nameOf = (input: Buffer): string =>
  createHash('sha1').update(input).digest('hex').slice(0, 16);

function writeSeeds(name: string): void {
  mkdirSync(corpusOf(name), { recursive: true });
  for (const seed of TARGETS[name].seeds()) writeFileSync(join(corpusOf(name), nameOf(seed)), seed);
}

function fuzzAll(names: readonly string[], seconds: number): void {
  const reason = whyNot();
  if (reason !== undefined) {
    console.log(`jazzer.js does not run here (${reason}): without its guidance\n`);
  }
  const run = reason === undefined ? fuzz : fuzzWithoutGuide;
  const broken = names.filter((name) => !run(name, seconds));
  if (broken.length === 0) return;
  console.error(`fuzz: broken: ${broken.join(', ')}`);
  process.exitCode = 1;
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seeds: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const known = names.every((name) => Object.hasOwn(TARGETS, name));

if (!known || !(Number(flags.seconds) > 0)) {
  console.error(`fuzz: [target…] --seconds <number>; targets: ${Object.keys(TARGETS).join(', ')}`);
  process.exitCode = 1;
} else if (flags.seeds) for (const name of names) writeSeeds(name);
else fuzzAll(names, Number(flags.seconds));
