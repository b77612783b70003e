// Runs the tests on other versions of Node.js, whose binaries it fetches from the npm registry: npm run test:nodes.
//
//   npm run test:nodes                    everything, on every major version that is supported
//   npm run test:nodes -- 22 26           on these
//   npm run test:nodes -- 24 unit codec   the files whose path holds one of these words; flags go to test/run.ts, too
//
// A binary is kept in ~/.cache/memvolley (or under XDG_CACHE_HOME); after a week a newer one is looked for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUPPORTED = ['20', '22', '24', '26'];
const WEEK_MS = 7 * 24 * 3600 * 1000;

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'memvolley');
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const args = process.argv.slice(2);
const isMajor = (arg) => /^\d+$/.test(arg);
const named = args.filter(isMajor);
const rest = args.filter((arg) => !isMajor(arg));

/** The folder of the newest Node.js of a major version. */
function provide(major) {
  const packageName = `node-${process.platform}-${process.arch}`;
  const folder = join(cache, `node-${major}`);
  const bin = join(folder, 'node_modules', packageName, 'bin');
  const binary = join(bin, 'node');
  if (existsSync(binary) && Date.now() - statSync(folder).mtimeMs < WEEK_MS) return bin;
  mkdirSync(folder, { recursive: true });
  const install = ['install', '--ignore-scripts', '--no-save', '--prefix', folder];
  const { status } = spawnSync('npm', [...install, `${packageName}@${major}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0 && !existsSync(binary)) {
    throw new Error(`${packageName}@${major} cannot be had from the registry`);
  }
  utimesSync(folder, new Date(), new Date());
  return bin;
}

/** Whatever the tests start as `node` or by process.execPath is this one, and npm runs in it. */
function environmentOf(bin) {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}

/** One version's tests; answers a line that says how they went. */
function runOn(major) {
  const env = environmentOf(provide(major));
  const node = (...words) => spawnSync('node', words, { cwd: root, env, stdio: 'inherit' });
  const { stdout: version } = spawnSync('node', ['--version'], { env, encoding: 'utf8' });
  console.log(`memvolley: tests on node ${version.trim()}`);
  const begin = Date.now();
  const passed = [['test/support/prepare.mjs'], ['dist/test/run.js', ...rest]].every(
    (words) => node(...words).status === 0,
  );
  const seconds = Math.round((Date.now() - begin) / 1000);
  return { passed, line: `node ${version.trim()}: ${passed ? 'passed' : 'FAILED'} (${seconds} s)` };
}

const results = (named.length > 0 ? named : SUPPORTED).map(runOn);
for (const { line } of results) console.log(`memvolley: ${line}`);
if (results.some(({ passed }) => !passed)) process.exitCode = 1;
