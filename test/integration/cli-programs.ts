import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** As `npx memvolley` runs it. */
const PROGRAM: string = fileURLToPath(new URL('../../../dist/bundle/cli.js', import.meta.url));
/** No configuration file is found here. */
const FOLDER = mkdtempSync(join(tmpdir(), 'memvolley-cli-'));

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly text: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
}

/** Nothing of this machine's environment says where servers are, or what colours there are. */
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: FOLDER,
  TERM: 'xterm-256color',
  ...more,
});

export function memvolley(
  argv: readonly string[],
  { env, input, cwd = FOLDER }: Surroundings = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { env: environment(env), cwd });
  child.stdin.end(input);
  return endedOf(child);
}

async function endedOf(child: ChildProcess): Promise<Ended> {
  const [out, err]: Buffer[][] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const stdout = Buffer.concat(out);
  return { code, stdout, text: stdout.toString(), stderr: Buffer.concat(err).toString() };
}

/** A line of a shell, `memvolley` in it. */
export function shell(line: string): Promise<Ended> {
  const named = line.replaceAll('memvolley ', `'${process.execPath}' '${PROGRAM}' `);
  return endedOf(spawn('bash', ['-c', named], { env: environment(), cwd: FOLDER }));
}

export const hasScript: boolean = spawnSync('script', ['--version']).status === 0;

/** In a terminal of its own, of 90 columns and 30 lines; what is typed comes after so many milliseconds. */
export function inTerminal(
  argv: readonly string[],
  typed: readonly { readonly afterMs: number; readonly text: string }[] = [],
): Promise<Ended> {
  const words = [process.execPath, PROGRAM, ...argv].map((word) => `'${word}'`).join(' ');
  const line = `stty cols 90 rows 30; exec ${words}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...environment(), SHELL: '/bin/bash' },
    cwd: FOLDER,
  });
  for (const { afterMs, text } of typed) setTimeout(() => child.stdin.write(text), afterMs);
  return endedOf(child);
}
