// Runs the code of documents as a reader would: each block by itself, against a memcached of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { freePort } from '../../src/testing/free-port.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { compile, instrument, parseProblem, type Program } from './document-sources.ts';
import { type Block, blocksOf, ROOT } from './documents.ts';
import { foreignProgram, foreignProgramMissing } from './foreign-programs.ts';

/** Inside the repository, so that `memvolley` is this package and others are those installed for its tests. */
const FOLDER = join(ROOT, 'dist/documents');
/** Clients that are installed for the benchmark alone. */
const RIVALS = join(ROOT, 'bench/rivals/node_modules');

/** What stands between fences and is no program. */
const TEXT = ['', 'text', 'yaml', 'promql', 'diff'];

/** The memcacheds of a document, told apart by the last digit of their ports. */
const PORTS = /(?<=(?:127\.0\.0\.1|localhost):|port: )1121(\d)(?!\d)/g;
/** The port HTTP servers of documents listen on. */
const HTTP_PORT = /\b3000\b/g;

/** Loaded before a program: writes what each line with an expectation prints into a file when the process ends. */
const EAR = `
import { format } from 'node:util';
import { writeFileSync } from 'node:fs';
const heard = [];
const { VOLLEY_TEST_EAR } = process.env;
delete process.env.VOLLEY_TEST_EAR;
globalThis.__said = (line, ...args) => {
  heard.push([line, format(...args)]);
  console.log(...args);
};
if (VOLLEY_TEST_EAR !== undefined)
  process.on('exit', () => writeFileSync(VOLLEY_TEST_EAR, JSON.stringify(heard)));
`;

const TIMEOUT_MS = 60_000;

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function execute(file: string, args: string[], cwd: string, env: object = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: TIMEOUT_MS };
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

