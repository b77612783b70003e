// The examples run, against real memcacheds, and do what they say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/testing/free-port.ts';
import { startMemcached } from '../../src/testing/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { ConfigEndpoint, configReply, says } from '../support/config-endpoint.ts';
import { DnsServer } from '../support/dns-server.ts';
import { Example } from '../support/example.ts';

test('threads: four threads load what all of them need once', async (t) => {
  await using server = await startMemcached();
  const example = new Example(t, 'threads', { MEMCACHE_SERVERS: server.address });
  await example.ends();
  assert.match(example.output, /^4 threads, 4 visits, 1 report$/m);
});

test('cluster: the processes share what is stored, and leave in good order', async (t) => {
  await using server = await startMemcached();
  const port = await freePort();
  const example = new Example(t, 'cluster', {
    MEMCACHE_SERVERS: server.address,
    PORT: String(port),
  });
  await example.says(/2 processes listen/);
  const seen: { visits: number; pid: number }[] = [];
  for (let visit = 0; visit < 6; visit++) {
    // A connection of its own for each: the primary hands them out in turns.
    const headers = { connection: 'close' };
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
    seen.push((await response.json()) as (typeof seen)[0]);
  }
  assert.deepEqual(
    seen.map(({ visits }) => visits),
    [1, 2, 3, 4, 5, 6],
  );
  assert.equal(new Set(seen.map(({ pid }) => pid)).size, 2);
  example.process.kill('SIGTERM');
  await example.ends();
});

test(
  'elasticache: nodes that a cluster names are reached by TLS',
  {
    skip: certificatesMissing,
  },
  async (t) => {
    const { ca, cert, key, dispose } = makeCertificates();
    t.after(dispose);
    await using server = await startMemcached({ tls: { cert: cert.path, key: key.path } });
    const reply = configReply(1, [`localhost|127.0.0.1|${server.port}`]);
    const endpoint = await ConfigEndpoint.start(t, says(reply), {
      cert: cert.content,
      key: key.content,
    });
    const example = new Example(t, 'elasticache', {
      CACHE_ENDPOINT: `localhost:${endpoint.port}`,
      CACHE_CA_FILE: ca.path,
      CACHE_DOMAIN: 'localhost',
      CACHE_IS_LOCAL: 'yes',
    });
    await example.ends();
    assert.match(example.output, new RegExp(`^servers: localhost:${server.port}$`, 'm'));
    assert.match(example.output, /^\{ name: 'Ada' \}$/m);
  },
);

test('kubernetes: pods that come are used, and SIGTERM ends it well', async (t) => {
  // One process on two addresses stands in for two pods, whose ports are the same.
  await using server = await startMemcached({ args: ['-l', '127.0.0.2'] });
  const names = await DnsServer.start(t, { 'memcached.test': ['127.0.0.1'] });
  const example = new Example(t, 'kubernetes', {
    NAMESERVERS: names.address,
    CACHE_HOST: 'memcached.test',
    CACHE_PORT: String(server.port),
    CACHE_POLL_MS: '100',
    CACHE_NETWORK: '127.0.0.0/8',
    CACHE_IS_LOCAL: 'yes',
  });
  await example.says(/^1 pods: 127\.0\.0\.1:/m);
  await example.says(/^hello$/m);
  names.zone = { 'memcached.test': ['127.0.0.1', '127.0.0.2'] };
  await example.says(/^2 pods: 127\.0\.0\.1:\d+, 127\.0\.0\.2:/m);
  example.process.kill('SIGTERM');
  await example.ends();
  assert.match(example.output, /^closed$/m);
});

interface Invoked {
  readonly answer?: { readonly visits: number; readonly name: string };
  readonly error?: string;
}

test('lambda: the first call after a freeze is answered, though the server has hung up meanwhile', async (t) => {
  await using server = await startMemcached({ args: ['-o', 'idle_timeout=1'] });
  const example = new Example(t, 'lambda-runtime', { MEMCACHE_SERVERS: server.address });
  const invoke = (): Promise<Invoked> => example.ask<Invoked>({ user: 'ada' });
  const name = 'name of name:ada';
  assert.deepEqual(await invoke(), { answer: { visits: 1, name } });
  for (const visits of [2, 3]) {
    example.process.kill('SIGSTOP');
    // Longer than the server keeps an idle connection; it looks for them every second.
    await sleep(3500);
    const answer = invoke();
    example.process.kill('SIGCONT');
    assert.deepEqual(await answer, { answer: { visits, name } });
  }
  example.process.disconnect();
  await example.ends();
});
