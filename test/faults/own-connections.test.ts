// What goes wrong with an answer that has a connection of its own: raw, listings of keys, shutdown.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetClient, KeysOptions, ListedKey } from '../../src/index.ts';
import { clientOf, type LabOptions, rejection, rejects, until } from '../support/fault-lab.ts';
import { type LineServer, startLineServer } from '../support/line-server.ts';

type Answer = (line: string, socket: Socket) => string | undefined;

/** A server that negotiates as memcached does and answers everything else as the test says. */
async function serverOf(
  t: TestContext,
  answer: Answer,
  options: LabOptions = {},
): Promise<{ server: LineServer; client: FleetClient }> {
  const server = await startLineServer(t, (line, socket) => {
    if (line === 'version') return 'VERSION 1.6.18\r\n';
    if (line === 'stats settings') return 'STAT item_size_max 1048576\r\nEND\r\n';
    if (line === 'mn') return 'MN\r\n';
    return answer(line, socket);
  });
  return { server, client: clientOf(t, server.address, options) };
}

/** Pieces that reach the client in reads of their own. */
function sendApart(socket: Socket, ...pieces: readonly string[]): string {
  void (async () => {
    for (const piece of pieces) {
      if (!socket.destroyed) socket.write(piece, 'latin1');
      await sleep(2);
    }
  })();
  return '';
}

const silent: Answer = () => '';
const hangsUp: Answer = () => undefined;
const resets: Answer = (_, socket) => {
  socket.resetAndDestroy();
  return '';
};

const open = ({ sockets }: LineServer): number =>
  sockets.filter(({ destroyed }) => !destroyed).length;

const ITEMS = [
  'key=a%3Ab exp=-1 la=1795232573 cas=3 fetch=yes cls=1 size=63',
  'key=k%C3%A9 exp=1795232674 la=1795232574 cas=4 fetch=no cls=1 size=72',
];
const DUMP = `${ITEMS.join('\n')}\nEND\r\n`;

/** The keys of a listing; `at` sees each as it comes. */
async function keysOf(
  client: FleetClient,
  options: KeysOptions = {},
  at: (entry: ListedKey) => void | Promise<void> = () => {},
): Promise<unknown[]> {
  const keys: unknown[] = [];
  for await (const entry of client.keys(options)) {
    keys.push(entry.key);
    await at(entry);
  }
  return keys;
}

test('raw: an answer cut at any byte is the same, its terminator cut too', async (t) => {
  const reply = 'VALUE a 0 2\r\nx\r\r\nEND\r\n';
  let cut = 0;
  const { client, server } = await serverOf(t, (_, socket) =>
    sendApart(socket, reply.slice(0, cut), reply.slice(cut)),
  );
  for (cut = 1; cut < reply.length; cut++) {
    const whole = await client.raw('get a', { until: '\r\nEND\r\n' });
    assert.equal(whole.toString(), 'VALUE a 0 2\r\nx\r', `cut at ${cut}`);
  }
  await until(() => open(server) === 0);
});

