import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Wait } from '../../../src/connection/connection-host.ts';
import { MemcacheConnectionError, type MemcacheError } from '../../../src/errors.ts';
import {
  Health,
  HEALTH_DEFAULTS,
  type HealthOptions,
  type HealthState,
} from '../../../src/server/health.ts';

const errorOf = (message: string): MemcacheError =>
  new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', message);
const LOST = errorOf('lost');
/** Answers keep coming, only some of them late. */
const LIVELY: Wait = { silentMs: 0, arriving: false };
const SILENT: Wait = { silentMs: Infinity, arriving: false };

/** A server whose health follows a clock of the test. A probe waits for `answerProbe`. */
function healthFor(t: TestContext, options: Partial<HealthOptions> = {}, random = 1) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { now: 1_000_000 };
  const changes: [HealthState, MemcacheError | undefined][] = [];
  const probes: { answer: () => void; fail: (error: MemcacheError) => void }[] = [];
  const health = new Health(
    { ...HEALTH_DEFAULTS, ...options },
    {
      changed: (state, error) => void changes.push([state, error]),
      probe: () =>
        new Promise((answer, refuse) => {
          probes.push({ answer, fail: refuse });
        }),
    },
    { now: () => clock.now, random: () => random },
  );
  const wait = (ms: number): void => {
    clock.now += ms;
    t.mock.timers.tick(ms);
  };
  /** Failures, each `apart` milliseconds after the one before. */
  const fail = (times = 1, apart = 100): void => {
    for (let i = 0; i < times; i++) {
      wait(apart);
      health.failed(LOST);
    }
  };
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const answerProbe = async (): Promise<void> => {
    probes.at(-1)?.answer();
    await settle();
  };
  const failProbe = async (error = LOST): Promise<void> => {
    probes.at(-1)?.fail(error);
    await settle();
  };
  /** Waits for the next probe; how long it took. */
  const pause = (): number => {
    const before = probes.length;
    let waited = 0;
    for (; probes.length === before; waited++) {
      assert.ok(waited < 1_000_000, 'no probe');
      wait(1);
    }
    return waited;
  };
  const states = (): HealthState[] => changes.map(([state]) => state);
  return { health, clock, changes, states, probes, wait, fail, pause, answerProbe, failProbe };
}

test('it starts up, and its first failure makes it a suspect that keeps its keys', (t) => {
  const { health, changes, fail } = healthFor(t);
  assert.deepEqual([health.state, health.out, health.lastError], ['up', false, undefined]);
  fail();
  assert.deepEqual([health.state, health.out, health.lastError], ['suspect', false, LOST]);
  assert.deepEqual(changes, [['suspect', LOST]]);
});

test('after retryAttempts further failures in a row it is down', (t) => {
  for (const retryAttempts of [1, 2, 5]) {
    const { health, states, fail } = healthFor(t, { retryAttempts });
    fail(retryAttempts);
    assert.equal(health.state, 'suspect');
    fail();
    assert.deepEqual([health.state, health.out], ['down', true]);
    assert.deepEqual(states(), ['suspect', 'down']);
    t.mock.timers.reset();
  }
});

test('without attempts the first failure takes it out', (t) => {
  const { health, states, fail } = healthFor(t, { retryAttempts: 0 });
  fail();
  assert.equal(health.state, 'down');
  assert.deepEqual(states(), ['down']);
});

test('failures within retryTimeoutMs are one', (t) => {
  const { health, wait } = healthFor(t, { retryTimeoutMs: 50 });
  for (let i = 0; i < 1000; i++) health.failed(LOST);
  wait(49);
  health.failed(LOST);
  assert.equal(health.state, 'suspect');
  wait(1);
  health.failed(LOST);
  assert.equal(health.state, 'suspect', 'the second one');
  wait(50);
  health.failed(LOST);
  assert.equal(health.state, 'down', 'the third one');
});

test('an answer between two failures ends the row', (t) => {
  const { health, fail } = healthFor(t, { errorLimit: 0 });
  for (let i = 0; i < 20; i++) {
    fail(2, 60);
    assert.notEqual(health.state, 'down');
    health.served();
  }
  fail(2, 60);
  assert.equal(health.state, 'suspect');
  fail(1, 60);
  assert.equal(health.state, 'down');
});

