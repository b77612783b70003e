import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { createClient, type MemcacheClient } from '../../src/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { chaosProxy } from '../support/chaos-lab.ts';
import { backend } from './backend.ts';

const REFUSED = { name: 'MemcacheConnectionError', code: 'ERR_MEMCACHE_CONNECT', sent: 'no' };

describe('TLS', { skip: certificatesMissing }, () => {
  const { ca, cert, key, dispose } = makeCertificates();
  const stranger = makeCertificates();
  after(() => {
    dispose();
    stranger.dispose();
  });
  const server = backend({ tls: { cert: cert.path, key: key.path } });

  function clientOf(host: string, tls: boolean | ConnectionOptions): MemcacheClient {
    const servers = `${host}:${server.server.port}`;
    return createClient({ servers, tls, timeoutMs: 5000, connectTimeoutMs: 2000 });
  }

  test('a server whose certificate names its host or address is trusted', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      await using cache = clientOf(host, { ca: ca.content });
      assert.equal(await cache.set(host, 1), true);
      assert.equal(await cache.get(host), 1);
    }
  });

  test('through a proxy that splits and delays, records are whole; one that changes a byte ends the connection', async (t) => {
    const proxy = await chaosProxy(t, server.server, { record: true });
    proxy.set({ split: { upTo: 200 }, delayMs: [0, 2] }, { direction: 'both' });
    await using cache = createClient({
      servers: `localhost:${proxy.port}`,
      tls: { ca: ca.content },
      timeoutMs: 20_000,
      connectTimeoutMs: 20_000,
      retry: { attempts: 1 },
    });
    const value = 'legible'.repeat(2000);
    assert.equal(await cache.set('legible', value), true);
    assert.equal(await cache.get('legible'), value);
    for (const { recorded } of proxy.connections)
      assert.ok(!recorded.toServer.includes('legible') && !recorded.toClient.includes('legible'));
    proxy.clear();
    // Beyond the header of a record: what is changed is under its seal.
    const changed = proxy.strike({ do: 'corrupt', at: { byte: 40 } });
    await assert.rejects(cache.get('legible'), { code: 'ERR_MEMCACHE_CONNECTION_LOST' });
    assert.equal(changed.struck, 1);
    assert.equal(await cache.get('legible'), value);
  });

  test('a certificate of another authority is refused', async () => {
    for (const tls of [true, { ca: stranger.ca.content }]) {
      await using cache = clientOf('localhost', tls);
      await assert.rejects(cache.connect(), REFUSED);
    }
  });

  test('a certificate for another name is refused', async () => {
    const options = { ca: ca.content, servername: 'elsewhere.example' };
    await using cache = clientOf('localhost', options);
    await assert.rejects(cache.get('k'), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'ERR_MEMCACHE_CONNECT');
      assert.equal((error.cause as { code: string }).code, 'ERR_TLS_CERT_ALTNAME_INVALID');
      return true;
    });
  });

  test('what the options allow is allowed', async () => {
    await using cache = clientOf('localhost', { rejectUnauthorized: false });
    assert.equal(await cache.set('k', 1), true);
  });

  test('plain text to a TLS port, and TLS to a plain port, are refused', async () => {
    await using plain = clientOf('localhost', false);
    await assert.rejects(plain.connect(), REFUSED);
    await using cache = createClient({
      servers: other.server.address,
      tls: { ca: ca.content },
      timeoutMs: 5000,
      connectTimeoutMs: 1000,
    });
    await assert.rejects(cache.connect(), REFUSED);
  });

  test('a memcacheds URL turns TLS on', async () => {
    await using cache = createClient(`memcacheds://localhost:${server.server.port}?timeoutMs=5000`);
    await assert.rejects(cache.connect(), REFUSED);
    assert.equal(cache.config().tls.value, true);
  });

  test('options with keys and passwords are shown to nobody', async () => {
    await using cache = clientOf('localhost', { ca: ca.content, passphrase: 'canary' });
    const { inspect } = await import('node:util');
    assert.doesNotMatch(inspect(cache.config(), { depth: 9 }), /canary/);
    assert.doesNotMatch(JSON.stringify(cache.config()), /canary/);
  });

  test('large values and bursts in both directions', async () => {
    await using cache = clientOf('localhost', { ca: ca.content });
    const sizes = Array.from({ length: 60 }, (_, i) => (i * 7919) % 120_000);
    const keys = sizes.map((_, i) => `large:${i}`);
    for (let round = 0; round < 3; round++) {
      await cache.setMany(keys.map((name, i) => [name, Buffer.alloc(sizes[i], i)] as const));
      const values = await Promise.all(keys.map((name) => cache.get<Buffer>(name)));
      values.forEach((value, i) => {
        assert.deepEqual(value, Buffer.alloc(sizes[i], i));
      });
    }
  });

  const other = backend();
});
