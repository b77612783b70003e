// Sets up what `npm test`, `npm run bench` and `npm run fuzz` need, and says in one line each what it had to do.
// Plain JavaScript without a dependency: it runs where nothing is installed yet.
//
//   node test/support/prepare.mjs             packages, build, memcached; with CI set, also what tests compare with:
//                                             the programs of interop tests, the packages of bench/rivals
//   node test/support/prepare.mjs --rivals    packages, build, memcached, the packages of bench/rivals
//   node test/support/prepare.mjs --fuzz      packages, build, memcached, the fuzzer of test/fuzz
//   … --run FILE [arguments]                  and then runs that file of the build, in this process. With `--embedded`
//                                             among its arguments memcached is neither looked for nor installed.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** What stands behind `--run` is another program's. */
const runAt = process.argv.includes('--run') ? process.argv.indexOf('--run') : process.argv.length;
const own = process.argv.slice(2, runAt);
const [program, ...programArguments] = process.argv.slice(runAt + 1);
const withRivals = own.includes('--rivals');
const withFuzzer = own.includes('--fuzz');
/** The bench can do without memcached. */
const WITHOUT = program === undefined ? '' : ', or run without it: npm run bench -- --embedded';
const embedded = programArguments.includes('--embedded');

/** As `engines` has it. */
const OLDEST_MAJOR = 20;
const OLDEST_MINORS = { 20: 19, 21: Infinity, 22: 12 };
const OLDEST = '20.19 or newer, of 22 at least 22.12,';

const say = (line) => console.log(`memvolley: ${line}`);

function giveUp(problem, remedy, output = '') {
  if (output.trim() !== '') console.error(output.trim());
  console.error(`memvolley: ${problem}; ${remedy}`);
  process.exit(1);
}

/** Runs a program with no stdin and keeps what it says for the case that it fails. */
function attempt(command, args, { cwd = root, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

// --- node -----------------------------------------------------------------------------------------------------------

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= OLDEST_MAJOR && minor >= (OLDEST_MINORS[major] ?? 0)) return;
  giveUp(`this is node ${process.versions.node}`, `node ${OLDEST} is needed (https://nodejs.org)`);
}

// --- packages -------------------------------------------------------------------------------------------------------

/** npm writes the lock file a moment after the copy it keeps of it: that much older is not out of date. */
const LOCK_TOLERANCE_MS = 5_000;

function isInstalled(folder) {
  const copy = join(folder, 'node_modules/.package-lock.json');
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(copy)) return false;
  return !existsSync(lock) || statSync(copy).mtimeMs + LOCK_TOLERANCE_MS >= statSync(lock).mtimeMs;
}

/** A lock file made where some platforms' packages could not be had is refused by `npm ci`, not by `npm install`. */
function install(folder, what) {
  if (isInstalled(folder)) return;
  say(`installing ${what} (npm ci)`);
  if (attempt('npm', ['ci', '--ignore-scripts'], { cwd: folder }).ok) return;
  say(`installing ${what} (npm install, because npm ci failed)`);
  const { ok, output } = attempt('npm', ['install', '--ignore-scripts', '--no-save'], {
    cwd: folder,
  });
  if (ok) return;
  giveUp(
    `npm could not install ${what}`,
    `check the network and the registry, then try \`npm install\` in ${folder}`,
    output,
  );
}

// --- build ----------------------------------------------------------------------------------------------------------

const ROOMS = ['src', 'test', 'bench'];

function build() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const buildInfo = join(root, 'dist/.tsbuildinfo');
  const bundle = join(root, 'dist/bundle');
  // Outputs that somebody deleted would not be written again as long as the notes on the last build are there.
  const sources = ROOMS.flatMap((room) => filesUnder(join(root, room))).filter(isSource);
  const incomplete = sources.some((path) => !existsSync(outputOf(path)));
  if (incomplete) rmSync(buildInfo, { force: true });
  if (incomplete || !existsSync(buildInfo) || isOlder(buildInfo, sources)) {
    say('building (tsc)');
    const { ok, output } = attempt(process.execPath, [
      ...[tsc, '-p', 'tsconfig.json'],
      ...['--incremental', '--tsBuildInfoFile', buildInfo],
    ]);
    if (!ok) {
      // The compiler writes its notes even then, and the next run would take the outputs for a build that is fine.
      rmSync(buildInfo, { force: true });
      giveUp('the build failed', 'see the compiler above', output);
    }
    rmSync(bundle, { recursive: true, force: true });
  }
  prune();
  if (!existsSync(bundle)) makeBundle(bundle);
}

/** What package.json exports; the tests run what tsc made, file by file, except those of the package itself. */
function makeBundle(bundle) {
  say('bundling (esbuild)');
  const { ok, output } = attempt(process.execPath, ['test/support/bundle.mjs']);
  if (ok) return;
  // The next run would take one of its files for all of them.
  rmSync(bundle, { recursive: true, force: true });
  giveUp('the bundle failed', 'see esbuild above', output);
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

function isSource(path) {
  return path.endsWith('.ts') && !path.endsWith('.d.ts');
}

function outputOf(source) {
  return join(root, 'dist', relative(root, source).replace(/\.ts$/, '.js'));
}

function isOlder(buildInfo, sources) {
  const built = statSync(buildInfo).mtimeMs;
  const settings = ['package-lock.json', 'tsconfig.json', 'test/support/bundle.mjs'].map((name) =>
    join(root, name),
  );
  return [...sources, ...settings].some((path) => statSync(path).mtimeMs > built);
}

/** Outputs of sources that were moved or removed would still be found by tests and packed into the tarball. */
function prune() {
  const dist = join(root, 'dist');
  for (const output of ROOMS.flatMap((room) => filesUnder(join(dist, room)))) {
    const source = relative(dist, output).replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
    if (!existsSync(join(root, source))) rmSync(output);
  }
}

// --- memcached ------------------------------------------------------------------------------------------------------

const USUAL_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_FOLDERS];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function findMemcached() {
  const named = process.env.MEMCACHED_BIN;
  if (named === undefined || named === '') return find('memcached');
  if (isExecutable(named)) return named;
  giveUp(`MEMCACHED_BIN names ${named}, which cannot be run`, `name another or unset it${WITHOUT}`);
}