test('a suspect that answers is up again, and its row is forgotten', (t) => {
  const { health, changes, wait, fail } = healthFor(t);
  fail();
  health.served();
  wait(50);
  assert.equal(health.state, 'up');
  assert.deepEqual(changes.at(-1), ['up', undefined]);
  fail(2);
  assert.equal(health.state, 'suspect');
});

test('a suspect nobody asks anything stays one', (t) => {
  const { health, states, wait, fail } = healthFor(t, { probeMs: 1000 });
  fail();
  wait(3_600_000);
  assert.deepEqual(states(), ['suspect']);
  health.served();
  wait(999);
  wait(1);
  assert.equal(health.state, 'up', 'it is looked at once a probeMs');
});

test('errorLimit failures within the window are borne, one more is not, in a row or not', (t) => {
  const { health, fail } = healthFor(t, { errorLimit: 3, errorWindowMs: 10_000 });
  for (let i = 0; i < 3; i++) {
    fail(1, 1000);
    health.served();
  }
  assert.equal(health.out, false);
  fail(1, 1000);
  assert.equal(health.state, 'down');
});

test('failures older than the window do not count against errorLimit', (t) => {
  const { health, fail } = healthFor(t, { errorLimit: 3, errorWindowMs: 3000 });
  for (let i = 0; i < 100; i++) {
    fail(1, 1000);
    health.served();
  }
  assert.equal(health.out, false);
  fail(1, 999);
  assert.equal(health.state, 'down');
});

test('no errorLimit bears any number of failures that are not in a row', (t) => {
  const { health, fail } = healthFor(t, { errorLimit: 0 });
  for (let i = 0; i < 1000; i++) {
    fail();
    health.served();
  }
  assert.equal(health.out, false);
});

test('calls that came too late are a failure only while nothing is answered', (t) => {
  const { health, wait } = healthFor(t);
  for (let i = 0; i < 100; i++) {
    wait(100);
    health.served();
    health.late(LOST, LIVELY);
  }
  assert.equal(health.state, 'up');
  wait(100);
  health.late(LOST, LIVELY);
  assert.deepEqual([health.state, health.lastError], ['suspect', LOST]);
  wait(100);
  health.late(LOST, LIVELY);
  wait(100);
  health.late(LOST, LIVELY);
  assert.equal(health.state, 'down');
});

test('calls that came too late are a failure once no byte has come for retryTimeoutMs', (t) => {
  const { health, wait } = healthFor(t, { retryTimeoutMs: 50 });
  wait(100);
  health.served();
  health.late(LOST, { silentMs: 49, arriving: true });
  assert.equal(health.state, 'up');
  wait(100);
  health.served();
  health.late(LOST, { silentMs: 50, arriving: true });
  assert.equal(health.state, 'suspect');
});

test('calls that came too late within retryTimeoutMs are one failure, that of a lost connection too', (t) => {
  const { health, wait } = healthFor(t, { retryAttempts: 1 });
  wait(100);
  for (let i = 0; i < 100; i++) health.late(LOST, SILENT);
  health.failed(LOST);
  assert.equal(health.state, 'suspect');
});

test('a large value that takes longer than its callers wait is no failure as long as it comes', (t) => {
  const { health, states, wait } = healthFor(t);
  for (let i = 0; i < 20; i++) {
    wait(1000);
    health.late(LOST, { silentMs: 10, arriving: true });
  }
  assert.deepEqual(states(), []);
});

test('what it tells of itself: its state and since when, failures, times out, probes, and its last error', async (t) => {
  const { health, wait, fail, pause, answerProbe } = healthFor(t, { probeMs: 100 });
  const { sinceMs, ...fresh } = health.snapshot();
  assert.equal(sinceMs, 0);
  const none = { failures: 0, takenOut: 0, probes: 0, lastError: undefined };
  assert.deepEqual(fresh, { state: 'up', ...none });
  fail(3);
  wait(5);
  const lastError = 'ERR_MEMCACHE_CONNECTION_LOST';
  const down = { state: 'down', sinceMs: 5, failures: 3, takenOut: 1, probes: 0, lastError };
  assert.deepEqual(health.snapshot(), down);
  pause();
  await answerProbe();
  wait(7);
  assert.deepEqual(health.snapshot(), { ...down, state: 'up', sinceMs: 7, probes: 1 });
});