test('raw: an error line cut at any byte is the same error', async (t) => {
  const reply = 'CLIENT_ERROR no such thing\r\n';
  let cut = 0;
  const { client } = await serverOf(t, (_, socket) =>
    sendApart(socket, reply.slice(0, cut), reply.slice(cut)),
  );
  for (cut = 1; cut < reply.length; cut++) {
    const error = await rejects(client.raw('lru x', { until: ' ' }), 'ERR_MEMCACHE_CLIENT', 'yes');
    assert.match(error.message, /answered lru with: CLIENT_ERROR \(other words, left out/);
  }
});

test('raw: silence, an end and a reset each leave nothing open', async (t) => {
  for (const [answer, code] of [
    [silent, 'ERR_MEMCACHE_TIMEOUT'],
    [hangsUp, 'ERR_MEMCACHE_CONNECTION_LOST'],
    [resets, 'ERR_MEMCACHE_CONNECTION_LOST'],
    [(_, socket) => sendApart(socket, 'half an ans'), 'ERR_MEMCACHE_TIMEOUT'],
  ] as const satisfies readonly (readonly [Answer, string])[]) {
    const { client, server } = await serverOf(t, answer);
    const error = await rejects(client.raw('x', { timeoutMs: 200 }), code, 'maybe');
    assert.equal(error.server, server.address);
    await until(() => open(server) === 0);
  }
});

test('raw: who does not answer even version has no connection', async (t) => {
  const options = { connectTimeoutMs: 50 };
  for (const [answer, code, message] of [
    [silent, 'ERR_MEMCACHE_CONNECT', /no answer within 50 ms/],
    [hangsUp, 'ERR_MEMCACHE_CONNECT', /the server ended the connection/],
    [resets, 'ERR_MEMCACHE_CONNECT', /ECONNRESET/],
    [() => 'ERROR Too many open connections\r\n', 'ERR_MEMCACHE_CONNECT', /turned .* away/],
    [() => 'HTTP/1.1 400 Bad Request\r\n', 'ERR_MEMCACHE_CONNECT', /turned .* away/],
    [() => 'x'.repeat(5000), 'ERR_MEMCACHE_PROTOCOL', /a line longer than/],
  ] as const satisfies readonly (readonly [Answer, string, RegExp])[]) {
    const server = await startLineServer(t, answer);
    const client = clientOf(t, server.address, options);
    const error = await rejects(client.raw('delete a'), code);
    assert.match(error.message, message);
    assert.deepEqual(server.lines, ['version'], 'nothing was asked of it');
    await until(() => open(server) === 0);
  }
});

test('raw: a proxy whose backend is away can be asked all the same', async (t) => {
  const server = await startLineServer(t, (line) =>
    line === 'version' ? 'SERVER_ERROR Connection refused\r\n' : 'END\r\n',
  );
  assert.equal((await clientOf(t, server.address).raw('get a')).toString(), 'END');
});

test('raw: an answer without end is cut off at its limit', async (t) => {
  const { client, server } = await serverOf(t, (_, socket) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', pour);
    pour();
    return '';
  });
  await rejects(client.raw('x', { maxBytes: 1_000_000 }), 'ERR_MEMCACHE_TOO_LARGE', 'yes');
  await rejects(client.raw('x'), 'ERR_MEMCACHE_TOO_LARGE', 'yes');
  await until(() => open(server) === 0);
});

test('keys: a listing cut at any byte is the same', async (t) => {
  let cut = 0;
  const { client, server } = await serverOf(t, (_, socket) =>
    sendApart(socket, DUMP.slice(0, cut), DUMP.slice(cut)),
  );
  for (cut = 1; cut < DUMP.length; cut++)
    assert.deepEqual(await keysOf(client), ['a:b', 'ké'], `cut at ${cut}`);
  await until(() => open(server) === 0);
});

test('keys: other forms of the same are understood', async (t) => {
  for (const dump of [
    `OK\r\n${DUMP}`,
    DUMP.replaceAll('\n', '\r\n').replace('\r\r\n', '\r\n'),
    DUMP.replaceAll(/(size=\d+)/g, '$1 flags=7'),
    DUMP.replaceAll(/(size=\d+)/g, '$1 '),
    `${DUMP}key=after the end`,
  ]) {
    const { client } = await serverOf(t, () => dump);
    assert.deepEqual(await keysOf(client), ['a:b', 'ké'], dump);
  }
});

test('keys: mgdump is asked of whoever may have it', async (t) => {
  const raw = Buffer.from('a b');
  const dump = `mg a:b\r\nmg ${raw.toString('base64')} b\r\nEN\r\n`;
  const answerOf =
    (version: string, answer: string): Answer =>
    (line) => {
      if (line === 'version') return version;
      if (line === 'stats settings') return 'END\r\n';
      return line === 'mn' ? 'MN\r\n' : answer;
    };
  for (const version of ['VERSION 1.6.19\r\n', 'VERSION 2.0.0\r\n', 'SERVER_ERROR away\r\n']) {
    const server = await startLineServer(t, answerOf(version, dump));
    const client = clientOf(t, server.address);
    assert.deepEqual(await keysOf(client, { form: 'mgdump', from: 'hash' }), ['a:b', raw]);
    assert.equal(server.lines.at(-1), 'lru_crawler mgdump hash');
  }
  const old = await startLineServer(t, answerOf('SERVER_ERROR away\r\n', 'ERROR\r\n'));
  const error = await rejects(
    keysOf(clientOf(t, old.address), { form: 'mgdump' }),
    'ERR_MEMCACHE_UNSUPPORTED',
    'yes',
  );
  assert.match(error.message, /1\.6\.19/);
  const known = await startLineServer(t, answerOf('VERSION 1.6.18\r\n', dump));
  const refused = keysOf(clientOf(t, known.address), { form: 'mgdump' });
  await rejects(refused, 'ERR_MEMCACHE_UNSUPPORTED', 'no');
  assert.ok(!known.lines.some((line) => line.startsWith('lru_crawler')));
});

