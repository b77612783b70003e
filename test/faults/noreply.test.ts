// Commands whose answers nobody waits for: what the server says all the same, and what becomes of those behind them.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient, MemcacheError } from '../../src/index.ts';
import {
  clientOf,
  lab,
  type LabOptions,
  rejects,
  STUFFABLE,
  stuffing,
  until,
} from '../support/fault-lab.ts';
import { type LineServer, startLineServer } from '../support/line-server.ts';

const quiet = { noreply: true } as const;
const NO_MEMORY = 'SERVER_ERROR out of memory storing object\r\n';

interface Quarrel {
  readonly server: LineServer;
  readonly client: FleetClient;
  readonly heard: [code: string, commands: number][];
  /** What a barrier is answered with, one after the other; then as memcached does. */
  readonly barriers: (string | undefined)[];
}

/** A server that says what the test says in the place of a barrier's answer; '' is silence for good, undefined hangs up. */
async function quarrel(t: TestContext, options: LabOptions = {}): Promise<Quarrel> {
  const barriers: (string | undefined)[] = [];
  const silent = new Set<unknown>();
  const server = await startLineServer(t, (line, socket) => {
    const said = line === 'mn' && barriers.length > 0 ? barriers.shift() : 'MN\r\n';
    if (said === '') silent.add(socket);
    if (silent.has(socket)) return '';
    if (line === 'mn') return said;
    if (line === 'version') return 'VERSION 1.6.18\r\n';
    if (line.startsWith('get ')) return `${items(line.split(' ').slice(1))}END\r\n`;
    return line.startsWith('set ') ? 'STORED\r\n' : '';
  });
  const client = clientOf(t, server.address, { dialect: 'meta', maxValueBytes: 1000, ...options });
  const heard: Quarrel['heard'] = [];
  client.on('rejected', ({ error, commands }) => void heard.push([error.code, commands]));
  return { server, client, heard, barriers };
}

const items = (keys: readonly string[]): string =>
  keys.map((key) => `VALUE ${key} 16 ${key.length}\r\n${key}\r\n`).join('');

/** Three commands in one moment, and a read behind them. */
async function exchange(client: FleetClient): Promise<unknown> {
  const stored = ['a', 'b', 'c'].map((key) => client.set(key, key, quiet));
  const read = client.get('c');
  assert.deepEqual(await Promise.all(stored), [undefined, undefined, undefined]);
  return read;
}

test('error lines among them are theirs, whatever came before and behind', async (t) => {
  const { server, client, heard, barriers } = await quarrel(t);
  for (const lines of [
    NO_MEMORY,
    `NS\r\n${NO_MEMORY}`,
    `${NO_MEMORY}NF\r\n`,
    `${NO_MEMORY}${NO_MEMORY}${NO_MEMORY}`,
  ]) {
    barriers.push(`${lines}MN\r\n`);
    assert.equal(await exchange(client), 'c', lines);
  }
  assert.deepEqual(
    heard,
    Array.from({ length: 6 }, () => ['ERR_MEMCACHE_SERVER', 3]),
  );
  assert.equal(client.metrics().rejected, 6);
  assert.equal(server.sockets.length, 1);
});

test('an error after which the stream cannot be trusted costs the connection, not those behind', async (t) => {
  for (const line of ['CLIENT_ERROR bad data chunk\r\n', 'ERROR\r\n']) {
    const { server, client, heard, barriers } = await quarrel(t);
    barriers.push(`${line}MN\r\n`);
    assert.equal(await exchange(client), 'c', 'the read is tried again');
    const code = line.startsWith('C') ? 'ERR_MEMCACHE_CLIENT' : 'ERR_MEMCACHE_UNKNOWN_COMMAND';
    assert.deepEqual(heard, [[code, 3]]);
    assert.equal(server.sockets.length, 2);
    assert.equal(server.lines.filter((sent) => sent.startsWith('ms a')).length, 1, 'sent once');
  }
});

