// What a client says to a TLS server before it trusts it, and what is not up for negotiation.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, test, type TestContext } from 'node:test';
import {
  connect as connectTls,
  createServer,
  type SecureVersion,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient } from '../../src/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { clientOf, rejects } from '../support/fault-lab.ts';

const run = promisify(execFile);
/** What OpenSSL asks for where it still speaks the old versions at all. */
const ANY_CIPHER = 'DEFAULT@SECLEVEL=0';

describe('TLS', { skip: certificatesMissing }, () => {
  const { ca, cert, key, issue, dispose } = makeCertificates();
  after(dispose);

  /** Answers `version` and misses; keeps its sockets. */
  async function tlsServer(t: TestContext, options: TlsOptions = {}) {
    const sockets: TLSSocket[] = [];
    const server = createServer({ cert: cert.content, key: key.content, ...options }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const lines = chunk.toString('latin1').split('\r\n').slice(0, -1);
        for (const line of lines)
          socket.write(line === 'version' ? 'VERSION 1.6.18\r\n' : 'END\r\n');
      });
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { sockets, port: (server.address() as AddressInfo).port };
  }

  /** No questions beside `version`, and patience with a busy machine. */
  const QUIET = {
    ...({ dialect: 'classic', maxValueBytes: 1000 } as const),
    ...{ timeoutMs: 20_000, connectTimeoutMs: 20_000, reconnect: { minMs: 1, maxMs: 1 } },
  };

  test('a server that speaks only old versions is not spoken to', async (t) => {
    for (const version of ['TLSv1', 'TLSv1.1'] satisfies SecureVersion[]) {
      const { port } = await tlsServer(t, {
        minVersion: 'TLSv1',
        maxVersion: version,
        ciphers: ANY_CIPHER,
      });
      const old = connectTls({
        ...{ host: 'localhost', port, ca: ca.content, servername: 'localhost' },
        ...{ minVersion: 'TLSv1', ciphers: ANY_CIPHER },
      });
      await once(old, 'secureConnect');
      assert.equal(old.getProtocol(), version, 'the server does speak it');
      old.destroy();
      const tls = { ca: ca.content, ciphers: ANY_CIPHER };
      const cache = clientOf(t, `localhost:${port}`, { tls });
      await rejects(cache.get('k'), 'ERR_MEMCACHE_CONNECT', 'no');
    }
  });

  test('it is asked for by its name, and by none where it has only an address', async (t) => {
    const { port, sockets } = await tlsServer(t);
    const tls = { ca: ca.content };
    for (const [servers, name] of [
      [`localhost:${port}`, 'localhost'],
      [`127.0.0.1:${port}`, false],
      [{ host: '127.0.0.1', port, servername: 'localhost' }, 'localhost'],
    ] as const) {
      const cache = createClient({ servers: [servers], tls, ...QUIET });
      assert.equal(await cache.get('k'), undefined);
      assert.equal(sockets.at(-1)?.servername, name);
      await cache.close();
    }
  });

  test('no session is resumed: each socket verifies the server anew', async (t) => {
    const { port, sockets } = await tlsServer(t);
    const cache = clientOf(t, `localhost:${port}`, { tls: { ca: ca.content }, ...QUIET });
    while (sockets.length < 4) {
      await cache.get('k').catch(() => {});
      sockets.at(-1)?.destroy();
      await sleep(5);
    }
    assert.ok(sockets.every((socket) => !socket.isSessionReused()));
  });

  /** What a program of its own prints that connects so, with its warnings. */
  async function printed(port: number, tls: object, env: NodeJS.ProcessEnv): Promise<string> {
    const index = new URL('../../src/index.js', import.meta.url).href;
    const program = `import { createClient } from '${index}';
      const options = ${JSON.stringify({ servers: `localhost:${port}`, tls, ...QUIET })};
      for (let i = 0; i < 2; i++) {
        const cache = createClient(options);
        console.log(await cache.get('k').then(() => 'served', (error) => error.code));
        await cache.close();
      }`;
    const { stdout, stderr } = await run(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { env: { ...process.env, ...env } },
    );
    return `${stdout}${stderr}`;
  }

  test('the environment does not turn verification off', async (t) => {
    const { cert: own, key: ownKey } = issue({ selfSigned: true });
    const { port } = await tlsServer(t, { cert: own.content, key: ownKey.content });
    const text = await printed(port, {}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    assert.match(text, /^ERR_MEMCACHE_CONNECT\nERR_MEMCACHE_CONNECT\n/);
  });

  test('whoever turns it off is warned, once', async (t) => {
    const { port } = await tlsServer(t);
    const text = await printed(port, { rejectUnauthorized: false }, {});
    assert.match(text, /^served\nserved\n/);
    assert.equal(text.split('[MEMVOLLEY_TLS_UNVERIFIED] SecurityWarning').length, 2, text);
  });
});
