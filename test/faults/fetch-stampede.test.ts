// Several processes and one key that they all want: one of them loads, however many callers there are, and if it dies
// another one does.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
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
  readonly reports: Report[] = [];
  readonly child: ChildProcess;

  constructor(t: TestContext, task: Task) {
    this.child = spawn(process.execPath, [PROGRAM, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => this.child.kill('SIGKILL'));
    const { stdout } = this.child;
    assert.ok(stdout !== null);
    createInterface({ input: stdout }).on('line', (line) => {
      this.reports.push(JSON.parse(line) as Report);
    });
  }

  say(word: 'go' | 'stop'): void {
    this.child.stdin?.write(`${word}\n`);
  }

  times(event: 'ready' | 'loading' | 'loaded'): number[] {
    return this.reports.flatMap((report) => (report.event === event ? [report.at] : []));
  }

  get seen(): Seen | undefined {
    return this.reports.find((report) => report.event === 'seen');
  }
}

interface Stampede {
  readonly server: RunningMemcached;
  readonly processes: readonly Process[];
  /** When loads began, in all processes. */
  loading(): number[];
  loaded(): number[];
  /** What all saw who are left. */
  results(): Promise<readonly Seen[]>;
}

async function stampede(t: TestContext, task: Omit<Task, 'servers'>): Promise<Stampede> {
  const server = await startMemcached();
  t.after(() => server.stop());
  const processes = Array.from(
    { length: PROCESSES },
    () => new Process(t, { ...task, servers: server.address }),
  );
  await patiently(() => processes.every((each) => each.times('ready').length > 0));
  const times = (event: 'loading' | 'loaded'): number[] =>
    processes.flatMap((each) => each.times(event)).toSorted((a, b) => a - b);
  return {
    server,
    processes,
    loading: () => times('loading'),
    loaded: () => times('loaded'),
    async results() {
      const left = processes.filter(({ child }) => child.signalCode === null);
      await patiently(() => left.every(({ seen }) => seen !== undefined));
      return left.flatMap(({ seen }) => seen ?? []);
    },
  };
}

/** `until`, for processes on a machine that has other things to do. */
async function patiently(happened: () => boolean): Promise<void> {
  const giveUp = performance.now() + 60_000;
  while (!happened()) {
    assert.ok(performance.now() < giveUp, `did not happen: ${String(happened)}`);
    await sleep(5);
  }
}

const go = ({ processes }: Stampede): void => {
  for (const each of processes) each.say('go');
};

/** Nobody has seen an error; says how long they waited. */
function assertServed(t: TestContext, results: readonly Seen[], boundMs: number): void {
  for (const { errors } of results) assert.deepEqual(errors, []);
  const longest = Math.max(...results.map((seen) => seen.longest));
  const medians = results.map(({ median }) => `${median.toFixed(1)} ms`).join(', ');
  const answers = results.reduce((sum, seen) => sum + seen.answers, 0);
  t.diagnostic(`${answers} answers; longest wait ${longest.toFixed(0)} ms, medians ${medians}`);
  assert.ok(longest < boundMs, `somebody waited ${longest.toFixed(0)} ms`);
}

async function store({ server }: Stampede, key: string, ttl: number): Promise<void> {
  await using client = createClient(server.address);
  await client.set(key, 'old', { ttl });
}

/** The process that loads now. */
async function winnerOf({ processes }: Stampede): Promise<Process> {
  const loads = (each: Process): boolean => each.times('loading').length > 0;
  await until(() => processes.some(loads));
  const winner = processes.find(loads);
  assert.ok(winner !== undefined);
  return winner;
}

describe(`${PROCESSES} processes with ${CALLERS} callers each`, () => {
  for (const lease of ['auto', 'add'] as const) {
    test(`a key that is missing is loaded once (lease '${lease}')`, async (t) => {
      const options = { ttl: 60, lock: 30, lease };
      const all = await stampede(t, { key: 'cold', options, callers: CALLERS, loadMs: LOAD_MS });
      go(all);
      const results = await all.results();
      assert.equal(all.loading().length, 1);
      assert.equal(new Set(results.flatMap(({ values }) => values)).size, 1);
      assertServed(t, results, LOAD_MS + BOUND_MS);
    });

    test(`a winner that is killed costs one more load, when its lease ends (lease '${lease}')`, async (t) => {
      const options = { ttl: 60, lock: 2, waitMs: 30_000, lease };
      const all = await stampede(t, { key: 'killed', options, callers: CALLERS, loadMs: LOAD_MS });
      go(all);
      const winner = await winnerOf(all);
      winner.child.kill('SIGKILL');
      await until(() => winner.child.signalCode !== null);
      const results = await all.results();
      assert.equal(results.length, PROCESSES - 1);
      assert.equal(all.loading().length, 2);
      assert.equal(new Set(results.flatMap(({ values }) => values)).size, 1);
      assertServed(t, results, 2000 + LOAD_MS + BOUND_MS);
    });
  }

  test('a hot key is loaded once whenever it expires', async (t) => {
    const options = { ttl: 2, lock: 30 };
    const task = { key: 'expiring', options, callers: CALLERS, loadMs: LOAD_MS, again: 100 };
    const all = await stampede(t, task);
    go(all);
    await patiently(() => all.loaded().length >= 4);
    for (const each of all.processes) each.say('stop');
    const results = await all.results();
    assertOnce(all);
    assertServed(t, results, LOAD_MS + BOUND_MS);
  });

  test('a hot key that is renewed in time makes nobody but the winner wait', async (t) => {
    const options = { ttl: 2, staleFor: 30, lock: 30 };
    const task = { key: 'renewed', options, callers: CALLERS, loadMs: 1000, again: 100 };
    const all = await stampede(t, task);
    await store(all, 'renewed', 31);
    go(all);
    await patiently(() => all.loaded().length >= 3);
    for (const each of all.processes) each.say('stop');
    const results = await all.results();
    assertOnce(all);
    assertServed(t, results, 1000 + BOUND_MS);
    // As many have waited for a load as there were loads.
    for (const { median } of results) assert.ok(median < 1000);
  });

  test('a winner of an old value that is killed is replaced by one other', async (t) => {
    const options = { ttl: 60, staleFor: 30, lock: 2 };
    const task = { key: 'old', options, callers: CALLERS, loadMs: LOAD_MS, again: 100 };
    const all = await stampede(t, task);
    await store(all, 'old', 25);
    go(all);
    const winner = await winnerOf(all);
    winner.child.kill('SIGKILL');
    const killed = performance.timeOrigin + performance.now();
    await patiently(() => all.loaded().length === 1);
    await sleep(500);
    for (const each of all.processes) if (each !== winner) each.say('stop');
    const results = await all.results();
    const [, second, ...more] = all.loading();
    assert.equal(more.length, 0);
    t.diagnostic(`another began ${(second - killed).toFixed(0)} ms after the winner was killed`);
    assert.ok(second - killed > 1500, 'not before the winner had its time');
    assert.deepEqual(new Set(results.flatMap(({ values }) => values)).size, 2, 'the old, the new');
    assertServed(t, results, LOAD_MS + BOUND_MS);
  });
});

/** No load began before the value of the last one could have expired: a ttl of 2 seconds lasts one at least. */
function assertOnce(all: Stampede): void {
  const began = all.loading();
  const ended = all.loaded();
  ended.slice(0, -1).forEach((end, i) => {
    const pause = began[i + 1] - end;
    assert.ok(pause > 900, `load ${i + 2} began ${pause.toFixed(0)} ms after load ${i + 1} ended`);
  });
}
