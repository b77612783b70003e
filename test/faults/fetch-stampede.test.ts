// Several processes and one key that they all want: one of them loads, however many callers there are, and if it dies
// another one does.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { until } from '../support/fault-lab.ts';
import type { Report, Seen, Task } from './programs/fetches.ts';

const PROGRAM = fileURLToPath(new URL('./programs/fetches.js', import.meta.url));
const PROCESSES = 4;
const CALLERS = 500;
const LOAD_MS = 400;
/** Nobody waits for longer than a load, a pause and what a busy machine takes; much less than a lease lasts. */
const BOUND_MS = 4000;

/** A process that shares the cache. */
class Process {
  readonly child: ChildProcess;
  #reports: Report[] = [];

  constructor(servers: string) {
    this.child = spawn(process.execPath, [PROGRAM, servers], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout } = this.child;
    assert.ok(stdout !== null);
    createInterface({ input: stdout }).on('line', (line) => {
      this.#reports.push(JSON.parse(line) as Report);
    });
  }

  begin(task: Task): void {
    this.#reports = [];
    this.child.stdin?.write(`${JSON.stringify(task)}\n`);
  }

  stop(): void {
    this.child.stdin?.write('stop\n');
  }

  times(event: 'ready' | 'loading' | 'loaded'): number[] {
    return this.#reports.flatMap((report) => (report.event === event ? [report.at] : []));
  }

  get seen(): Seen | undefined {
    return this.#reports.find((report) => report.event === 'seen');
  }
}

let server: RunningMemcached;
/** From test to test, each of which has a key of its own. Who is killed is replaced. */
let processes: readonly Process[] = [];
const left = (): readonly Process[] => processes.filter(({ child }) => !child.killed);

before(async () => {
  server = await startMemcached();
});
beforeEach(async () => {
  const old = left();
  const more = Array.from({ length: PROCESSES - old.length }, () => new Process(server.address));
  processes = [...old, ...more];
  await patiently(() => more.every((each) => each.times('ready').length > 0));
});
afterEach(() => {
  // Who is not done, because a test failed, would be in the way of the next one.
  for (const { seen, child } of left()) if (seen === undefined) child.kill('SIGKILL');
});
after(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await server.stop();
});

/** When loads began or ended, in all processes. */
const times = (event: 'loading' | 'loaded'): number[] =>
  processes.flatMap((each) => each.times(event)).toSorted((a, b) => a - b);

/** What all saw who are left. */
async function results(): Promise<readonly Seen[]> {
  await patiently(() => left().every(({ seen }) => seen !== undefined));
  return left().flatMap(({ seen }) => seen ?? []);
}

/** `until`, for processes on a machine that has other things to do. */
async function patiently(happened: () => boolean): Promise<void> {
  const giveUp = performance.now() + 60_000;
  while (!happened()) {
    assert.ok(performance.now() < giveUp, `did not happen: ${String(happened)}`);
    await sleep(5);
  }
}

function begin(task: Task): void {
  for (const each of left()) each.begin(task);
}

function stop(): void {
  for (const each of left()) each.stop();
}

/** Nobody has seen an error; says how long they waited. */
function assertServed(t: TestContext, all: readonly Seen[], boundMs: number): void {
  for (const { errors } of all) assert.deepEqual(errors, []);
  const longest = Math.max(...all.map((seen) => seen.longest));
  const medians = all.map(({ median }) => `${median.toFixed(1)} ms`).join(', ');
  const answers = all.reduce((sum, seen) => sum + seen.answers, 0);
  t.diagnostic(`${answers} answers; longest wait ${longest.toFixed(0)} ms, medians ${medians}`);
  assert.ok(longest < boundMs, `somebody waited ${longest.toFixed(0)} ms`);
}

async function store(key: string, ttl: number): Promise<void> {
  await using client = createClient(server.address);
  await client.set(key, 'old', { ttl });
}

