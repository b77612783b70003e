import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import {
  type ChaosProxy,
  type RunningMemcached,
  startChaosProxy,
  startMemcached,
} from '../../src/testing/index.ts';
import { clientOf, type LabOptions, PATIENT } from './fault-lab.ts';
import { RUN_SEED } from './runs.ts';

/** A key that always has this value. */
export const SENTINEL = 'sentinel';

export interface ChaosLab {
  readonly server: RunningMemcached;
  readonly proxy: ChaosProxy;
  /** Connected, by the proxy. */
  readonly client: FleetClient;
}

/** A real server, a way to it that does what a test says, and a client that goes that way. Chance follows the run. */
export async function chaosLab(t: TestContext, options: LabOptions = {}): Promise<ChaosLab> {
  const server = await startMemcached({ threads: 1 });
  t.after(() => server.stop());
  const proxy = await startChaosProxy({
    to: server,
    seed: Number(process.env[RUN_SEED] ?? 1),
    record: true,
  });
  t.after(() => proxy.stop());
  const client = clientOf(t, proxy.address, options);
  await client.set(SENTINEL, 'here', PATIENT);
  return { server, proxy, client };
}

/** Milliseconds after which a client whose connections are cut all the time dials again. */
export const UNDAUNTED: LabOptions = {
  reconnect: { minMs: 1, maxMs: 1 },
  retry: { attempts: 5, delayMs: 4, budget: 1 },
};

/** The client answers as it should, before long. */
export async function wellAgain(client: FleetClient): Promise<void> {
  const giveUp = performance.now() + 10_000;
  for (;;) {
    const value = await client.get(SENTINEL, PATIENT).catch((error: unknown) => error);
    if (value === 'here') return;
    assert.ok(value instanceof Error && performance.now() < giveUp, `answered ${String(value)}`);
  }
}