test('keys: why there are none, or no more of them', async (t) => {
  for (const [dump, code, message, told] of [
    ['BUSY currently processing crawler request\r\n', 'ERR_MEMCACHE_SERVER', /BUSY currently/, 0],
    ['ERROR\r\n', 'ERR_MEMCACHE_UNKNOWN_COMMAND', /answered lru_crawler with: ERROR$/, 0],
    ['CLIENT_ERROR lru crawler disabled\r\n', 'ERR_MEMCACHE_CLIENT', /disabled/, 0],
    [`${ITEMS[0]}\nERROR locked try again later\r\n`, 'ERR_MEMCACHE_UNKNOWN_COMMAND', /locked/, 1],
    [`${ITEMS[0]}\nkey=secret exp=now\n`, 'ERR_MEMCACHE_PROTOCOL', /none of its answers/, 1],
    [`${ITEMS[0]}\nkey=secret%4`, 'ERR_MEMCACHE_TIMEOUT', /in time/, 1],
    [`${ITEMS[0]}\nsecret${'x'.repeat(5000)}`, 'ERR_MEMCACHE_PROTOCOL', /a line longer/, 0],
    [`VALUE secret 0 1\r\n`, 'ERR_MEMCACHE_PROTOCOL', /none of its answers/, 0],
  ] as const) {
    const { client, server } = await serverOf(t, () => dump, { timeoutMs: 300 });
    let count = 0;
    const error = await rejection(keysOf(client, {}, () => void count++));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(!String(error.stack).includes('secret'));
    assert.equal(count, told);
    await until(() => open(server) === 0);
  }
});

test('keys: only BUSY is worth trying again unchanged', async (t) => {
  const { client } = await serverOf(t, () => 'BUSY currently processing crawler request\r\n');
  const error = await rejects(keysOf(client), 'ERR_MEMCACHE_SERVER', 'yes');
  assert.equal(error.retryable, true);
});

test('keys: an end, a reset and silence amid a listing', async (t) => {
  for (const [then, code] of [
    [(socket: Socket) => void socket.end(), 'ERR_MEMCACHE_CONNECTION_LOST'],
    [(socket: Socket) => void socket.resetAndDestroy(), 'ERR_MEMCACHE_CONNECTION_LOST'],
    [() => {}, 'ERR_MEMCACHE_TIMEOUT'],
  ] as const) {
    const { client, server } = await serverOf(t, (_, socket) => {
      socket.write(`${ITEMS[0]}\n`);
      setTimeout(() => then(socket), 20);
      return '';
    });
    const keys: unknown[] = [];
    const loop = keysOf(client, { timeoutMs: 300 }, ({ key }) => void keys.push(key));
    await rejects(loop, code, 'maybe');
    assert.deepEqual(keys, ['a:b']);
    await until(() => open(server) === 0);
  }
});

test('keys: who waits for a server that says nothing at all may give up', async (t) => {
  for (const [options, code] of [
    [{ signal: AbortSignal.timeout(100) }, 'ERR_MEMCACHE_ABORTED'],
    [{ timeoutMs: 100 }, 'ERR_MEMCACHE_TIMEOUT'],
  ] as const) {
    const server = await startLineServer(t, silent);
    const client = clientOf(t, server.address, { connectTimeoutMs: 5000 });
    await rejects(keysOf(client, options), code, 'no');
  }
});

