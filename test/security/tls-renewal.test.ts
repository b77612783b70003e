// Certificates that are renewed while both sides are at work.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startMemcached } from '../../src/testing/index.ts';
import { certificatesMissing, makeCertificates, type Pem } from '../support/certificates.ts';
import { clientOf, rejects } from '../support/fault-lab.ts';

describe('renewal', { skip: certificatesMissing }, () => {
  const first = makeCertificates();
  const second = makeCertificates();
  after(() => {
    first.dispose();
    second.dispose();
  });

  test('renewed certificates serve new sockets of both sides, without a restart', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'memvolley-renew-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const install = ({ cert, key }: { cert: Pem; key: Pem }): void => {
      copyFileSync(cert.path, paths.cert);
      copyFileSync(key.path, paths.key);
    };
    install(first);
    const server = await startMemcached({ tls: paths });
    t.after(() => server.stop());
    let trusted = first.ca.content;
    const asked: string[] = [];
    const tls = async (context: { server: string }) => {
      asked.push(context.server);
      return { ca: trusted };
    };
    const address = `localhost:${server.port}`;
    const cache = clientOf(t, address, { tls, connectTimeoutMs: 5000 });
    await cache.set('k', 1);
    install(second);
    assert.equal(String(await cache.raw('refresh_certs')), 'OK');
    assert.equal(await cache.get('k'), 1, 'the old socket goes on');
    const before = asked.length;
    await rejects(cache.raw('version'), 'ERR_MEMCACHE_CONNECT', 'no');
    trusted = second.ca.content;
    assert.match(String(await cache.raw('version')), /^VERSION/);
    assert.ok(asked.length >= before + 2 && asked.every((name) => name === address));
  });
});
