import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CASES } from '../../bench/faults/cases/catalogue.ts';
import type { FaultCase } from '../../bench/faults/fault-case.ts';
import type { Outcome } from '../../bench/faults/outcome.ts';
import type { Cache } from '../../bench/faults/load/asks.ts';
import { HeldUp } from '../../bench/faults/load/held-up.ts';
import { recovery } from '../../bench/faults/recovery.ts';
import { runCase } from '../../bench/faults/run-case.ts';
import { type FleetClient, MemcacheError } from '../../src/index.ts';

const PROGRAM = new URL('../../bench/faults/run.js', import.meta.url).pathname;

/** A fault that is short, and during which every call is answered. */
function harmless(ask: string): FaultCase {
  const found = CASES.find(({ name }) =>
    name.endsWith(`SIGSTOP for less than a call may take; ${ask}; one`),
  );
  assert.ok(found);
  return found;
}

/** The client, but for the verbs that are given. */
function but(client: FleetClient, verbs: Partial<FleetClient>): FleetClient {
  return new Proxy(client, {
    get(target, name) {
      const own: unknown = Reflect.get(verbs, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** What the program makes of a client whose every hundredth get is answered so. */
async function judged(
  answer: (client: FleetClient, key: string) => Promise<unknown>,
): Promise<Outcome> {
  let calls = 0;
  return runCase(harmless('get'), {
    seed: 1,
    instead: (client) =>
      but(client, {
        get: (async (key: string) =>
          ++calls % 100 === 0 ? answer(client, key) : client.get(key)) as FleetClient['get'],
      }),
  });
}

test('every case has a name of its own, and there are more than two hundred', () => {
  const names = new Set(CASES.map(({ name }) => name));
  assert.equal(names.size, CASES.length);
  assert.ok(names.size >= 200);
});

test('a client that is well passes', async () => {
  const outcome = await runCase(harmless('get'), { seed: 1 });
  assert.deepEqual(outcome.broken, []);
  assert.ok(outcome.operations > 0);
  assert.ok(outcome.findings.right > 0);
});

test("another key's value is told", async () => {
  const outcome = await judged((client, key) => client.get(key === 'case:1' ? 'case:2' : 'case:1'));
  assert.ok(outcome.findings.wrong > 0);
  assert.match(outcome.broken.join(), /wrong values/);
});

test('a value that was cut off is told', async () => {
  const outcome = await judged(async (client, key) =>
    (await client.get<string>(key))?.slice(0, -1),
  );
  assert.match(outcome.broken.join(), /wrong values/);
});

test('an answer that never comes is told', async () => {
  const outcome = await judged(() => new Promise(() => {}));
  assert.ok(outcome.unanswered > 0);
  assert.match(outcome.broken.join(), /calls unanswered/);
});

test('an answer that comes long after its deadline is told', async () => {
  const outcome = await judged((client, key) => pause(2000).then(() => client.get(key)));
  assert.match(outcome.broken.join(), /calls unanswered/);
  assert.ok(outcome.worst > 3);
});

test('a miss for what is stored is told', async () => {
  const outcome = await judged(async () => undefined);
  assert.match(outcome.broken.join(), /misses for what is stored/);
});

test('an old value is told', async () => {
  const outcome = await runCase(harmless('large'), {
    seed: 1,
    instead: (client) => but(client, { set: (async () => true) as FleetClient['set'] }),
  });
  assert.match(outcome.broken.join(), /old values/);
});

test('an error of another kind is told, one of memvolley only counted', async () => {
  const other = await judged(() => Promise.reject(new TypeError('no error of a client')));
  assert.match(other.broken.join(), /errors of another kind/);
  const own = await judged(() =>
    Promise.reject(new MemcacheError('ERR_MEMCACHE_SERVER', 'as it may be')),
  );
  assert.deepEqual(own.broken, []);
  assert.ok(own.errors['SERVER'] > 0);
});

test('sockets that stay open are told', async (t) => {
  const listener = createServer().listen(0, '127.0.0.1');
  t.after(() => listener.close());
  await once(listener, 'listening');
  const outcome = await runCase(harmless('get'), {
    seed: 1,
    instead: (client) => {
      const left = connect((listener.address() as AddressInfo).port, '127.0.0.1');
      t.after(() => left.destroy());
      return client;
    },
  });
  // Both its ends are in this process.
  assert.equal(outcome.socketsLeft, 2);
  assert.match(outcome.broken.join(), /2 sockets left/);
});

/** Answers as it should once that many calls have failed. */
function failing(calls: number): Cache {
  const values = new Map<string, string>();
  const fail = async (): Promise<void> => {
    if (calls-- > 0) throw new Error('not yet');
  };
  return {
    get: (key) => fail().then(() => values.get(key)),
    set: (key, value) => fail().then(() => values.set(key, value)),
  };
}

test('a client that does not recover is told, but not where nobody would have got an answer', async () => {
  const patienceMs = 100;
  const hopeless = failing(Infinity);
  const since = performance.now();
  assert.equal(await recovery(hopeless, since, { control: failing(0), patienceMs }), undefined);
  assert.equal(await recovery(hopeless, since, { patienceMs }), undefined);
  const late = await recovery(failing(400), since, { control: failing(Infinity), patienceMs });
  assert.ok(late !== undefined && late > patienceMs);
});

test('what the process was held up is known', async () => {
  const heldUp = new HeldUp();
  await pause(60);
  const end = performance.now() + 300;
  while (performance.now() < end);
  await pause(60);
  heldUp.stop();
  assert.ok(heldUp.worstMs >= 200, `${heldUp.worstMs}`);
  assert.ok(heldUp.totalMs >= heldUp.worstMs);
});

test('the program ends well where nothing is broken, and shows the totals', () => {
  const { status, stdout, stderr } = run('--only', 'every 7 bytes by themselves, answers; meta');
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(
    stdout,
    /faults tried 1, operations under fault [\d,]+, wrong values 0, unanswered 0, unhandled 0/,
  );
  assert.match(stdout, /worst time to answer [\d.]+ x the deadline; time to recover \d+ ms/);
});

test('the program refuses what it cannot do', () => {
  const { status, stderr } = run('--only', 'no such fault');
  assert.equal(status, 1);
  assert.match(stderr, /no case has no such fault in its name/);
});

function run(
  ...flags: string[]
): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } {
  return spawnSync(process.execPath, [PROGRAM, ...flags], { encoding: 'utf8' });
}
