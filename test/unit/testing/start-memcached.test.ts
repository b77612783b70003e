import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { MemcacheError } from '../../../src/errors.ts';
import { type RunningMemcached, startMemcached } from '../../../src/testing/index.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';

/** Writes one line and answers the first piece of the reply, or undefined after a while of silence. */
async function ask(socket: Socket, line: string, patienceMs = 2_000): Promise<string | undefined> {
  const reply = new Promise<string>((resolve, reject) => {
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
    });
    socket.once('error', reject);
  });
  socket.write(`${line}\r\n`);
  return await Promise.race([reply, sleep(patienceMs, undefined, { ref: false })]);
}

async function askOnce(target: NetConnectOpts, line: string): Promise<string | undefined> {
  const socket = connect(target);
  try {
    return await ask(socket, line);
  } finally {
    socket.destroy();
  }
}

/** A process whose parent is gone may stay as a zombie for as long as nobody asks for its exit code: it is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

const tcp = (server: RunningMemcached): NetConnectOpts => ({
  host: '127.0.0.1',
  port: server.port,
});

test('the server answers at its address with its version', async () => {
  await using server = await startMemcached();
  assert.equal(server.address, `127.0.0.1:${server.port}`);
  assert.match(server.version, /^1\.\d+\.\d+/);
  assert.equal(await askOnce(tcp(server), 'version'), `VERSION ${server.version}\r\n`);
});

test('stop leaves no process and may be called again', async () => {
  const server = await startMemcached();
  const { pid } = server;
  assert.ok(isAlive(pid));
  await server.stop();
  assert.ok(!isAlive(pid));
  await server.stop();
  await assert.rejects(askOnce(tcp(server), 'version'), { code: 'ECONNREFUSED' });
});

test('restart gives an empty server at the same address', async () => {
  await using server = await startMemcached();
  const { address, pid } = server;
  assert.equal(await askOnce(tcp(server), 'set a 0 0 1\r\nx'), 'STORED\r\n');
  await server.restart();
  assert.equal(server.address, address);
  assert.notEqual(server.pid, pid);
  assert.equal(await askOnce(tcp(server), 'get a'), 'END\r\n');
});

test('kill ends connections, restart comes back', async () => {
  await using server = await startMemcached();
  const socket = connect(tcp(server));
  await ask(socket, 'version');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await server.kill();
  await closed;
  await server.restart();
  assert.match(String(await askOnce(tcp(server), 'version')), /^VERSION/);
});

test('a paused server keeps its connections and answers after resume', async () => {
  await using server = await startMemcached();
  const socket = connect(tcp(server));
  await ask(socket, 'version');
  server.pause();
  assert.equal(await ask(socket, 'version', 100), undefined);
  const answer = new Promise((resolve) => socket.once('data', resolve));
  server.resume();
  assert.match(String(await answer), /^VERSION/);
  socket.destroy();
});

test('stop ends a paused server too', async () => {
  const server = await startMemcached();
  server.pause();
  const { pid } = server;
  await server.stop();
  assert.ok(!isAlive(pid));
});

test('a server on a Unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    const path = join(folder, 'mc.sock');
    await using server = await startMemcached({ unixSocket: path });
    assert.equal(server.address, `unix:${path}`);
    assert.match(String(await askOnce({ path }, 'version')), /^VERSION/);
    await server.restart();
    assert.match(String(await askOnce({ path }, 'version')), /^VERSION/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a server that speaks TLS', { skip: certificatesMissing }, async () => {
  const certificates = makeCertificates();
  try {
    const tls = { cert: certificates.cert.path, key: certificates.key.path };
    await using server = await startMemcached({ tls });
    for (const servername of ['localhost', '']) {
      const socket = connectTls({ ...tcp(server), ca: certificates.ca.content, servername });
      assert.match(String(await ask(socket, 'version')), /^VERSION/);
      assert.ok(socket.authorized);
      socket.destroy();
    }
  } finally {
    certificates.dispose();
  }
});

test('settings reach the server', async () => {
  await using server = await startMemcached({
    memoryMiB: 16,
    itemSizeMax: 2_097_152,
    threads: 2,
    maxConnections: 99,
    args: ['-M'],
  });
  const settings = String(await askOnce(tcp(server), 'stats settings'));
  assert.match(settings, /STAT maxbytes 16777216\r/);
  assert.match(settings, /STAT item_size_max 2097152\r/);
  assert.match(settings, /STAT num_threads 2\r/);
  assert.match(settings, /STAT maxconns 99\r/);
  assert.match(settings, /STAT evictions off\r/);
});

test('twenty at once get twenty ports', async () => {
  const servers = await Promise.all(Array.from({ length: 20 }, () => startMemcached()));
  try {
    assert.equal(new Set(servers.map((server) => server.port)).size, 20);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
});

test('a port that is taken is refused with the words of the server', async () => {
  await using server = await startMemcached();
  await assert.rejects(startMemcached({ port: server.port }), (error: unknown) => {
    assert.ok(error instanceof MemcacheError);
    assert.equal(error.code, 'ERR_MEMCACHE_CONNECT');
    assert.match(error.message, /in use/);
    return true;
  });
});

test('a restart whose port was taken meanwhile says so when its time is over', async () => {
  const server = await startMemcached({ startTimeoutMs: 500 });
  await server.stop();
  await using thief = await startMemcached({ port: server.port });
  await assert.rejects(server.restart(), { code: 'ERR_MEMCACHE_CONNECT', message: /in use/ });
  assert.equal(thief.port, server.port);
});

test('an argument the server refuses is reported at once', async () => {
  const begin = Date.now();
  await assert.rejects(startMemcached({ args: ['--no-such-flag'] }), {
    code: 'ERR_MEMCACHE_CONNECT',
    message: /no-such-flag/,
  });
  assert.ok(Date.now() - begin < 3_000);
});

test('a server that wants a password counts as started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    const passwords = join(folder, 'passwords');
    writeFileSync(passwords, 'ada:secret\n');
    await using server = await startMemcached({ args: ['-Y', passwords] });
    assert.match(server.version, /^1\.\d+\.\d+/);
    assert.match(String(await askOnce(tcp(server), 'get a')), /^CLIENT_ERROR unauthenticated/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a program that is no memcached is not waited for', async () => {
  await assert.rejects(startMemcached({ binary: '/bin/true' }), { code: 'ERR_MEMCACHE_CONNECT' });
});

test('a program that is not there is named, with what to do', async () => {
  await assert.rejects(startMemcached({ binary: '/nowhere/memcached' }), {
    code: 'ERR_MEMCACHE_CONNECT',
    message: /\/nowhere\/memcached.*apt-get install memcached/,
  });
});

test('a process that forgets to stop ends by itself and takes the server along', () => {
  const entry = new URL('../../../src/testing/index.js', import.meta.url).href;
  const script = `
    import { startMemcached } from ${JSON.stringify(entry)};
    const server = await startMemcached();
    console.log(server.pid);
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const pid = Number(output);
  assert.ok(pid > 0);
  assert.ok(!isAlive(pid));
});