/** The code with servers that were started for it in the place of those it names. */
async function withServers(code: string, use: (code: string) => Promise<void>): Promise<void> {
  const servers = new Map<string, RunningMemcached>();
  try {
    for (const [, digit] of code.matchAll(PORTS))
      if (!servers.has(digit)) servers.set(digit, await startMemcached());
    const port = String(await freePort());
    const placed = code
      .replaceAll(PORTS, (_, digit: string) => String(servers.get(digit)?.port))
      .replaceAll(HTTP_PORT, port);
    await use(placed);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Runs a program and compares what it prints with what its comments say. */
async function runProgram(path: string, { expected }: Program): Promise<void> {
  const ear = `${path}.heard.json`;
  const code = readFileSync(path, 'utf8');
  await withServers(code, async (placed) => {
    writeFileSync(path, placed);
    const args = ['--import', join(dirname(path), 'ear.mjs'), path];
    const ran = await execute(process.execPath, args, dirname(path), { VOLLEY_TEST_EAR: ear });
    assert.equal(ran.code, 0, ran.output);
    const heard = JSON.parse(readFileSync(ear, 'utf8')) as [number, string][];
    for (const { line, text } of expected) {
      const said = heard.filter(([at]) => at === line).map(([, printed]) => spaced(printed));
      assert.ok(said.length > 0, `line ${line} of the block prints nothing:\n${ran.output}`);
      for (const printed of said) assert.equal(printed, spaced(text), `line ${line} of the block`);
    }
  });
}

/** Node's packages that a program names and that are not there; those of the benchmark are no reason to fail. */
function missingRivals(code: string): false | string {
  const { dependencies } = JSON.parse(
    readFileSync(join(ROOT, 'bench/rivals/package.json'), 'utf8'),
  ) as { dependencies: object };
  const named = [...code.matchAll(/(?:from|require\() ?'([^'./][^'/]*)'/g)].map(([, name]) => name);
  const missing = named.find(
    (name) => name in dependencies && !existsSync(join(RIVALS, name, 'package.json')),
  );
  return (
    missing !== undefined && `${missing} is installed by npm run bench (npm ci in bench/rivals)`
  );
}

/** Lines of a shell that are checked elsewhere, or whose work is done: packages, scripts, servers. */
const OTHERS = /^(npm (install|run|test|ci)\b|memcached\b|#|$)/;

/** Each command line of a block, with what it ends with: `# exits with 1`, 0 where it says nothing. */
function commandsOf(code: string): { line: string; exit: number }[] {
  const lines = code.replaceAll('\\\n', ' ').split('\n');
  const ours = lines.map((line) => line.replace(/^\$ /, '')).filter((line) => !OTHERS.test(line));
  for (const line of ours) assert.match(line, /\bnpx memvolley\b/, `no command to run: ${line}`);
  return ours.map((line) => ({ line, exit: Number(/# exits with (\d+)/.exec(line)?.[1] ?? 0) }));
}

/** `npx memvolley …` is the command line of this build. */
async function runCommands(folder: string, code: string): Promise<void> {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin?: Record<string, string>;
  };
  const npx = `npx() { shift; "${process.execPath}" "${join(ROOT, bin?.['memvolley'] ?? '')}" "$@"; }`;
  // The server that is meant where a command names none.
  await withServers(`127.0.0.1:11211\n${code}`, async (placed) => {
    const [address = '', ...rest] = placed.split('\n');
    for (const { line, exit } of commandsOf(rest.join('\n'))) {
      const script = `set -o pipefail; ${npx}\n${line}`;
      const ran = await execute('bash', ['-c', script], folder, { MEMCACHE_SERVERS: address });
      assert.equal(ran.code, exit, `${line}\n${ran.output}`);
    }
  });
}

function runPython(folder: string, code: string): Promise<void> {
  return withServers(code, async (placed) => {
    const ran = await execute(foreignProgram('pymemcache'), ['-c', placed], folder);
    assert.equal(ran.code, 0, ran.output);
  });
}

const EXTENSIONS: Readonly<Record<string, string>> = { js: 'mjs', cjs: 'cjs', ts: 'mts' };

/** One block as the tests know it: its code in a file, and what it prints. */
class BlockTest {
  readonly block: Block;
  readonly path: string;
  readonly program: Program;
  problem: string | undefined;

  constructor(block: Block, folder: string) {
    this.block = block;
    const { language, code, line, document } = block;
    const name = `${document.replaceAll(/[/.]+/g, '-')}-${line}`;
    this.path = join(folder, name, `program.${EXTENSIONS[language] ?? 'txt'}`);
    this.program = language in EXTENSIONS ? instrument(code, language) : { code, expected: [] };
  }

  get title(): string {
    const { document, line, language, isFragment } = this.block;
    return `${document}:${line} ${language}${isFragment ? ' fragment' : ''}`;
  }

  get skip(): false | string {
    const { language, code } = this.block;
    if (language === 'python') return foreignProgramMissing('pymemcache');
    return missingRivals(code);
  }

  write(): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(join(dirname(this.path), 'ear.mjs'), EAR);
    writeFileSync(this.path, this.program.code);
  }

  async run(): Promise<void> {
    const { language, code, isFragment } = this.block;
    if (language === 'json') {
      JSON.parse(code);
    } else if (isFragment) {
      assert.equal(language in EXTENSIONS && parseProblem(code, language), undefined);
    } else if (language === 'sh') {
      await runCommands(dirname(this.path), code);
    } else if (language === 'python') {
      await runPython(dirname(this.path), code);
    } else {
      assert.ok(language in EXTENSIONS, `nobody knows how to run ${language}`);
      assert.equal(this.problem, undefined, this.problem);
      await runProgram(this.path.replace(/\.mts$/, '.mjs'), this.program);
    }
  }
}

/** Clients of the benchmark, where programs of documents find them. */
function linkRivals(folder: string): void {
  if (!existsSync(RIVALS)) return;
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(RIVALS).filter((entry) => !entry.startsWith('.')))
    symlinkSync(join(RIVALS, name), join(modules, name));
}

/** Tests of all code in documents: that it runs, and prints what its comments say. */
export function testPrograms(group: string, documents: readonly string[]): void {
  const folder = join(FOLDER, group);
  const blocks = documents
    .flatMap(blocksOf)
    .filter(({ language }) => !TEXT.includes(language))
    .map((block) => new BlockTest(block, folder));
  describe(group, () => {
    before(() => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      linkRivals(folder);
      for (const block of blocks) block.write();
      const typed = blocks.filter(({ path, block }) => path.endsWith('.mts') && !block.isFragment);
      const problems = compile(
        typed.map(({ path }) => path),
        writeFileSync,
      );
      for (const block of typed) block.problem = problems.get(block.path);
    });
    for (const block of blocks) test(block.title, { skip: block.skip }, () => block.run());
  });
}
