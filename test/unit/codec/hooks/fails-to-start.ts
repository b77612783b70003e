import { isMainThread } from 'node:worker_threads';

if (!isMainThread) throw new Error('canary');

export const encode = (value: unknown): { bytes: Uint8Array; flags: number } => ({
  bytes: Buffer.from(String(value)),
  flags: 5,
});
export const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
