import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAddress, ServerSpec } from '../../../src/connection/address.ts';
import { parseServers } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import type { DiscoverContext, Discovery } from '../../../src/discovery/discovery.ts';
import { DiscoveryPoller, type DiscoveryPollerParts } from '../../../src/discovery/poller.ts';
import { IllegalInputError, MemcacheConnectionError } from '../../../src/errors.ts';
import { rejects, until } from '../../support/fault-lab.ts';

/** A discovery that says what the test wants, and keeps what it was asked. */
class Scripted implements Discovery {
  readonly name = 'scripted';
  pollMs = 0;
  readonly local = true;
  readonly asked: DiscoverContext[] = [];
  readonly askedAt: number[] = [];
  answer: () => readonly ServerSpec[] | Promise<readonly ServerSpec[]>;
  changed: (() => void) | undefined;

  constructor(...servers: string[]) {
    this.answer = () => servers;
  }

  says(...servers: string[]): void {
    this.answer = () => servers;
  }

  fails(error: Error): void {
    this.answer = () => {
      throw error;
    };
  }

  async discover(context: DiscoverContext): Promise<readonly ServerSpec[]> {
    this.asked.push(context);
    this.askedAt.push(performance.now());
    return this.answer();
  }
}

class Watched extends Scripted {
  watches = 0;

  watch(changed: () => void): () => void {
    this.watches++;
    this.changed = changed;
    return () => this.watches--;
  }
}

interface Log {
  readonly applied: string[];
  readonly failures: string[];
}

function pollerOf(
  t: TestContext,
  discovery: Discovery,
  parts: Partial<DiscoveryPollerParts> = {},
): { poller: DiscoveryPoller; log: Log } {
  const log: Log = { applied: [], failures: [] };
  const poller = new DiscoveryPoller({
    discovery,
    apply: (servers) => void log.applied.push(text(servers)),
    failed: (error, kept) => void log.failures.push(`${error.message}; kept ${text(kept)}`),
    ...parts,
  });
  t.after(() => poller.close());
  return { poller, log };
}

const text = (servers: readonly ServerAddress[]): string =>
  servers.map(({ name, weight }) => (weight === 1 ? name : `${name}*${weight}`)).join(' ');

test('the first answer is applied, and the same one not again', async (t) => {
  const discovery = new Scripted('b:1', 'a:1');
  const { poller, log } = pollerOf(t, discovery);
  assert.equal(poller.name, 'scripted');
  assert.deepEqual(poller.servers, []);
  assert.equal(text(await poller.start()), 'b:1 a:1');
  assert.equal(text(poller.servers), 'b:1 a:1');
  await poller.refresh();
  discovery.answer = () => [{ host: 'b', port: 1 }, 'a:1'];
  await poller.refresh();
  assert.deepEqual(log.applied, ['b:1 a:1']);
  discovery.says('a:1', 'b:1');
  await poller.refresh();
  discovery.answer = () => ['a:1', { host: 'b', port: 1, weight: 2 }];
  await poller.refresh();
  assert.deepEqual(log.applied, ['b:1 a:1', 'a:1 b:1', 'a:1 b:1*2']);
  assert.deepEqual(log.failures, []);
});

test('a discovery is told who is in use and how the client connects', async (t) => {
  const discovery = new Scripted('a:1');
  const connection = CONNECTION_DEFAULTS;
  const servers = parseServers('old:1');
  const { poller } = pollerOf(t, discovery, { connection, servers });
  await poller.start();
  await poller.refresh({ force: true });
  assert.deepEqual(
    discovery.asked.map(({ known, force }) => [text(known), force]),
    [
      ['old:1', false],
      ['a:1', true],
    ],
  );
  assert.equal(discovery.asked[0].connection, connection);
});

test('a list that was given before the first answer is compared and kept', async (t) => {
  const { poller, log } = pollerOf(t, new Scripted('a:1'), { servers: parseServers('a:1') });
  assert.equal(text(await poller.start()), 'a:1');
  assert.deepEqual(log.applied, []);
});