test('late calls of one moment are looked at once', (t) => {
  const { health, wait } = healthFor(t, { retryTimeoutMs: 50 });
  wait(100);
  health.served();
  for (let i = 0; i < 5; i++) {
    health.late(LOST, LIVELY);
    wait(9);
  }
  assert.equal(health.state, 'up');
  wait(10);
  health.late(LOST, LIVELY);
  assert.equal(health.state, 'suspect');
});

test('late calls do not hide that there were answers between two failures', (t) => {
  const { health, fail, wait } = healthFor(t, { retryAttempts: 1, errorLimit: 0 });
  fail();
  for (let i = 0; i < 1000; i++) health.served();
  wait(10);
  health.late(LOST, LIVELY);
  fail();
  assert.equal(health.state, 'suspect');
});

test('a server that is down is asked after probeMs, and up once it answers', async (t) => {
  const { health, changes, probes, wait, fail, pause, answerProbe } = healthFor(t, {
    probeMs: 1000,
  });
  fail(3);
  assert.equal(pause(), 1000);
  assert.deepEqual([health.state, health.out], ['probing', true]);
  wait(60_000);
  assert.equal(probes.length, 1, 'one question at a time');
  await answerProbe();
  assert.deepEqual([health.state, health.out], ['up', false]);
  assert.deepEqual(changes.slice(1), [
    ['down', LOST],
    ['probing', undefined],
    ['up', undefined],
  ]);
  fail(2);
  assert.equal(health.state, 'suspect', 'it begins anew');
});

test('what was before it was out does not count against it any more', async (t) => {
  const { health, fail, pause, answerProbe } = healthFor(t, {
    retryAttempts: 100,
    retryTimeoutMs: 5000,
    errorLimit: 2,
    probeMs: 10,
  });
  fail(3, 5000);
  assert.equal(health.state, 'down');
  pause();
  await answerProbe();
  health.failed(LOST);
  assert.equal(health.state, 'suspect', 'a failure of its own, though soon after the last one');
  fail(1, 5000);
  assert.equal(health.state, 'suspect');
  fail(1, 5000);
  assert.equal(health.state, 'down');
});

test('with each failed question the pause doubles, up to deadTimeoutMs', async (t) => {
  const { health, fail, pause, failProbe } = healthFor(t, { probeMs: 100, deadTimeoutMs: 1000 });
  fail(3);
  const pauses: number[] = [];
  for (let i = 0; i < 6; i++) {
    pauses.push(pause());
    await failProbe(errorOf(`probe ${i}`));
    assert.deepEqual([health.state, health.lastError?.message], ['down', `probe ${i}`]);
  }
  assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000]);
});

test('of a pause a random three quarters to whole is waited', (t) => {
  for (const [random, expected] of [
    [0, 750],
    [0.5, 875],
    [1, 1000],
  ] as const) {
    const { fail, pause } = healthFor(t, { probeMs: 1000 }, random);
    fail(3);
    assert.equal(pause(), expected);
    t.mock.timers.reset();
  }
});

test('an answer to the question alone does not reset the pause: a server that flaps is asked less and less', async (t) => {
  const { health, fail, pause, answerProbe } = healthFor(t, { probeMs: 100, deadTimeoutMs: 800 });
  const pauses: number[] = [];
  for (let i = 0; i < 5; i++) {
    fail(3);
    assert.equal(health.state, 'down');
    pauses.push(pause());
    await answerProbe();
    assert.equal(health.state, 'up');
  }
  assert.deepEqual(pauses, [100, 200, 400, 800, 800]);
});

test('a server that has stayed for long is asked soon when it is lost again', async (t) => {
  const { fail, wait, pause, answerProbe, failProbe } = healthFor(t, { probeMs: 100 });
  fail(3);
  for (let i = 0; i < 3; i++) {
    pause();
    await failProbe();
  }
  assert.equal(pause(), 800);
  await answerProbe();
  wait(10_001);
  fail(3);
  assert.equal(pause(), 100);
});

test('while it is out failures and late calls change nothing but the last error', async (t) => {
  const { health, states, wait, fail, pause, failProbe } = healthFor(t);
  fail(3);
  const later = errorOf('later');
  wait(100);
  health.failed(later);
  health.late(LOST, SILENT);
  assert.equal(health.lastError, later);
  pause();
  wait(100);
  health.failed(LOST);
  health.late(later, SILENT);
  health.doubt(later);
  assert.deepEqual(states(), ['suspect', 'down', 'probing']);
  await failProbe();
  assert.deepEqual(states(), ['suspect', 'down', 'probing', 'down']);
});

