import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { PatientTimer } from '../../../src/primitives/patient-timer.ts';
import { block, until } from '../../support/fault-lab.ts';
import { socketPair } from '../../support/socket-pair.ts';

test('it runs out after its time, once, and says when it looked', async () => {
  const began = performance.now();
  const times: number[] = [];
  const timer = new PatientTimer(100, (lookedAt) => times.push(lookedAt));
  await until(() => times.length > 0);
  assert.ok(times[0] - began >= 99, `after ${times[0] - began} ms`);
  assert.ok(times[0] <= performance.now());
  await sleep(30);
  assert.equal(times.length, 1);
  timer.stop();
});

test('stopped it never runs out, not even between its last look and the poll', async () => {
  let expired = false;
  const timer = new PatientTimer(20, () => {
    expired = true;
  });
  timer.stop();
  const last = new PatientTimer(1, () => {
    expired = true;
  });
  // The timer of 1 ms is due in the same phase, after the last look of the one that began before it.
  block(5);
  setTimeout(() => last.stop(), 1);
  block(5);
  await sleep(40);
  assert.equal(expired, false);
});

test('a pause of many times its length leaves most of its time', async () => {
  let expiredAt = 0;
  const timer = new PatientTimer(160, () => {
    expiredAt = performance.now();
  });
  block(800);
  const woken = performance.now();
  await until(() => expiredAt > 0);
  assert.ok(expiredAt - woken >= 130, `${expiredAt - woken} ms after the pause`);
  timer.stop();
});

test('a process that does nothing but pause lets it run out as well', async () => {
  let expired = false;
  let pauses = 0;
  const timer = new PatientTimer(80, () => {
    expired = true;
  });
  while (!expired && pauses < 100) {
    block(30);
    await turn();
    pauses++;
  }
  assert.ok(expired, 'never');
  assert.ok(pauses >= 8 && pauses <= 20, `after ${pauses} pauses`);
  timer.stop();
});

test('what came while the loop was blocked, at its very end, is read before it runs out', async (t) => {
  const [near, far] = await socketPair(t);
  const order: string[] = [];
  const timer = new PatientTimer(1, () => order.push('expired'));
  far.on('data', () => order.push('came'));
  near.write('x');
  block(50);
  await until(() => order.length === 2);
  assert.deepEqual(order, ['came', 'expired']);
  timer.stop();
});

test('it keeps the process unless it is told not to', () => {
  const module = new URL('../../../src/primitives/patient-timer.js', import.meta.url).href;
  const run = (then: string): string => {
    const program = `
      import { PatientTimer } from ${JSON.stringify(module)};
      new PatientTimer(50, () => console.log('ran out'))${then};`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString();
  };
  assert.equal(run(''), 'ran out\n');
  assert.equal(run('.unref()'), '');
});