test('what cannot be learned or used keeps the last list', async (t) => {
  const discovery = new Scripted('a:1', 'b:1', 'c:1');
  const { poller, log } = pollerOf(t, discovery);
  await poller.start();
  discovery.fails(new Error('hunter2'));
  const wrapped = await rejects(poller.refresh(), 'ERR_MEMCACHE_CONNECT');
  assert.equal(wrapped.message, 'scripted could not tell its servers');
  assert.equal((wrapped.cause as Error).message, 'hunter2');
  const own = new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', 'no answer');
  discovery.fails(own);
  assert.equal(await rejects(poller.refresh(), 'ERR_MEMCACHE_CONNECT'), own);
  for (const answer of [[], ['a:x'], ['a:1', 'a:1'], ['a:1']]) {
    discovery.says(...answer);
    await rejects(poller.refresh(), 'ERR_MEMCACHE_PROTOCOL');
  }
  assert.equal(text(poller.servers), 'a:1 b:1 c:1');
  assert.deepEqual(log.applied, ['a:1 b:1 c:1']);
  assert.equal(log.failures.length, 6);
  for (const failure of log.failures) assert.match(failure, /; kept a:1 b:1 c:1$/);
});

test('a long step is taken when it is asked for by hand', async (t) => {
  const discovery = new Scripted('a:1', 'b:1', 'c:1', 'd:1');
  const { poller, log } = pollerOf(t, discovery);
  await poller.start();
  discovery.says('a:1');
  await rejects(poller.refresh(), 'ERR_MEMCACHE_PROTOCOL');
  assert.equal(text(await poller.refresh({ force: true })), 'a:1');
  assert.deepEqual(log.applied, ['a:1 b:1 c:1 d:1', 'a:1']);
});

test('limits are checked when it is made', () => {
  const parts = { discovery: new Scripted(), apply: () => {}, failed: () => {} };
  assert.throws(
    () => new DiscoveryPoller({ ...parts, limits: { maxServers: 0 } }),
    IllegalInputError,
  );
});

test('one question at a time: whoever asks meanwhile shares its answer', async (t) => {
  const discovery = new Scripted('a:1');
  let answer: (servers: string[]) => void = () => {};
  discovery.answer = () => new Promise((resolve) => (answer = resolve));
  const { poller, log } = pollerOf(t, discovery);
  const calls = [poller.start(), poller.refresh(), poller.refresh()];
  await until(() => discovery.asked.length === 1);
  calls.push(poller.refresh());
  answer(['a:1']);
  for (const servers of await Promise.all(calls)) assert.equal(text(servers), 'a:1');
  assert.equal(discovery.asked.length, 1);
  assert.deepEqual(log.applied, ['a:1']);
});

test('being asked by hand meanwhile is another question, once', async (t) => {
  const discovery = new Scripted('a:1');
  const { poller } = pollerOf(t, discovery);
  discovery.answer = () => {
    discovery.says('a:1');
    throw new Error('not yet');
  };
  const first = poller.start();
  const byHand = [poller.refresh({ force: true }), poller.refresh({ force: true })];
  await assert.rejects(first);
  for (const servers of await Promise.all(byHand)) assert.equal(text(servers), 'a:1');
  assert.deepEqual(
    discovery.asked.map(({ force }) => force),
    [false, true],
  );
});

test('it waits until a list is put to use', async (t) => {
  const discovery = new Scripted('a:1');
  let done: () => void = () => {};
  const { poller } = pollerOf(t, discovery, {
    apply: () => new Promise<void>((resolve) => (done = resolve)),
  });
  let settled = false;
  const started = poller.start().finally(() => (settled = true));
  await sleep(20);
  assert.equal(settled, false);
  assert.deepEqual(poller.servers, []);
  done();
  await started;
  assert.equal(text(poller.servers), 'a:1');
});

test('a list that could not be put to use is not in use', async (t) => {
  let broken = true;
  const applied: string[] = [];
  const { poller, log } = pollerOf(t, new Scripted('a:1'), {
    apply: (servers) => {
      if (broken) throw new Error('no');
      applied.push(text(servers));
    },
  });
  const error = await rejects(poller.start(), 'ERR_MEMCACHE_CONNECT');
  assert.equal(error.message, 'the servers of scripted could not be put to use');
  assert.equal(log.failures.length, 1);
  broken = false;
  await poller.refresh();
  assert.deepEqual(applied, ['a:1']);
});

