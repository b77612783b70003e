/*
 * Run as a process of its own: one of several that share a cache. Its argument says what it fetches. Told `go`, it does
 * so with all its callers; with `again`, as often as it can until it is told `stop`. It prints a line of JSON for every
 * load that begins or ends, and one with what its callers saw.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FetchOptions } from '../../../src/index.ts';

export interface Task {
  readonly servers: string;
  readonly key: string;
  readonly options: FetchOptions;
  readonly callers: number;
  readonly loadMs: number;
  /** Milliseconds between one time and the next, if they do it again and again. */
  readonly again?: number;
}

/** What its callers saw. Times in milliseconds. */
export interface Seen {
  readonly event: 'seen';
  readonly answers: number;
  readonly errors: readonly string[];
  readonly values: readonly unknown[];
  readonly longest: number;
  readonly median: number;
}

/** `at` is in milliseconds of the clock that all processes share. */
export type Report = { readonly event: 'ready' | 'loading' | 'loaded'; readonly at: number } | Seen;

const task = JSON.parse(process.argv[2]) as Task;
const client = createClient({ servers: task.servers, timeoutMs: 20_000, connectTimeoutMs: 20_000 });
const waits: number[] = [];
const values = new Set<unknown>();
const errors: string[] = [];
let loads = 0;

const say = (report: Report): void => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
};
const now = (): number => performance.timeOrigin + performance.now();

async function load(): Promise<string> {
  say({ event: 'loading', at: now() });
  await sleep(task.loadMs);
  say({ event: 'loaded', at: now() });
  return `${process.pid}:${++loads}`;
}

async function call(): Promise<void> {
  const began = performance.now();
  try {
    values.add(await client.fetch(task.key, task.options, load));
  } catch (error) {
    errors.push(String(error));
  }
  waits.push(performance.now() - began);
}

const all = (): Promise<unknown> => Promise.all(Array.from({ length: task.callers }, call));

await client.connect();
const input = createInterface({ input: process.stdin });
say({ event: 'ready', at: now() });
await once(input, 'line');
let stopped = false;
input.once('line', () => {
  stopped = true;
});
const rounds: Promise<unknown>[] = [all()];
while (task.again !== undefined && !stopped) {
  await sleep(task.again);
  // Who still waits does not keep the others from asking.
  rounds.push(all());
}
await Promise.all(rounds);
waits.sort((a, b) => a - b);
say({
  event: 'seen',
  answers: waits.length,
  errors: [...new Set(errors)],
  values: [...values],
  longest: waits.at(-1) ?? 0,
  median: waits[waits.length >> 1] ?? 0,
});
input.close();
await client.close();
