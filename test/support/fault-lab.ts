import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  type FleetClient,
  type MemcacheClient,
  MemcacheError,
  type MemcacheErrorCode,
  type Sent,
} from '../../src/index.ts';
import { ScriptedServer } from './scripted-server.ts';

/** Long enough that no test meets it by accident. */
const PATIENT_MS = 10_000;
/** For calls that are to be answered, whatever the client's own patience. */
export const PATIENT: CallOptions = { timeoutMs: PATIENT_MS };

export type LabOptions = Partial<ClientOptions>;

/** A client whose end is taken care of. Values stay on this thread unless a test says otherwise. */
export function clientOf(t: TestContext, servers: string, options: LabOptions = {}): FleetClient {
  const client = createClient({ offload: 'never', timeoutMs: PATIENT_MS, servers, ...options });
  t.after(() => client.close({ timeoutMs: 0 }));
  return client;
}

/** A server and a client of it. */
export async function lab(
  t: TestContext,
  options: LabOptions = {},
): Promise<{ server: ScriptedServer; client: FleetClient }> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  return { server, client: clientOf(t, server.address, options) };
}

/** What a call was rejected with; fails when it was answered. */
export async function rejection(call: Promise<unknown>): Promise<MemcacheError> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    assert.ok(error instanceof MemcacheError, `not one of ours: ${String(error)}`);
    return error;
  }
  throw new assert.AssertionError({ message: `answered with ${String(value)}` });
}

export async function rejects(
  call: Promise<unknown>,
  code: MemcacheErrorCode,
  sent?: Sent,
): Promise<MemcacheError> {
  const error = await rejection(call);
  assert.equal(error.code, code, error.message);
  if (sent !== undefined) assert.equal(error.sent, sent, `${error.code}: sent`);
  return error;
}

/** Waits for something that is to happen soon. */
export async function until(happened: () => boolean): Promise<void> {
  const giveUp = performance.now() + PATIENT_MS;
  while (!happened()) {
    assert.ok(performance.now() < giveUp, `did not happen: ${String(happened)}`);
    await sleep(1);
  }
}

/** More than the kernel keeps for a peer that does not read, and the options with which it can be sent. */
export const stuffing = (): Buffer => Buffer.alloc(STUFFING_BYTES, 'x');
const STUFFING_BYTES = 48 * 2 ** 20;
export const STUFFABLE: LabOptions = {
  compressor: 'none',
  bulkBytes: 2 ** 30,
  maxValueBytes: STUFFING_BYTES,
  maxQueued: { operations: 100_000, bytes: 2 ** 30 },
  stallTimeoutMs: 30_000,
};

/** A value of its own for each key, that is taken for no other. */
export const valueOf = (key: string): string => `value of ${key}`;

/** The reply of one item of text, without END. */
export const hit = (key: string, value: string = valueOf(key)): string =>
  `VALUE ${key} 16 ${Buffer.byteLength(value)}\r\n${value}\r\n`;

/** The client is in step with the server: each of these gets what belongs to it. */
export async function assertInStep(client: MemcacheClient): Promise<void> {
  const keys = ['step:1', 'step:2', 'step:3'];
  await Promise.all(keys.map((key) => client.set(key, valueOf(key), PATIENT)));
  const values = await Promise.all(keys.map((key) => client.get(key, PATIENT)));
  assert.deepEqual(values, keys.map(valueOf));
  assert.equal(await client.get('step:none', PATIENT), undefined);
}

/** Holds the event loop of this thread. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