test('it polls, a tenth sooner or later', async (t) => {
  for (const [random, least, most] of [
    [0, 90, 100],
    [1, 109, 200],
  ]) {
    const discovery = new Scripted('a:1');
    discovery.pollMs = 100;
    const { poller } = pollerOf(t, discovery, { random: () => random });
    await poller.start();
    await until(() => discovery.asked.length === 3);
    const [first, second, third] = discovery.askedAt;
    // The machine may be late, never early.
    assert.ok(third - first >= 2 * least - 4, `${third - first} ms`);
    assert.ok(Math.min(second - first, third - second) < most, `${third - first} ms`);
    await poller.close();
  }
});

test('a failing poll is told and goes on', async (t) => {
  const discovery = new Scripted('a:1');
  discovery.pollMs = 10;
  const { poller, log } = pollerOf(t, discovery);
  await poller.start();
  discovery.fails(new Error('away'));
  await until(() => log.failures.length >= 2);
  discovery.says('b:1');
  await until(() => log.applied.length === 2);
  assert.deepEqual(log.applied, ['a:1', 'b:1']);
});

test('without any list it asks sooner than it polls, and less and less often', async (t) => {
  const discovery = new Scripted();
  discovery.pollMs = 60_000;
  discovery.fails(new Error('away'));
  const { poller } = pollerOf(t, discovery, { random: () => 0 });
  await rejects(poller.start(), 'ERR_MEMCACHE_CONNECT');
  await until(() => discovery.asked.length === 3);
  const [first, second, third] = discovery.askedAt;
  assert.ok(second - first >= 895 && second - first < 1700, `${second - first} ms`);
  assert.ok(third - second >= 1795, `${third - second} ms`);
});

test('pollMs 0: it asks only when asked or told', async (t) => {
  const discovery = new Watched('a:1');
  const { poller } = pollerOf(t, discovery, { troubleMs: 0 });
  await poller.start();
  await sleep(30);
  assert.equal(discovery.asked.length, 1);
  discovery.changed?.();
  await until(() => discovery.asked.length === 2);
  poller.onTrouble();
  await until(() => discovery.asked.length === 3);
});

test('a change that is told many times is asked about once', async (t) => {
  const discovery = new Watched('a:1');
  const { poller, log } = pollerOf(t, discovery);
  await poller.start();
  discovery.says('b:1');
  for (let i = 0; i < 5; i++) discovery.changed?.();
  await until(() => log.applied.length === 2);
  await sleep(100);
  assert.equal(discovery.asked.length, 2);
});

test('a change during a question is asked about after it', async (t) => {
  const discovery = new Watched('a:1');
  const { poller, log } = pollerOf(t, discovery);
  discovery.answer = () => {
    discovery.says('b:1');
    discovery.changed?.();
    return ['a:1'];
  };
  await poller.start();
  await until(() => log.applied.length === 2);
  assert.deepEqual(log.applied, ['a:1', 'b:1']);
});

test('trouble is asked about soon, but not each time', async (t) => {
  const discovery = new Scripted('a:1');
  const { poller } = pollerOf(t, discovery, { troubleMs: 150 });
  await poller.start();
  for (let i = 0; i < 100; i++) poller.onTrouble();
  await until(() => discovery.asked.length === 2);
  for (let i = 0; i < 100; i++) poller.onTrouble();
  await until(() => discovery.asked.length === 3);
  const [first, second, third] = discovery.askedAt;
  assert.ok(second - first >= 148 && third - second >= 148);
  await sleep(200);
  assert.equal(discovery.asked.length, 3);
  const began = performance.now();
  poller.onTrouble();
  await until(() => discovery.asked.length === 4);
  assert.ok(performance.now() - began < 100, 'at once after a long quiet');
});

test('trouble does not put off a change', async (t) => {
  const discovery = new Watched('a:1');
  const { poller } = pollerOf(t, discovery, { troubleMs: 60_000 });
  await poller.start();
  discovery.changed?.();
  poller.onTrouble();
  await until(() => discovery.asked.length === 2);
});

test('trouble does not put off a poll', async (t) => {
  const discovery = new Scripted('a:1');
  discovery.pollMs = 40;
  const { poller } = pollerOf(t, discovery, { troubleMs: 60_000 });
  await poller.start();
  const timer = setInterval(() => poller.onTrouble(), 5);
  await until(() => discovery.asked.length === 3).finally(() => clearInterval(timer));
});

