import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as timer } from 'node:timers';
import type { Key } from '../../src/index.ts';
import {
  foreignProgram,
  type ForeignProgramName,
  sourcePath,
} from '../support/foreign-programs.ts';

/** A value in a plan or a report; programs/plan.py says what each is. */
export type Told =
  | { readonly text: string }
  | { readonly int: string }
  | { readonly bytes: string }
  | { readonly json: unknown }
  | null;

/** What a program is asked to do, one after the other. */
export type Step =
  | { readonly set: readonly (readonly [Key, unknown])[] }
  | { readonly get: readonly Key[] }
  | { readonly incr: Key; readonly by: number }
  | { readonly delete: readonly Key[] };

/** How another client is run, and with what settings. */
export interface ForeignFleet {
  readonly program: Extract<ForeignProgramName, 'pymemcache' | 'pylibmc' | 'swift' | 'dalli'>;
  /** As its file in programs/ takes them. */
  readonly options: object;
  readonly servers: readonly string[];
}

const SOURCES: Readonly<Record<ForeignFleet['program'], string>> = {
  pymemcache: 'pymemcache_fleet.py',
  pylibmc: 'pylibmc_fleet.py',
  swift: 'swift_fleet.py',
  dalli: 'dalli_fleet.rb',
};

const PATIENCE_MS = 60_000;

export function toldOf(value: unknown): Told {
  if (value === undefined) return null;
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && Number.isInteger(value)) return { int: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  return { json: value };
}

const toldKey = (key: Key): unknown => (typeof key === 'string' ? key : toldOf(key));

function toldStep(step: Step): object {
  if ('set' in step) return { set: step.set.map(([key, value]) => [toldKey(key), toldOf(value)]) };
  if ('get' in step) return { get: step.get.map(toldKey) };
  if ('incr' in step) return { incr: toldKey(step.incr), by: step.by };
  return { delete: step.delete.map(toldKey) };
}

/** Runs a program once, with these steps; answers its report, step by step. */
export async function runForeign(fleet: ForeignFleet, ...steps: Step[]): Promise<unknown[]> {
  const { program, options, servers } = fleet;
  const source = sourcePath(`interop/programs/${SOURCES[program]}`);
  const child = spawn(foreignProgram(program), [source], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // No folder of compiled modules is to appear beside the sources.
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', LC_ALL: 'C.UTF-8' },
  });
  const guard = timer(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = once(child, 'close');
  child.stdin.on('error', () => {}); // It ended before it had read all; its status says why.
  child.stdin.end(JSON.stringify({ servers, options, steps: steps.map(toldStep) }));
  const [report, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  clearTimeout(guard);
  if (child.exitCode !== 0) throw new Error(`${source} failed: ${complaints}`);
  return JSON.parse(report) as unknown[];
}
