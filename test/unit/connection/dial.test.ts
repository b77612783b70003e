import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { parseServer } from '../../../src/connection/address.ts';
import { openSocket, type Reader } from '../../../src/connection/dial.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import { tlsFor } from '../../../src/connection/tls.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';

/** Everything is read to one small piece of memory. */
class PieceReader implements Reader {
  readonly memory = Buffer.alloc(16);
  text = '';

  space(): Buffer {
    return this.memory;
  }

  advance(bytes: number): void {
    this.text += this.memory.toString('latin1', 0, bytes);
  }
}

async function listening(t: TestContext, server: Server, path?: string): Promise<number> {
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const options = (more: Partial<ConnectionOptions> = {}): ConnectionOptions => ({
  ...CONNECTION_DEFAULTS,
  ...more,
});

const plain = (): { reader: Reader; tls: undefined } => ({
  reader: new PieceReader(),
  tls: undefined,
});

const greeting = 'a greeting longer than the memory it is read to';

test('a TCP socket reads straight to the reader’s memory', async (t) => {
  const port = await listening(
    t,
    createServer((socket) => void socket.end(greeting)),
  );
  const reader = new PieceReader();
  const socket = openSocket(parseServer(`127.0.0.1:${port}`), options(), {
    reader,
    tls: undefined,
  });
  await once(socket, 'close');
  assert.equal(reader.text, greeting);
  assert.equal(socket.readableLength, 0);
});

test('a Unix socket does, too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  await listening(
    t,
    createServer((socket) => void socket.end(greeting)),
    path,
  );
  const reader = new PieceReader();
  await once(openSocket(parseServer({ path }), options(), { reader, tls: undefined }), 'close');
  assert.equal(reader.text, greeting);
});

const TCP_TABLE = '/proc/net/tcp';

/** Whether the kernel has a keep-alive timer for this socket: timer 02 of its table. */
function isKeptAlive({ localPort = 0, remotePort = 0 }: Socket): boolean {
  const [local, remote] = [localPort, remotePort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  const rows = readFileSync(TCP_TABLE, 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  const row = rows.find((fields) => fields[1]?.endsWith(local) && fields[2]?.endsWith(remote));
  assert.ok(row !== undefined, 'the socket is in the table');
  return row[5].startsWith('02:');
}

const noTable = existsSync(TCP_TABLE) ? false : `there is no ${TCP_TABLE} here`;

test('the kernel keeps it alive if the options say so', { skip: noTable }, async (t) => {
  const port = await listening(
    t,
    createServer((socket) => t.after(() => socket.destroy())),
  );
  for (const [keepAliveMs, expected] of [
    [15_000, true],
    [0, false],
  ] as const) {
    const address = parseServer(`127.0.0.1:${port}`);
    const socket = openSocket(address, options({ keepAliveMs }), plain()) as Socket;
    await once(socket, 'connect');
    assert.equal(isKeptAlive(socket), expected);
    socket.destroy();
  }
});

test(
  'TLS verifies the server, and reads to the same memory',
  { skip: certificatesMissing },
  async (t) => {
    const { ca, cert, key, dispose } = makeCertificates();
    t.after(dispose);
    const server = createTlsServer(
      { cert: cert.content, key: key.content },
      (socket) => void socket.end(greeting),
    );
    server.on('tlsClientError', () => {});
    const port = await listening(t, server);
    for (const host of ['localhost', '127.0.0.1']) {
      const reader = new PieceReader();
      const address = parseServer(`${host}:${port}`);
      const tls = tlsFor(address, { ca: ca.content });
      const socket = openSocket(address, options(), { reader, tls });
      await once(socket, 'close');
      assert.equal(reader.text, greeting, host);
    }
    const address = parseServer(`127.0.0.1:${port}`);
    const distrusted = openSocket(address, options(), {
      reader: new PieceReader(),
      tls: tlsFor(address, {}),
    });
    const [error] = (await once(distrusted, 'error').catch((reason: unknown) => [reason])) as [
      NodeJS.ErrnoException,
    ];
    assert.match(String(error.code), /UNABLE_TO_|SELF_SIGNED/);
  },
);

test('the caller’s own stream is taken as it is', () => {
  const stream = new PassThrough();
  const address = parseServer('a:1');
  const asked: unknown[] = [];
  const connect = (of: unknown) => {
    asked.push(of);
    return stream;
  };
  assert.equal(openSocket(address, options({ connect }), plain()), stream);
  assert.deepEqual(asked, [address]);
});