test('keys: bytes that come slowly, and callers who are slow, are no silence', async (t) => {
  const pieces = DUMP.match(/[^]{1,10}/g) ?? [];
  const { client } = await serverOf(t, (_, socket) => {
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece, 'latin1');
        await sleep(60);
      }
    })();
    return '';
  });
  const keys = await keysOf(client, { timeoutMs: 500 }, () => sleep(600));
  assert.deepEqual(keys, ['a:b', 'ké']);
});

test('keys: leaving the loop lets go of the connection', async (t) => {
  const { client, server } = await serverOf(t, () => `${ITEMS.join('\n')}\n`);
  for await (const { key } of client.keys()) {
    assert.equal(key, 'a:b');
    break;
  }
  await until(() => open(server) === 0);
  const thrown = new Error('enough');
  const loop = keysOf(client, {}, () => Promise.reject(thrown));
  await assert.rejects(loop, thrown);
  await until(() => open(server) === 0);
});

test('keys: a caller who does not read holds the server up', async (t) => {
  const line = `${ITEMS[0]}\n`;
  const block = line.repeat(1000);
  const total = 600;
  let sent = 0;
  let drained = 0;
  const { client } = await serverOf(t, (_, socket) => {
    const pour = (): void => {
      drained++;
      while (sent < total) {
        sent++;
        if (!socket.write(block)) return;
      }
      socket.end('END\r\n');
    };
    socket.on('drain', pour);
    pour();
    return '';
  });
  const keys = client.keys({ timeoutMs: 10_000 })[Symbol.asyncIterator]();
  await keys.next();
  // Until the buffers of the kernel are full.
  for (let before = -1; before !== drained; await sleep(100)) before = drained;
  assert.ok(sent < total / 2, `${sent} of ${total} blocks have left`);
  let count = 1;
  for (let next = await keys.next(); next.done !== true; next = await keys.next()) count++;
  assert.equal(count, total * 1000);
});

test('shutdown: an end or a reset is what was asked for', async (t) => {
  for (const answer of [hangsUp, resets]) {
    const { client, server } = await serverOf(t, answer);
    assert.deepEqual(await client.shutdown(), new Map([[server.address, true]]));
    assert.equal(server.lines.at(-1), 'shutdown');
    const graceful = await client.shutdown({ graceful: true });
    assert.deepEqual(graceful, new Map([[server.address, true]]));
    assert.equal(server.lines.at(-1), 'shutdown graceful');
  }
});

test('shutdown: everything else is not', async (t) => {
  for (const [answer, code, sent] of [
    ['ERROR: shutdown not enabled\r\n', 'ERR_MEMCACHE_UNKNOWN_COMMAND', 'yes'],
    ['CLIENT_ERROR invalid shutdown mode\r\n', 'ERR_MEMCACHE_CLIENT', 'yes'],
    ['OK\r\n', 'ERR_MEMCACHE_PROTOCOL', 'maybe'],
    ['', 'ERR_MEMCACHE_TIMEOUT', 'maybe'],
  ] as const) {
    const { client, server } = await serverOf(t, () => answer);
    await rejects(client.shutdown({ timeoutMs: 300 }), code, sent);
    await until(() => open(server) === 0);
  }
  const { client } = await serverOf(t, silent);
  const controller = new AbortController();
  const call = client.shutdown({ signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await rejects(call, 'ERR_MEMCACHE_ABORTED');
});

test('quit is the last word on every open connection, behind every answer', async (t) => {
  const { client, server } = await serverOf(t, (line, socket) => {
    if (line === 'quit') return undefined;
    setTimeout(() => socket.write('DELETED\r\n'), 30);
    return '';
  });
  const call = client.delete('a');
  await client.quit();
  assert.equal(await call, true);
  await until(() => open(server) === 0);
  assert.deepEqual(server.lines.slice(-2), ['delete a', 'quit']);
});

test('quit does not wait for a server that will not end the connection', async (t) => {
  const { client, server } = await serverOf(
    t,
    (line) => (line === 'delete a' ? 'DELETED\r\n' : ''),
    { connectTimeoutMs: 100 },
  );
  await client.delete('a');
  await client.quit();
  await until(() => open(server) === 0);
  const unused = await serverOf(t, silent);
  await unused.client.quit();
  assert.deepEqual(unused.server.lines, [], 'nobody is dialled for a farewell');
});
