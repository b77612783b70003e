import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { FleetClient, MemcacheErrorCode } from '../../src/index.ts';
import { rejection } from './fault-lab.ts';

/** Stands in keys and values that are refused: it must turn up nowhere. */
export const CANARY = 'canary7f3a';

export type Issue = (client: FleetClient) => Promise<unknown>;
/** What is tried, the code it is refused with, and what the message must name. */
export type Refusal = readonly [what: string, issue: Issue, code: MemcacheErrorCode, names: RegExp];

/** As a caller without types would. */
export const any = (value: unknown): never => value as never;

/** Nothing is shown of what was given: not in the message, the stack, nor when the error is printed. */
export function assertDiscreet(error: Error): void {
  for (const text of [error.message, String(error.stack), inspect(error), JSON.stringify(error)])
    assert.ok(!text.includes(CANARY), text);
}

/** It is rejected, not thrown, as a fault of the caller, and not a byte was sent. */
export async function assertRefused(
  issue: Issue,
  code: MemcacheErrorCode,
  names: RegExp,
  client: FleetClient,
): Promise<void> {
  let call: Promise<unknown>;
  try {
    call = issue(client);
  } catch (error) {
    assert.fail(`thrown, not rejected: ${String(error)}`);
  }
  const error = await rejection(call);
  assert.equal(error.code, code, error.message);
  assert.equal(error.sent, 'no');
  assert.equal(error.retryable, false);
  assert.match(error.message, names);
  assertDiscreet(error);
}
