// Which certificates of a real memcached are believed, and which of a client.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, dns, elasticache, type FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { findMemcached } from '../../src/testing/find-memcached.ts';
import { freePort } from '../../src/testing/free-port.ts';
import {
  type Certificates,
  certificatesMissing,
  makeCertificates,
  type Pem,
} from '../support/certificates.ts';
import { ConfigEndpoint, configReply, says } from '../support/config-endpoint.ts';
import { DnsServer } from '../support/dns-server.ts';
import { clientOf, rejection, rejects } from '../support/fault-lab.ts';

/** A memcached that talks to nobody without a certificate of its authority: it has to be waited for with one. */
async function strictServer(t: TestContext, { ca, cert, key }: Certificates): Promise<string> {
  const port = (await freePort()) ?? 0;
  const files = `ssl_chain_cert=${cert.path},ssl_key=${key.path},ssl_ca_cert=${ca.path}`;
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const listen = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', ...user];
  const tls = ['-Z', '-o', `${files},ssl_verify_mode=2`];
  const child = spawn(findMemcached(undefined), [...listen, ...tls], { stdio: 'ignore' });
  t.after(() => child.kill());
  return `localhost:${port}`;
}

describe('certificates', { skip: certificatesMissing }, () => {
  const authority = makeCertificates();
  const stranger = makeCertificates();
  after(() => {
    authority.dispose();
    stranger.dispose();
  });
  const ca = authority.ca.content;

  async function serverWith(
    t: TestContext,
    { cert, key }: { cert: Pem; key: Pem },
    ...args: string[]
  ): Promise<RunningMemcached> {
    const tls = { cert: cert.path, key: key.path };
    const server = await startMemcached({ tls, args });
    t.after(() => server.stop());
    return server;
  }

  const client = (t: TestContext, servers: string, options: Partial<ClientOptions>): FleetClient =>
    clientOf(t, servers, { connectTimeoutMs: 5000, ...options });

  /** The system's word for why a server was not believed. */
  async function distrust(cache: FleetClient): Promise<unknown> {
    const error = await rejects(cache.set('k', 1), 'ERR_MEMCACHE_CONNECT', 'no');
    return (error.cause as { code?: string }).code;
  }

  test('expired, for another host, of another authority, of none: each is refused', async (t) => {
    const bad: [what: string, code: RegExp, pair: { cert: Pem; key: Pem }][] = [
      ['expired', /^CERT_HAS_EXPIRED$/, authority.issue({ expired: true })],
      ['other host', /ALTNAME_INVALID$/, authority.issue({ names: 'DNS:elsewhere.test' })],
      ['other authority', /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$|ISSUER/, stranger],
      ['self-signed', /^DEPTH_ZERO_SELF_SIGNED_CERT$/, authority.issue({ selfSigned: true })],
      ['of a client', /^INVALID_PURPOSE$/, authority.issue({ client: true })],
    ];
    for (const [what, code, pair] of bad) {
      const server = await serverWith(t, pair);
      const cache = client(t, `localhost:${server.port}`, { tls: { ca } });
      assert.match(String(await distrust(cache)), code, what);
      assert.match(String((await rejection(cache.raw('version'))).cause), /./, what);
      // What is wrong with it is the only thing that is.
      const careless = client(t, `localhost:${server.port}`, {
        tls: { ca, rejectUnauthorized: false },
      });
      assert.equal(await careless.set('k', 1), true, what);
    }
  });

  test('checkServerIdentity has the last word', async (t) => {
    const server = await serverWith(t, authority);
    const asked: string[] = [];
    const refuses = (host: string): Error => {
      asked.push(host);
      return new Error('not today');
    };
    const address = `localhost:${server.port}`;
    const tls = { ca, checkServerIdentity: refuses };
    await rejects(client(t, address, { tls }).get('k'), 'ERR_MEMCACHE_CONNECT', 'no');
    assert.deepEqual([...new Set(asked)], ['localhost']);
  });

  test('a server that wants a certificate gets one, and whoever has none is turned away', async (t) => {
    const address = await strictServer(t, authority);
    const good = authority.issue({ client: true });
    const pair = { ca, cert: good.cert.content, key: good.key.content };
    const cache = client(t, address, { tls: pair });
    while (!(await cache.set('k', 1).catch(() => false))) await sleep(50);
    assert.equal(await cache.get('k'), 1);
    assert.match(String(await cache.raw('version')), /^VERSION/);
    const foreign = stranger.issue({ client: true });
    for (const tls of [
      { ca },
      { ca, cert: foreign.cert.content, key: foreign.key.content },
      { ca, cert: authority.cert.content, key: authority.key.content },
    ])
      await rejects(client(t, address, { tls }).set('k', 2), 'ERR_MEMCACHE_CONNECT', 'no');
    assert.equal(await cache.get('k'), 1);
  });

  test('the name that stood for an address is the one a certificate has to be for', async (t) => {
    const named = authority.issue({ names: 'DNS:cache.test' });
    const { port } = await serverWith(t, named);
    const limits = { discoveryLimits: { allowLocal: true } };
    const names = await DnsServer.start(t, {
      'cache.test': ['127.0.0.1'],
      'forged.test': ['127.0.0.1'],
    });
    const nameservers = [names.address];
    const endpointOf = async (host: string) => {
      const reply = configReply(1, [`${host}|127.0.0.1|${port}`]);
      return (await ConfigEndpoint.start(t, says(reply))).address;
    };
    const ways: [what: string, options: (host: string) => Promise<ClientOptions>][] = [
      ['a list', async (host) => ({ servers: [{ host: '127.0.0.1', port, servername: host }] })],
      ['dns', async (host) => ({ discovery: dns({ host, port, nameservers }), ...limits })],
      [
        'elasticache',
        async (host) => {
          const endpoint = await endpointOf(host);
          const discovery = elasticache({ endpoint, address: 'ip', tls: false });
          return { discovery, ...limits };
        },
      ],
    ];
    for (const [what, options] of ways) {
      const of = async (host: string): Promise<FleetClient> =>
        clientOf(t, '', { servers: undefined, ...(await options(host)), tls: { ca } });
      assert.equal(await (await of('cache.test')).set('k', 1), true, what);
      assert.equal(await distrust(await of('forged.test')), 'ERR_TLS_CERT_ALTNAME_INVALID', what);
    }
    const unnamed = client(t, `127.0.0.1:${port}`, { tls: { ca } });
    assert.equal(await distrust(unnamed), 'ERR_TLS_CERT_ALTNAME_INVALID');
  });
});
