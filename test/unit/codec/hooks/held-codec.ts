import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** A value that a worker keeps for as long as there is a file of the name `gate`; the main thread never does. */
export interface Held {
  readonly gate: string;
  readonly text: string;
}

/** The file that says that a worker keeps it. */
export const begunBy = (gate: string): string => `${gate}.begun`;

const never = new Int32Array(new SharedArrayBuffer(4));

function hold(value: unknown): void {
  if (isMainThread || typeof value !== 'object' || value === null) return;
  const { gate } = value as Partial<Held>;
  if (gate === undefined || !existsSync(gate)) return;
  writeFileSync(begunBy(gate), '');
  while (existsSync(gate)) Atomics.wait(never, 0, 0, 1);
}

export function encode(value: unknown): { bytes: Uint8Array; flags: number } {
  hold(value);
  return { bytes: Buffer.from(JSON.stringify(value)), flags: 1 };
}

export function decode(bytes: Uint8Array): unknown {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString());
  hold(value);
  return value;
}
