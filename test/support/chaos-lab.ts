import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FleetClient } from '../../src/index.ts';
import {
  type ChaosConnection,
  type ChaosProxy,
  type ChaosProxyOptions,
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

/** A way to a server that does what a test says, until that is over. Chance follows the run. */
export async function chaosProxy(
  t: Pick<TestContext, 'after'>,
  to: ChaosProxyOptions['to'],
  options: Omit<ChaosProxyOptions, 'to'> = {},
): Promise<ChaosProxy> {
  const seed = Number(process.env[RUN_SEED] ?? 1);
  const proxy = await startChaosProxy({ to, seed, ...options });
  t.after(() => proxy.stop());
  return proxy;
}

const sentOn = ({ recorded }: ChaosConnection): string => recorded.toServer.toString('latin1');

/** Tells what clients have sent since, connection by connection, one character a byte. The proxy has to record. */
export function sentFromNow({ connections }: ChaosProxy): () => string {
  const before = connections.map((connection) => sentOn(connection).length);
  return () =>
    connections.map((connection, i) => sentOn(connection).slice(before[i] ?? 0)).join('');
}

/** A real server, a way to it that does what a test says, and a client that goes that way. Chance follows the run. */
export async function chaosLab(t: TestContext, options: LabOptions = {}): Promise<ChaosLab> {
  const server = await startMemcached({ threads: 1 });
  t.after(() => server.stop());
  const proxy = await chaosProxy(t, server, { record: true });
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
