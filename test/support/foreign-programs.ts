import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Programs of other people that tests run against, by the name of their package or of the program itself. */
export type ForeignProgramName =
  'pymemcache' | 'pylibmc' | 'swift' | 'dalli' | 'nutcracker' | 'haproxy';

interface ForeignProgram {
  /** What is started. */
  readonly run: string;
  /** Arguments with which it ends well where all is there. */
  readonly check: readonly string[];
  /** Debian's packages. */
  readonly packages: readonly string[];
}

/** A file that stays where it is when the tests are compiled. */
export const sourcePath = (path: string): string =>
  fileURLToPath(new URL(`../../../test/${path}`, import.meta.url));

const PROGRAMS = JSON.parse(
  readFileSync(sourcePath('support/foreign-programs.json'), 'utf8'),
) as Record<ForeignProgramName, ForeignProgram>;

/** The system's own come first: what its packages install is for them, and a daemon may be on no PATH. */
const candidates = (run: string): string[] => [`/usr/bin/${run}`, `/usr/sbin/${run}`, run];

/** The program to run, or undefined where it or a package of it is absent. */
function find(name: ForeignProgramName): string | undefined {
  const { run, check } = PROGRAMS[name];
  return candidates(run).find(
    (path) => spawnSync(path, check, { stdio: 'ignore', timeout: 30_000 }).status === 0,
  );
}

const found = new Map<ForeignProgramName, string | undefined>();

/** The program to run. Throws, with what to install, where it is absent. */
export function foreignProgram(name: ForeignProgramName): string {
  if (!found.has(name)) found.set(name, find(name));
  const program = found.get(name);
  if (program === undefined) throw new Error(absence(name));
  return program;
}

const absence = (name: ForeignProgramName): string =>
  `${name} is not installed (apt-get install ${PROGRAMS[name].packages.join(' ')})`;

/**
 * False, or why tests that need a program cannot run here: what node:test takes as `skip`. With CI in the environment
 * never: there, a program that is absent is a failure.
 */
export function foreignProgramMissing(name: ForeignProgramName): false | string {
  if ((process.env['CI'] ?? '') !== '') return false;
  try {
    foreignProgram(name);
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}