/** Kills the process that loads. */
async function killWinner(): Promise<void> {
  const loads = (each: Process): boolean => each.times('loading').length > 0;
  await until(() => processes.some(loads));
  const winner = processes.find(loads);
  assert.ok(winner !== undefined);
  winner.child.kill('SIGKILL');
  await until(() => winner.child.signalCode !== null);
}

describe(`${PROCESSES} processes with ${CALLERS} callers each`, () => {
  for (const lease of ['auto', 'add'] as const) {
    test(`a key that is missing is loaded once (lease '${lease}')`, async (t) => {
      const options = { ttl: 60, lock: 30, lease };
      begin({ key: `cold:${lease}`, options, callers: CALLERS, loadMs: LOAD_MS });
      const seen = await results();
      assert.equal(times('loading').length, 1);
      assert.equal(new Set(seen.flatMap(({ values }) => values)).size, 1);
      assertServed(t, seen, LOAD_MS + BOUND_MS);
    });

    test(`a winner that is killed costs one more load, when its lease ends (lease '${lease}')`, async (t) => {
      const options = { ttl: 60, lock: 2, waitMs: 30_000, lease };
      begin({ key: `killed:${lease}`, options, callers: CALLERS, loadMs: LOAD_MS });
      await killWinner();
      const seen = await results();
      assert.equal(seen.length, PROCESSES - 1);
      assert.equal(times('loading').length, 2);
      assert.equal(new Set(seen.flatMap(({ values }) => values)).size, 1);
      assertServed(t, seen, 2000 + LOAD_MS + BOUND_MS);
    });
  }

  test('a hot key is loaded once whenever it expires', async (t) => {
    const options = { ttl: 2, lock: 30 };
    begin({ key: 'expiring', options, callers: CALLERS, loadMs: LOAD_MS, again: 100 });
    await patiently(() => times('loaded').length >= 4);
    stop();
    const seen = await results();
    assertOnce();
    assertServed(t, seen, LOAD_MS + BOUND_MS);
  });

  test('a hot key that is renewed in time makes nobody but the winner wait', async (t) => {
    const options = { ttl: 2, staleFor: 30, lock: 30 };
    await store('renewed', 31);
    begin({ key: 'renewed', options, callers: CALLERS, loadMs: 1000, again: 100 });
    await patiently(() => times('loaded').length >= 3);
    stop();
    const seen = await results();
    assertOnce();
    assertServed(t, seen, 1000 + BOUND_MS);
    // As many have waited for a load as there were loads.
    for (const { median } of seen) assert.ok(median < 1000);
  });

  test('a winner of an old value that is killed is replaced by one other', async (t) => {
    const options = { ttl: 60, staleFor: 30, lock: 2 };
    await store('old', 25);
    begin({ key: 'old', options, callers: CALLERS, loadMs: LOAD_MS, again: 100 });
    await killWinner();
    const killed = performance.timeOrigin + performance.now();
    await patiently(() => times('loaded').length === 1);
    await sleep(500);
    stop();
    const seen = await results();
    const [, second, ...more] = times('loading');
    assert.equal(more.length, 0);
    t.diagnostic(`another began ${(second - killed).toFixed(0)} ms after the winner was killed`);
    assert.ok(second - killed > 1500, 'not before the winner had its time');
    assert.deepEqual(new Set(seen.flatMap(({ values }) => values)).size, 2, 'the old, the new');
    assertServed(t, seen, LOAD_MS + BOUND_MS);
  });
});

/** No load began before the value of the last one could have expired: a ttl of 2 seconds lasts one at least. */
function assertOnce(): void {
  const began = times('loading');
  const ended = times('loaded');
  ended.slice(0, -1).forEach((end, i) => {
    const pause = began[i + 1] - end;
    assert.ok(pause > 900, `load ${i + 2} began ${pause.toFixed(0)} ms after load ${i + 1} ended`);
  });
}