test('what no batch is answered with costs the connection, and is nobody’s answer', async (t) => {
  const odd = ['STORED\r\n', 'HD\r\n'.repeat(4), NO_MEMORY.repeat(4), 'MN \r\n', 'VA 1\r\nx\r\n'];
  for (const lines of [...odd, 'VALUE c 0 1\r\nx\r\nEND\r\n']) {
    const { server, client, barriers } = await quarrel(t);
    barriers.push(`${lines}MN\r\n`);
    assert.equal(await exchange(client), 'c', lines);
    assert.equal(server.sockets.length, 2, lines);
    assert.ok(client.metrics().protocolErrors >= 1, lines);
  }
});

test('a server that ends the connection before the barrier: nobody hears of it', async (t) => {
  const { server, client, heard, barriers } = await quarrel(t);
  barriers.push(undefined);
  assert.equal(await exchange(client), 'c', 'the read is tried again');
  assert.deepEqual(heard, []);
  assert.equal(server.sockets.length, 2);
  assert.equal(server.lines.filter((line) => line.startsWith('ms a')).length, 1, 'sent once');
});

test('behind one that is silent others time out; then its connection is given up', async (t) => {
  const options = { timeoutMs: 100, stallTimeoutMs: 300 };
  const { server, client, heard, barriers } = await quarrel(t, options);
  barriers.push('');
  await rejects(exchange(client), 'ERR_MEMCACHE_TIMEOUT', 'maybe');
  await until(() => client.metrics().connectionErrors === 1);
  assert.equal(await exchange(client), 'c');
  assert.equal(server.sockets.length, 2);
  assert.deepEqual(heard, []);
});

test('the answer of a lone command is its own, error or not', async (t) => {
  const { server, client, heard } = await quarrel(t);
  await client.set('a', 'a', quiet);
  assert.equal(await client.get('a'), 'a');
  assert.deepEqual(server.lines.slice(1, 3), ['set a 16 0 1', 'a']);
  const refusing = await startLineServer(t, (line) => {
    if (line === 'version') return 'VERSION 1.4.39\r\n';
    return line.startsWith('set ') ? NO_MEMORY : line.startsWith('get ') ? 'END\r\n' : '';
  });
  const other = clientOf(t, refusing.address, { dialect: 'classic', maxValueBytes: 1000 });
  other.on('rejected', ({ error, commands }) => void heard.push([error.code, commands]));
  assert.equal(await other.set('a', 'a', quiet), undefined);
  assert.equal(await other.get('a'), undefined);
  assert.deepEqual(heard, [['ERR_MEMCACHE_SERVER', 1]]);
});

test('a classic server ends a batch with its version', async (t) => {
  let versions = 0;
  const server = await startLineServer(t, (line) => {
    if (line.startsWith('get ')) return `${items(['c'])}END\r\n`;
    return line === 'version' ? `${versions++ === 1 ? NO_MEMORY : ''}VERSION 1.4.39\r\n` : '';
  });
  const client = clientOf(t, server.address, { dialect: 'classic', maxValueBytes: 1000 });
  const heard: number[] = [];
  client.on('rejected', ({ commands }) => void heard.push(commands));
  assert.equal(await exchange(client), 'c');
  assert.deepEqual(heard, [3]);
  assert.deepEqual(
    server.lines.filter((line) => line.length > 1),
    [
      'version',
      ...['a', 'b', 'c'].map((key) => `set ${key} 16 0 1 noreply`),
      ...['version', 'get c'],
    ],
  );
});

