// Options of TLS that cannot be used, and that nobody is shown.
import assert from 'node:assert/strict';
import { after, describe, test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { ClientOptions, FleetClient, MemcacheError } from '../../src/index.ts';
import { certificatesMissing, makeCertificates, type Pem } from '../support/certificates.ts';
import { clientOf, rejection, rejects } from '../support/fault-lab.ts';
import { backend } from '../integration/backend.ts';

describe('options of TLS', { skip: certificatesMissing }, () => {
  const authority = makeCertificates();
  after(() => authority.dispose());
  const ca = authority.ca.content;
  const there = backend({ tls: { cert: authority.cert.path, key: authority.key.path } });
  const client = (
    t: TestContext,
    tls: ClientOptions['tls'],
    connectTimeoutMs = 5000,
  ): FleetClient =>
    clientOf(t, `localhost:${there.server.port}`, {
      tls,
      connectTimeoutMs,
      retry: { attempts: 1 },
    });

  test('a function that throws, lies or hangs costs its calls, and nothing else', async (t) => {
    const faults = [
      () => Promise.reject(new Error('no file')),
      () => undefined as never,
      () => ({ minVersion: 'TLSv1' }) as const,
      () => ({ ca: 'no certificate' }),
    ];
    for (const tls of faults) {
      const cache = client(t, tls);
      await rejects(cache.get('k'), 'ERR_MEMCACHE_CONNECT', 'no');
      await rejects(cache.raw('version'), 'ERR_MEMCACHE_CONNECT', 'no');
    }
    const hanging = client(t, () => new Promise<never>(() => {}), 50);
    await rejects(hanging.get('k'), 'ERR_MEMCACHE_CONNECT', 'no');
  });

  test('keys and passphrases are in no error, and not in the client', async (t) => {
    const passphrase = 'canary-passphrase';
    const { cert, key } = authority.issue({ client: true, passphrase });
    const secretOf = (pem: Pem): string => pem.content.split('\n')[2];
    const all = [passphrase, 'canary-wrong', secretOf(key)];
    const variants = [
      { ca, cert: cert.content, key: key.content, passphrase },
      { ca, cert: cert.content, key: key.content, passphrase: 'canary-wrong' },
      { ca, cert: cert.content, key: `${key.content.slice(0, 150)}canary-wrong`, passphrase },
    ];
    for (const [i, tls] of variants.entries()) {
      for (const given of [tls, () => tls]) {
        const cache = client(t, given);
        const errors: MemcacheError[] = [];
        if (i === 0) assert.equal(await cache.set('k', 1), true);
        else errors.push(await rejection(cache.set('k', 1)), await rejection(cache.raw('version')));
        const shown = [...errors, cache, cache.config(), cache.metrics()]
          .map(
            (thing) =>
              `${inspect(thing, { depth: 10, showHidden: true })} ${JSON.stringify(thing)}`,
          )
          .join();
        for (const secret of all) assert.ok(!shown.includes(secret), secret);
      }
    }
  });
});
