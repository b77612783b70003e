import { setTimeout as pause } from 'node:timers/promises';
import type { FleetClient } from '../../src/index.ts';
import type { FaultCase } from './fault-case.ts';
import { type AskName, ASKS } from './load/asks.ts';
import { Callers } from './load/callers.ts';
import { Counts } from './load/counts.ts';
import { Ledger } from './load/ledger.ts';
import { Tally } from './load/tally.ts';
import { notRun, type Outcome, outcomeOf } from './outcome.ts';
import { recovery } from './recovery.ts';
import { openSockets, socketsBeyond } from './stage/sockets.ts';
import { SETTINGS } from './stage/settings.ts';
import { Stage } from './stage/stage.ts';
import { unhandled } from './unhandled.ts';

export interface CaseOptions {
  readonly seed: number;
  /** Puts something else in the place of the client: so that the judge can be judged. */
  readonly instead?: (client: FleetClient) => FleetClient;
}

const CALM_MS = 100;
const CALLERS = 64;
/** Fewer where a call is many keys or many bytes: they must not be what a slow machine is busy with. */
const FEWER_CALLERS: Partial<Record<AskName, number>> = { large: 12, getMany: 16, mixed: 32 };
const PAUSE_MS = 1;

/** Lets the fault happen under load, and tells what callers saw. A case that could not be run is broken, too. */
export async function tryCase(one: FaultCase, options: CaseOptions): Promise<Outcome> {
  try {
    return await runCase(one, options);
  } catch (error) {
    return notRun(one, error as Error);
  }
}

/** As `tryCase`, but rejects where the case could not be run. */
export async function runCase(one: FaultCase, options: CaseOptions): Promise<Outcome> {
  const sockets = openSockets();
  const unhandledBefore = unhandled.count;
  const stage = await Stage.open({
    setting: SETTINGS[one.setting],
    server: one.fault.server ?? {},
    proxied: one.fault.proxied,
    seed: options.seed,
  });
  const client = options.instead?.(stage.client) ?? stage.client;
  const tally = new Tally();
  try {
    const ledger = ledgerFor(one.ask);
    await stage.fill(ledger);
    const callers = callersOf(one, { client, ledger, tally });
    const faced = await face(one, stage, callers, tally);
    await stage.client.close();
    await stage.close();
    return outcomeOf(one, tally, callers, {
      ...faced,
      unhandled: unhandled.count - unhandledBefore,
      socketsLeft: await socketsBeyond(sockets),
    });
  } finally {
    await stage.client.close({ timeoutMs: 0 });
    await stage.close();
  }
}

async function face(
  { fault }: FaultCase,
  stage: Stage,
  callers: Callers,
  tally: Tally,
): Promise<Pick<Outcome, 'operations' | 'struck' | 'recoveredAfterMs'>> {
  if (fault.atFirst !== true) {
    await stage.connect();
    callers.start();
    await pause(CALM_MS);
  }
  const before = tally.operations;
  const struck = stage.struck;
  const happening = fault.happen(stage);
  if (fault.atFirst === true) callers.start();
  const told = await happening;
  const over = performance.now();
  const recoveredAfterMs = await stage.besides(
    (control) => recovery(stage.client, over, { control }),
    stage.client.config().timeoutMs.value,
  );
  const operations = tally.operations - before;
  await callers.stop();
  return { operations, struck: told ?? stage.struck - struck, recoveredAfterMs };
}

interface Parts {
  readonly client: FleetClient;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

function callersOf({ ask, fault, setting }: FaultCase, { client, ledger, tally }: Parts): Callers {
  const { call, deadlines } = ASKS[ask];
  // A stand-in counts from the beginning.
  const isKept = fault.loses !== true && SETTINGS[setting].servers === 1;
  const asked = { client, ledger, tally, counts: new Counts(isKept) };
  return new Callers({
    call: (step) => call(asked, step),
    tally,
    count: FEWER_CALLERS[ask] ?? CALLERS,
    deadlineMs: deadlines * client.config().timeoutMs.value,
    pauseMs: fault.pauseMs ?? PAUSE_MS,
  });
}

/** Primes, so that every key is read as well as written. */
const KEYS = 199;
const LARGE_KEYS = 13;

/** Small values of many lengths; or large ones, of which some travel on the connection for large values. */
function ledgerFor(ask: AskName): Ledger {
  return ask === 'large'
    ? new Ledger('case', LARGE_KEYS, (index) => 10_000 + 15_000 * index)
    : new Ledger('case', KEYS, (index) => 20 + index * 7);
}