/** The package managers that install without a question, and how. */
const MANAGERS = {
  'apt-get': [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', 'memcached'],
  ],
  apk: [['apk', 'add', '--no-cache', 'memcached']],
  dnf: [['dnf', 'install', '-y', 'memcached']],
  brew: [['brew', 'install', 'memcached']],
};

/** brew refuses root; the others need it. Undefined when the rights for it cannot be had without a password. */
function privilege(manager) {
  if (manager === 'brew') return [];
  if (process.getuid?.() === 0) return [];
  if (find('sudo') && attempt('sudo', ['-n', 'true']).ok) return ['sudo', '-n'];
  return undefined;
}

function asPrivileged(prefix, line) {
  const [command, ...args] = [...prefix, ...line];
  return attempt(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

/** Some packages start a server of their own, at every boot too: nobody asked us for that one. */
function stopService(prefix, name) {
  if (existsSync('/run/systemd/system')) {
    asPrivileged(prefix, ['systemctl', 'disable', '--now', name]);
  } else if (find('service')) {
    asPrivileged(prefix, ['service', name, 'stop']);
  }
}

const BY_HAND =
  'install it (apt-get install memcached, apk add memcached, dnf install memcached, brew install memcached) ' +
  `or name it by MEMCACHED_BIN${WITHOUT}`;

function installMemcached() {
  const manager = Object.keys(MANAGERS).find((name) => find(name));
  const prefix = manager === undefined ? undefined : privilege(manager);
  if (manager === undefined || prefix === undefined) giveUp('memcached was not found', BY_HAND);
  say(`installing memcached (${manager})`);
  let output = '';
  const installed = MANAGERS[manager].every((line) => {
    const result = asPrivileged(prefix, line);
    output += result.output;
    // A stale mirror among many does not matter as long as the package itself arrives.
    return result.ok || line.includes('update');
  });
  const found = installed ? findMemcached() : undefined;
  if (found === undefined) giveUp(`${manager} could not install memcached`, BY_HAND, output);
  if (manager !== 'brew') stopService(prefix, 'memcached');
  return found;
}

// --- programs of other people ---------------------------------------------------------------------------------------

/** What the interop tests run against, and Debian's packages of it. */
const FOREIGN = JSON.parse(readFileSync(new URL('foreign-programs.json', import.meta.url), 'utf8'));
/** Of these, the packages that start a service. */
const SERVICES = ['nutcracker', 'haproxy'];

const isThere = ({ run, check }) =>
  [`/usr/bin/${run}`, `/usr/sbin/${run}`, run].some((path) => attempt(path, check).ok);

const absentPrograms = () => Object.keys(FOREIGN).filter((name) => !isThere(FOREIGN[name]));

/** With CI set they are installed, or the run fails; else their tests are skipped, and how to have them is said. */
function provideForeign() {
  const absent = absentPrograms();
  if (absent.length === 0) return;
  const packages = [...new Set(absent.flatMap((name) => FOREIGN[name].packages))];
  const remedy = `apt-get install ${packages.join(' ')}`;
  if (!process.env.CI) {
    say(`interop tests without ${absent.join(', ')} (to have them: ${remedy})`);
    return;
  }
  const prefix = find('apt-get') ? privilege('apt-get') : undefined;
  if (prefix === undefined) giveUp(`${absent.join(', ')} not found`, remedy);
  say(`installing ${absent.join(', ')} (apt-get)`);
  const { output: updated } = asPrivileged(prefix, ['apt-get', 'update']);
  const line = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const { output } = asPrivileged(prefix, line);
  for (const name of SERVICES.filter((service) => absent.includes(service))) {
    stopService(prefix, name);
  }
  const stillAbsent = absentPrograms().join(', ');
  if (stillAbsent !== '') giveUp(`no ${stillAbsent} even so`, remedy, `${updated}${output}`);
}

// --------------------------------------------------------------------------------------------------------------------

checkNode();
install(root, 'packages');
// Tests compare with them, and are skipped without them; in CI nothing is.
if (withRivals || process.env.CI) install(join(root, 'bench/rivals'), 'the rivals of the bench');
if (withFuzzer) install(join(root, 'test/fuzz'), 'the fuzzer');
build();
if (embedded) {
  say(`ready (node ${process.versions.node}, without memcached)`);
} else {
  const memcached = findMemcached() ?? installMemcached();
  if (!withRivals && !withFuzzer) provideForeign();
  const { output: version } = attempt(memcached, ['-V']);
  say(`ready (node ${process.versions.node}, ${version.trim() || memcached})`);
}
if (program !== undefined) {
  const path = join(root, program);
  process.argv = [process.argv[0], path, ...programArguments];
  await import(pathToFileURL(path).href);
}