test('a server in doubt is out at once, until it has answered', async (t) => {
  const { health, changes, pause, answerProbe } = healthFor(t, { probeMs: 100 });
  health.doubt(LOST);
  assert.deepEqual([health.out, health.lastError], [true, LOST]);
  health.doubt(errorOf('again'));
  assert.deepEqual(changes, [['down', LOST]]);
  assert.equal(pause(), 100);
  await answerProbe();
  assert.equal(health.state, 'up');
});

test('a suspect in doubt is out, and is not looked at any more', (t) => {
  const { health, states, wait, fail } = healthFor(t, { probeMs: 1000 });
  fail();
  health.doubt(LOST);
  health.served();
  wait(999);
  assert.deepEqual(states(), ['suspect', 'down']);
});

test('closed it changes no more: not by failures, a pause that ends, or a question under way', async (t) => {
  const suspect = healthFor(t);
  suspect.fail();
  suspect.health.close();
  suspect.health.served();
  suspect.fail(10);
  suspect.health.late(LOST, SILENT);
  suspect.health.doubt(LOST);
  suspect.wait(60_000);
  assert.deepEqual(suspect.states(), ['suspect']);
  t.mock.timers.reset();

  const down = healthFor(t);
  down.fail(3);
  down.health.close();
  down.wait(60_000);
  assert.deepEqual(down.states(), ['suspect', 'down']);
  t.mock.timers.reset();

  for (const end of ['answerProbe', 'failProbe'] as const) {
    const probing = healthFor(t);
    probing.fail(3);
    probing.pause();
    probing.health.close();
    await probing[end]();
    probing.wait(60_000);
    assert.deepEqual(probing.states(), ['suspect', 'down', 'probing'], end);
    t.mock.timers.reset();
  }
});

test('it keeps no process alive', () => {
  const active = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = active();
  const health = new Health(
    { ...HEALTH_DEFAULTS, retryAttempts: 0 },
    { changed: () => {}, probe: () => Promise.resolve() },
  );
  health.failed(LOST);
  assert.equal(health.state, 'down');
  assert.equal(active(), before);
  health.close();
});

/** pymemcache's HashClient: retry_attempts 2, retry_timeout 1 s, dead_timeout 60 s, and no count of errors. */
const HASH_CLIENT: Partial<HealthOptions> = {
  retryAttempts: 2,
  retryTimeoutMs: 1000,
  errorLimit: 0,
  probeMs: 60_000,
  deadTimeoutMs: 60_000,
};

test("HashClient's rules: a failure and two more, a second apart, then a minute out", async (t) => {
  const { health, fail, pause, answerProbe, failProbe } = healthFor(t, HASH_CLIENT);
  fail(50, 10);
  assert.equal(health.state, 'suspect', 'within the same second it is not asked again');
  fail(1, 1000);
  assert.equal(health.state, 'suspect');
  fail(1, 1000);
  assert.equal(health.state, 'down');
  assert.equal(pause(), 60_000);
  await failProbe();
  assert.equal(pause(), 60_000, 'the pause does not grow');
  await answerProbe();
  assert.equal(health.state, 'up');
});

/** Swift's MemcacheRing: more than 10 errors within 60 s, in a row or not, limit a server for 60 s. */
const SWIFT: Partial<HealthOptions> = {
  retryAttempts: 1000,
  retryTimeoutMs: 1,
  errorLimit: 10,
  errorWindowMs: 60_000,
  probeMs: 60_000,
  deadTimeoutMs: 60_000,
};

test("Swift's rules: an error every 5 s trips at the 11th, one every 6 s never does", (t) => {
  const often = healthFor(t, SWIFT);
  for (let i = 0; i < 10; i++) {
    often.fail(1, 5000);
    often.health.served();
  }
  assert.equal(often.health.out, false);
  often.fail(1, 5000);
  assert.equal(often.health.state, 'down');
  assert.equal(often.pause(), 60_000);
  t.mock.timers.reset();

  const seldom = healthFor(t, SWIFT);
  seldom.fail(200, 6000);
  assert.equal(seldom.health.out, false);
});
