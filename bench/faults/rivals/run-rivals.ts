import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from '../../contenders/contender.ts';
import { RIVALS, SUBJECT } from '../../contenders/roster.ts';
import type { Progress } from '../../report/progress.ts';
import { AskedProcess, startProgram } from '../../support/asked-process.ts';
import type { Fault } from '../fault-case.ts';
import { SETTINGS } from '../stage/settings.ts';
import { Stage } from '../stage/stage.ts';
import type { Answer, Request, Result } from './rival-process.ts';

export const RIVAL_TIMEOUT_MS = 250;
const PROGRAM = join(import.meta.dirname, 'rival-process.js');
const PATIENCE_MS = 15_000;
/** For a fault and one client, all in all. */
const LONGEST_MS = 40_000;
/** Then no further fault is tried. */
const BUDGET_MS = 270_000;
const CALM_MS = 100;

/** What came of one fault for one client. */
export interface RivalOutcome {
  readonly client: string;
  readonly fault: string;
  /** Absent where its process ended or froze; `failure` says how. */
  readonly result?: Result;
  readonly failure?: string;
  /** The proxies did to its connections what the fault is about; false for lies in a protocol that it does not speak. */
  readonly struck: boolean;
  /** A miss is no lie: servers lost what was stored, or said that there is nothing. */
  readonly mayMiss: boolean;
  readonly recoveredAfterMs?: number | undefined;
}

/** memvolley first, then the other clients of memcached. */
const clientsToRun = (): readonly Contender[] =>
  [SUBJECT, ...RIVALS].filter(({ role, available }) => role !== 'redis client' && available());

/**
 * Every client under every fault, each time in a process of its own and with servers of its own. When the time is up,
 * the faults are left out that not all of them have been through.
 */
export async function runRivals(
  faults: readonly Fault[],
  seed: number,
  progress: Progress,
): Promise<RivalOutcome[]> {
  const outcomes: RivalOutcome[] = [];
  const giveUp = performance.now() + BUDGET_MS;
  for (const [index, fault] of faults.entries()) {
    const ofFault: RivalOutcome[] = [];
    for (const { name } of clientsToRun()) {
      if (performance.now() > giveUp) {
        progress.clear();
        return outcomes;
      }
      progress.show(`${index + 1}/${faults.length} ${fault.label}: ${name}`);
      ofFault.push(await rivalOutcome(name, fault, seed));
    }
    outcomes.push(...ofFault);
  }
  progress.clear();
  return outcomes;
}

async function rivalOutcome(client: string, fault: Fault, seed: number): Promise<RivalOutcome> {
  const { server = {}, proxied } = fault;
  const stage = await Stage.open({ setting: SETTINGS.one, server, proxied, seed });
  const program = new AskedProcess<Request, Answer>(startProgram({ program: PROGRAM }));
  const over = new AbortController();
  const tooLong = pause(LONGEST_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error('took too long');
  });
  const known = {
    client,
    fault: fault.label,
    mayMiss: fault.loses === true || fault.mayMiss === true,
  };
  try {
    return { ...known, ...(await Promise.race([face(stage, fault, client, program), tooLong])) };
  } catch (error) {
    return { ...known, struck: true, failure: (error as Error).message };
  } finally {
    tooLong.catch(() => {});
    over.abort();
    await program.end();
    await stage.client.close({ timeoutMs: 0 });
    await stage.close();
  }
}

async function face(
  stage: Stage,
  fault: Fault,
  client: string,
  program: AskedProcess<Request, Answer>,
): Promise<Pick<RivalOutcome, 'result' | 'struck' | 'recoveredAfterMs'>> {
  const [{ port }] = stage.proxies.length > 0 ? stage.proxies : stage.servers;
  const timeoutMs = RIVAL_TIMEOUT_MS;
  await program.ask({ type: 'open', client, port, timeoutMs, fill: true }, PATIENCE_MS);
  await program.ask({ type: 'begin' }, PATIENCE_MS);
  await pause(CALM_MS);
  const before = stage.struck;
  const told = await fault.happen(stage);
  const struck = (told ?? stage.struck - before) > 0;
  const recovered = await program.ask({ type: 'recover' }, PATIENCE_MS);
  const result = await program.ask({ type: 'end' }, PATIENCE_MS);
  if (recovered.type !== 'recovered' || result.type !== 'result') {
    throw new Error('its process answered something else');
  }
  return { struck, result, recoveredAfterMs: recovered.afterMs };
}
