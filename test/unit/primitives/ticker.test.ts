import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sweeper, TICK_MS, Ticker } from '../../../src/primitives/ticker.ts';

class Chores implements Sweeper {
  left: number;
  readonly times: number[] = [];

  constructor(left: number) {
    this.left = left;
  }

  get busy(): boolean {
    return this.left > 0;
  }

  sweep(now: number): void {
    this.left--;
    this.times.push(now);
  }
}

const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 2000;
  while (!done() && performance.now() < deadline) await sleep(TICK_MS / 2);
  assert.ok(done(), 'it should have come to this within two seconds');
}

test('it sweeps as long as somebody is busy, and then has no timer', async () => {
  const ticker = new Ticker();
  const before = timers();
  const chores = new Chores(3);
  ticker.wake(chores);
  assert.equal(timers(), before + 1);
  await until(() => !chores.busy);
  await until(() => timers() === before);
  assert.equal(chores.times.length, 3);
  const [first, second, third] = chores.times;
  assert.ok(first < second && second < third && third <= performance.now());
});

test('whoever is busy no longer is not asked again until it wakes the ticker', async () => {
  const ticker = new Ticker();
  const short = new Chores(1);
  const long = new Chores(5);
  ticker.wake(short);
  ticker.wake(long);
  await until(() => short.times.length === 1);
  short.left = 2;
  await until(() => !long.busy);
  assert.equal(short.times.length, 1);
  ticker.wake(short);
  await until(() => short.times.length === 3);
});

test('one timer serves everybody, and stop ends it', async () => {
  const ticker = new Ticker();
  const before = timers();
  const many = Array.from({ length: 50 }, () => new Chores(Infinity));
  for (const chores of many) ticker.wake(chores);
  assert.equal(timers(), before + 1);
  await until(() => many.every(({ times }) => times.length > 0));
  ticker.stop();
  assert.equal(timers(), before);
  const swept = many[0].times.length;
  await sleep(TICK_MS * 3);
  assert.ok(many[0].times.length <= swept + 1, 'at most a tick that was under way');
});

test('what arrived while the loop was blocked is read before anything is swept', async (t) => {
  const server = createServer((socket) => void socket.end('answer')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const order: string[] = [];
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const ticker = new Ticker();
  const chores: Sweeper = {
    get busy() {
      return order.length < 2;
    },
    sweep: () => void order.push('sweep'),
  };
  socket.once('data', () => order.push('answer'));
  await once(server, 'connection');
  ticker.wake(chores);
  // The answer is in the kernel, the tick is due: both are waiting when the loop goes on.
  const blockedUntil = performance.now() + TICK_MS * 3;
  while (performance.now() < blockedUntil);
  await until(() => order.length >= 2);
  assert.deepEqual(order.slice(0, 2), ['answer', 'sweep']);
});

test('a ticker keeps the process until nobody is busy', () => {
  const ticker = new URL('../../../src/primitives/ticker.js', import.meta.url).href;
  const program = `
    import { Ticker } from ${JSON.stringify(ticker)};
    const chores = { busy: true, sweep() { console.log('swept'); this.busy = false; } };
    new Ticker().wake(chores);`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program]);
  assert.equal(printed.toString(), 'swept\n');
});
