import { isMainThread } from 'node:worker_threads';

/** What to do instead of working, in a worker; the main thread always works. */
export interface Moody {
  mood?: 'slow' | 'exit' | 'hang' | 'memory' | 'throw' | 'reject' | 'unclonable';
  text: string;
}

const SLOW_MS = 100;

function act(mood: string | undefined): void {
  if (isMainThread) return;
  if (mood === 'exit') process.exit(3);
  if (mood === 'throw') throw new Error('canary');
  if (mood === 'reject') void Promise.reject(new Error('canary'));
  const end = performance.now() + SLOW_MS;
  while (mood === 'hang' || (mood === 'slow' && performance.now() < end));
  const kept: object[] = [];
  while (mood === 'memory') kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
}

export function encode(value: unknown): { bytes: Uint8Array; flags: number } {
  act((value as Moody).mood);
  return { bytes: Buffer.from(JSON.stringify(value)), flags: isMainThread ? 1 : 2 };
}

export function decode(bytes: Uint8Array): unknown {
  const value = JSON.parse(Buffer.from(bytes).toString()) as Moody;
  act(value.mood);
  return value.mood === 'unclonable' && !isMainThread ? () => value : value;
}
