/*
 * Run as a process of its own: one of several that share a cache, its argument. Each line it is told is a task, which all
 * its callers fetch; with `again`, as often as they can until it is told `stop`. It prints a line of JSON for every load
 * that begins or ends, and one with what its callers saw.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FetchOptions } from '../../../src/index.ts';

export interface Task {
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

const servers = process.argv[2];
const client = createClient({ servers, timeoutMs: 20_000, connectTimeoutMs: 20_000 });
let loads = 0;
let stopped = false;

const say = (report: Report): void => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
};
const now = (): number => performance.timeOrigin + performance.now();

async function load(ms: number): Promise<string> {
  say({ event: 'loading', at: now() });
  await sleep(ms);
  say({ event: 'loaded', at: now() });
  return `${process.pid}:${++loads}`;
}

async function fetchAll({ key, options, callers, loadMs, again }: Task): Promise<void> {
  const waits: number[] = [];
  const values = new Set<unknown>();
  const errors = new Set<string>();
  const call = async (): Promise<void> => {
    const began = performance.now();
    try {
      values.add(await client.fetch(key, options, () => load(loadMs)));
    } catch (error) {
      errors.add(String(error));
    }
    waits.push(performance.now() - began);
  };
  const all = (): Promise<unknown> => Promise.all(Array.from({ length: callers }, call));

  stopped = false;
  const rounds: Promise<unknown>[] = [all()];
  while (again !== undefined && !stopped) {
    await sleep(again);
    // Who still waits does not keep the others from asking.
    rounds.push(all());
  }
  await Promise.all(rounds);
  waits.sort((a, b) => a - b);
  say({
    event: 'seen',
    answers: waits.length,
    errors: [...errors],
    values: [...values],
    longest: waits.at(-1) ?? 0,
    median: waits[waits.length >> 1] ?? 0,
  });
}

await client.connect();
say({ event: 'ready', at: now() });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') stopped = true;
  else void fetchAll(JSON.parse(line) as Task);
}
await client.close();
