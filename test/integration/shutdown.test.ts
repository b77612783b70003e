import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FleetClient, ServerClient } from '../../src/index.ts';
import {
  type RunningMemcached,
  startMemcached,
  type StartMemcachedOptions,
} from '../../src/testing/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { startNutcracker } from '../support/proxies.ts';
import { until } from '../support/fault-lab.ts';
import { overEveryTransport } from './backend.ts';

async function started(
  t: TestContext,
  options: StartMemcachedOptions = { args: ['-A'] },
): Promise<RunningMemcached> {
  const server = await startMemcached(options);
  t.after(() => server.stop());
  return server;
}

function clientOf(t: TestContext, servers: string, options: object = {}): FleetClient {
  const cache = createClient({ servers, timeoutMs: 10_000, ...options });
  t.after(() => cache.close({ timeoutMs: 0 }));
  return cache;
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('shutdown ends the process, and nobody dials it again by himself', async (t) => {
  for (const options of [undefined, { graceful: true }, { graceful: false }]) {
    const server = await started(t);
    const { pid } = server;
    const cache = clientOf(t, server.address);
    const states: string[] = [];
    cache.on('server', ({ state, error }) => states.push(`${state} ${error?.code ?? ''}`));
    const health: string[] = [];
    cache.on('health', ({ state }) => health.push(state));
    await cache.set('a', 1);
    assert.deepEqual(await cache.shutdown(options), new Map([[server.address, true]]));
    await until(() => isGone(pid));
    await sleep(300);
    assert.deepEqual(states, ['ready ', 'idle ']);
    assert.deepEqual(health, []);
    await assert.rejects(cache.get('a'), { code: 'ERR_MEMCACHE_CONNECT', sent: 'no' });
  }
});

test('shutdown over a Unix socket, of one server', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const server = await started(t, { args: ['-A'], unixSocket: join(folder, 'mc.sock') });
  const { pid } = server;
  const cache = new ServerClient({ servers: server.address, timeoutMs: 10_000 });
  t.after(() => cache.close({ timeoutMs: 0 }));
  assert.deepEqual(await cache.shutdown(), new Map([[server.address, true]]));
  await until(() => isGone(pid));
});

test('shutdown over TLS', { skip: certificatesMissing }, async (t) => {
  const { ca, cert, key, dispose } = makeCertificates();
  t.after(dispose);
  const server = await started(t, { args: ['-A'], tls: { cert: cert.path, key: key.path } });
  const { pid } = server;
  const address = `localhost:${server.port}`;
  const cache = clientOf(t, address, { tls: { ca: ca.content } });
  assert.deepEqual(await cache.shutdown(), new Map([[address, true]]));
  await until(() => isGone(pid));
});

test('a server that was not started for it says so, and goes on', async (t) => {
  const server = await started(t, {});
  const cache = clientOf(t, server.address);
  await assert.rejects(cache.shutdown(), {
    name: 'UnknownCommandError',
    code: 'ERR_MEMCACHE_UNKNOWN_COMMAND',
    message: /shutdown not enabled/,
    command: 'shutdown',
    sent: 'yes',
  });
  assert.equal(await cache.set('a', 1), true);
});

test('shutdown of a fleet tells of each server', async (t) => {
  const [willing, unwilling] = [await started(t), await started(t, {})];
  const { pid } = willing;
  const cache = clientOf(t, `${willing.address},${unwilling.address}`);
  await assert.rejects(
    cache.shutdown(),
    (error: Error & { values?: unknown; errors?: unknown }) => {
      assert.equal(error.name, 'ManyError');
      assert.deepEqual(error.values, new Map([[willing.address, true]]));
      const [[failed, refusal]] = error.errors as Map<string, Error & { code: string }>;
      assert.deepEqual([failed, refusal.code], [unwilling.address, 'ERR_MEMCACHE_UNKNOWN_COMMAND']);
      return true;
    },
  );
  await until(() => isGone(pid));
});

test('a server that is not there is not said to be shut down', async (t) => {
  const server = await started(t);
  await server.stop();
  await assert.rejects(clientOf(t, server.address).shutdown(), {
    code: 'ERR_MEMCACHE_CONNECT',
    sent: 'no',
  });
});

test(
  'a proxy that hangs up is not taken for a server that is gone',
  {
    skip: foreignProgramMissing('nutcracker'),
  },
  async (t) => {
    const server = await started(t);
    const proxy = await startNutcracker([server.address]);
    t.after(() => proxy.stop());
    // With these nobody asks the server what it takes.
    const unasked = { dialect: 'classic', maxValueBytes: 1000 };
    for (const options of [{}, unasked]) {
      const cache = clientOf(t, proxy.address, options);
      await assert.rejects(cache.shutdown(), { code: 'ERR_MEMCACHE_UNSUPPORTED', sent: 'no' });
    }
    assert.ok(!isGone(server.pid));
  },
);

test('options of shutdown are checked before anybody is told', async (t) => {
  const server = await started(t);
  const cache = clientOf(t, server.address);
  for (const options of [{ graceful: 1 }, { gracefull: true }, { timeoutMs: 0 }, null, 7]) {
    await assert.rejects(cache.shutdown(options as object), {
      code: 'ERR_MEMCACHE_OPTION',
      sent: 'no',
    });
  }
  assert.ok(!isGone(server.pid));
});

test('quit takes leave of a server, as close does of what is under way', async (t) => {
  const server = await started(t);
  const other = clientOf(t, server.address);
  const open = async (): Promise<unknown> =>
    (await other.stats()).get(server.address)?.get('curr_connections');
  await other.version();
  const before = await open();
  const cache = clientOf(t, server.address);
  const calls = [cache.set('a', 1), cache.get('a')];
  await cache.quit();
  assert.deepEqual(await Promise.all(calls), [true, 1]);
  for (let tries = 0; (await open()) !== before; tries++) assert.ok(tries < 1000);
  await assert.rejects(cache.get('a'), { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' });
  await Promise.all([cache.quit(), cache.close()]);
  await assert.rejects(cache.quit({ timeoutMs: -1 }), {
    code: 'ERR_MEMCACHE_OPTION',
    message: /'timeoutMs' of quit/,
  });
});

overEveryTransport((backend) => {
  test('quit takes leave: the server ends each connection', async () => {
    const { pid } = backend.server;
    const cache = backend.client();
    const lost: unknown[] = [];
    cache.on('server', ({ error }) => error !== undefined && lost.push(error));
    const calls = [cache.set('quit', 'x'), cache.get('quit')];
    await cache.quit();
    assert.deepEqual(await Promise.all(calls), [true, 'x']);
    await assert.rejects(cache.get('quit'), { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' });
    assert.deepEqual(lost, []);
    assert.equal(backend.server.pid, pid);
    assert.equal(await backend.cache.get('quit'), 'x');
  });
});