test('a question that never ends is given up, and its late answer is not used', async (t) => {
  const discovery = new Scripted('a:1');
  let answer: (servers: string[]) => void = () => {};
  discovery.answer = () => new Promise((resolve) => (answer = resolve));
  const { poller, log } = pollerOf(t, discovery, { timeoutMs: 20 });
  const error = await rejects(poller.start(), 'ERR_MEMCACHE_CONNECT');
  assert.equal(error.name, 'TimeoutError');
  assert.match(error.message, /scripted did not tell its servers within 20 ms/);
  assert.equal(discovery.asked[0].signal.aborted, true);
  answer(['late:1']);
  discovery.says('a:1');
  await poller.refresh();
  assert.deepEqual(log.applied, ['a:1']);
});

test('close ends the question, the watch and the polls, and tells nothing any more', async (t) => {
  const discovery = new Watched('a:1');
  discovery.pollMs = 5;
  const { poller, log } = pollerOf(t, discovery);
  await poller.start();
  assert.equal(discovery.watches, 1);
  discovery.answer = () => new Promise(() => {});
  const asked = rejects(poller.refresh(), 'ERR_MEMCACHE_CLOSED');
  await until(() => discovery.asked.length === 2);
  await Promise.all([poller.close(), poller.close()]);
  await asked;
  assert.equal(discovery.asked[1].signal.aborted, true);
  assert.equal(discovery.watches, 0);
  poller.onTrouble();
  discovery.changed?.();
  await rejects(poller.refresh(), 'ERR_MEMCACHE_CLOSED');
  await rejects(poller.start(), 'ERR_MEMCACHE_CLOSED');
  await sleep(30);
  assert.equal(discovery.asked.length, 2);
  assert.equal(discovery.watches, 0);
  assert.deepEqual(log, { applied: ['a:1'], failures: [] });
});

test('close waits for a list that is being put to use', async (t) => {
  const events: string[] = [];
  const { poller } = pollerOf(t, new Scripted('a:1'), {
    apply: async () => {
      events.push('begins');
      await sleep(20);
      events.push('ends');
    },
  });
  const started = poller.start();
  await until(() => events.length === 1);
  await poller.close().then(() => events.push('closed'));
  await started;
  assert.deepEqual(events, ['begins', 'ends', 'closed']);
});

test('an answer in the moment of closing is not used', async (t) => {
  let answer: ((servers: string[]) => void) | undefined;
  const discover = (): Promise<string[]> => new Promise((resolve) => (answer = resolve));
  const { poller, log } = pollerOf(t, { name: 'own', pollMs: 0, local: true, discover });
  const started = rejects(poller.start(), 'ERR_MEMCACHE_CLOSED');
  await until(() => answer !== undefined);
  answer?.(['a:1']);
  await poller.close();
  await started;
  assert.deepEqual(log, { applied: [], failures: [] });
});

test('a close in the moment of the question asks nothing', async (t) => {
  const discovery = new Scripted('a:1');
  discovery.answer = () => new Promise(() => {});
  const { poller, log } = pollerOf(t, discovery);
  const started = rejects(poller.start(), 'ERR_MEMCACHE_CLOSED');
  await poller.close();
  await started;
  assert.equal(discovery.asked.length, 0);
  assert.deepEqual(log, { applied: [], failures: [] });
});

test('a close before anything began is one', async (t) => {
  const { poller } = pollerOf(t, new Scripted('a:1'));
  await poller.close();
});

test('its timers do not keep the process', async (t) => {
  const discovery = new Watched('a:1');
  discovery.pollMs = 60_000;
  const { poller } = pollerOf(t, discovery);
  await poller.start();
  poller.onTrouble();
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
  assert.deepEqual(timers, []);
});

test('a discovery that throws instead of rejecting is one that fails', async (t) => {
  const thrower: Discovery = {
    name: 'thrower',
    pollMs: 0,
    discover: () => {
      throw new Error('at once');
    },
  };
  const { poller } = pollerOf(t, thrower);
  await rejects(poller.start(), 'ERR_MEMCACHE_CONNECT');
});
