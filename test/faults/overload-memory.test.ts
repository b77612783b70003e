// Far more calls than a server that never answers can take, in a process with little memory.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ScriptedServer, silence } from '../support/scripted-server.ts';
import type { QueueReport, QueueTask } from './programs/queues.ts';

const CALLS = 100_000;
/** What the client lets begin where it makes calls wait: one takes 0.7 KB, a store twice that beside its value. */
const PATIENT = 25_000;
/** What it lets begin otherwise: `maxQueued`, and those who share a volley that is being collected. */
const IMPATIENT = 12_000;
const program = fileURLToPath(new URL('./programs/queues.js', import.meta.url));

/** Runs the program; rejects if it does not end with 0, which it does not after an unhandled rejection either. */
async function queue(heapMb: number, task: QueueTask): Promise<QueueReport> {
  const flags = [`--max-old-space-size=${heapMb}`, '--unhandled-rejections=strict'];
  const args = [...flags, program, JSON.stringify(task)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as QueueReport;
}

/** How many calls ended in a way that begins so. */
const callsOf = ({ outcomes }: QueueReport, begins = ''): number =>
  Object.entries(outcomes)
    .filter(([outcome]) => outcome.startsWith(begins))
    .reduce((all, [, calls]) => all + calls, 0);

/** All are settled, by errors, and those who were turned away had sent nothing. At most so many were taken on. */
function assertSettled(report: QueueReport, most: number): void {
  const told = JSON.stringify(report);
  const overloaded = callsOf(report, 'ERR_MEMCACHE_OVERLOADED');
  assert.equal(callsOf(report), CALLS, told);
  assert.equal(callsOf(report, 'answered'), 0, told);
  assert.equal(callsOf(report, 'ERR_MEMCACHE_OVERLOADED no'), overloaded, told);
  assert.equal(report.shed, overloaded, told);
  assert.ok(CALLS - overloaded <= most, told);
  assert.equal(report.pending, 0, told);
  assert.ok(report.settledMs < 30_000, told);
}

async function silentServer(t: TestContext): Promise<string> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  server.script = silence;
  return server.address;
}

for (const whenFull of ['reject', 'wait', 'shed-oldest'] as const) {
  for (const valueBytes of [0, 500]) {
    const what = valueBytes === 0 ? 'gets' : `stores of ${valueBytes} bytes`;
    test(`100 000 ${what} on a server that never answers, with ${whenFull}: all settle within 64 MB of heap`, async (t) => {
      const servers = await silentServer(t);
      const waits = whenFull === 'wait';
      const limits = waits ? { maxPending: PATIENT } : {};
      const report = await queue(64, { servers, whenFull, calls: CALLS, valueBytes, ...limits });
      assertSettled(report, waits ? PATIENT : IMPATIENT);
    });
  }
}

test('100 000 stores that all wait, by the default limits: all settle within 256 MB of heap', async (t) => {
  const servers = await silentServer(t);
  const task = { servers, whenFull: 'wait', calls: CALLS, valueBytes: 500 } as const;
  const report = await queue(256, task);
  assertSettled(report, CALLS);
  assert.equal(callsOf(report, 'ERR_MEMCACHE_OVERLOADED'), 0, JSON.stringify(report));
});