test('a proxy is asked with answers: an error of one of its servers is that command’s alone', async (t) => {
  const server = await startLineServer(t, (line) => {
    if (line === 'version') return 'VERSION 1.6.18\r\n';
    if (line === 'stats settings') return undefined;
    if (line.startsWith('set b')) return 'SERVER_ERROR Connection refused\r\n';
    if (line.startsWith('set ')) return 'STORED\r\n';
    if (line.startsWith('get ')) return `${items(['c'])}END\r\n`;
    return line.startsWith('delete ') ? 'NOT_FOUND\r\n' : '';
  });
  const client = clientOf(t, server.address);
  const heard: [string | undefined, number][] = [];
  client.on('rejected', ({ error, commands }) => void heard.push([error.command, commands]));
  const stored = ['a', 'b', 'c'].map((key) => client.set(key, key, quiet));
  const removed = client.delete('d', quiet);
  assert.equal(await client.get('c'), 'c');
  assert.deepEqual(await Promise.all([...stored, removed]), Array(4).fill(undefined));
  assert.deepEqual(heard, [['set', 1]]);
  assert.ok(server.lines.every((line) => !line.includes('noreply') && !line.endsWith(' q')));
});

test('what was not sent is tried again, and rejects where that does not help', async (t) => {
  const retry = { attempts: 10, delayMs: 20, maxDelayMs: 20, budget: 1 };
  const { server, client } = await lab(t, { retry, reconnect: { minMs: 1, maxMs: 1 } });
  await server.away();
  const unreached: MemcacheError[] = [];
  const back = new Promise<void>((resolve) => {
    client.on('retry', ({ error }) => {
      if (unreached.push(error) === 2) resolve(server.listen());
    });
  });
  assert.equal(await client.set('a', 1, quiet), undefined);
  await back;
  assert.equal(await client.get('a'), 1);
  assert.ok(unreached.every(({ sent }) => sent === 'no'));

  const { server: gone, client: lost } = await lab(t);
  await gone.away();
  await rejects(lost.set('a', 1, quiet), 'ERR_MEMCACHE_CONNECT', 'no');
  const error = await rejects(lost.setMany({ a: 1, b: 2 }, quiet), 'ERR_MEMCACHE_MANY', 'no');
  assert.equal((error as unknown as { errors: Map<string, unknown> }).errors.size, 2);
});

test('bytes that are not copied are their caller’s again when it resolves, not before', async (t) => {
  const { server, client } = await lab(t, STUFFABLE);
  server.itemSizeMax = 2 ** 30;
  await client.set('a', 1);
  server.users[0].pause();
  const bytes = stuffing();
  let left = false;
  const call = client.set('b', bytes, quiet).finally(() => {
    left = true;
  });
  await sleep(50);
  assert.equal(left, false, 'no kernel takes so much for a peer that does not read');
  server.users[0].resume();
  await call;
  bytes.fill('y');
  assert.equal(await client.get('a'), 1);
  assert.ok(server.items.get('b')?.data.equals(stuffing()));
});

test('who gives up before it left is not sent; afterwards there is nothing to give up', async (t) => {
  const { server, client } = await quarrel(t);
  const early = new AbortController();
  const calls = [
    client.set('a', 'a', { ...quiet, signal: early.signal }),
    client.set('b', 'b', quiet),
    client.set('c', 'c', quiet),
  ];
  early.abort();
  await rejects(calls[0], 'ERR_MEMCACHE_ABORTED', 'no');
  assert.deepEqual(await Promise.all(calls.slice(1)), [undefined, undefined]);
  const late = new AbortController();
  assert.equal(await client.set('a', 'a', { ...quiet, signal: late.signal }), undefined);
  late.abort();
  assert.equal(await client.get('a'), 'a');
  assert.ok(server.lines.every((line) => !line.startsWith('ms a')));
});

test('a deadline that passes before the connection is there rejects', async (t) => {
  const server = await startLineServer(t, () => '');
  const client = clientOf(t, server.address, { dialect: 'meta', maxValueBytes: 1000 });
  const calls = [1, 2].map((i) => client.set(`k${i}`, i, { ...quiet, timeoutMs: 30 }));
  for (const call of calls) await rejects(call, 'ERR_MEMCACHE_TIMEOUT', 'no');
  assert.deepEqual(server.lines, ['version']);
});
