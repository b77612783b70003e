import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { negotiate, type ServerFacts } from '../../../src/server/negotiation.ts';
import type { Version } from '../../../src/protocol/version.ts';
import { startMemcached } from '../../../src/testing/index.ts';
import { rejection, until } from '../../support/fault-lab.ts';
import { startLineServer } from '../../support/line-server.ts';

const ask = (server: string, connectTimeoutMs = 2000, maxQueueMs = 0): Promise<ServerFacts> =>
  negotiate({
    address: parseServer(server),
    options: { ...CONNECTION_DEFAULTS, connectTimeoutMs, maxQueueMs, flush: 'auto' },
    ticker: new Ticker(),
    metrics: new Metrics(),
    guarded: () => {},
  });

const SETTINGS = 'STAT maxbytes 67108864\r\nSTAT item_size_max 2097152\r\nEND\r\n';

/** What a server answers; undefined where it closes the connection. */
type Manners = Readonly<Record<string, string | undefined>>;

const MEMCACHED: Manners = {
  version: 'VERSION 1.6.18\r\n',
  'stats settings': SETTINGS,
  mn: 'MN\r\n',
};

const V: Version = [1, 6, 18];

const TABLE: [string, Manners, ServerFacts][] = [
  [
    'a memcached',
    MEMCACHED,
    { meta: true, administration: true, itemSizeMax: 2_097_152, version: V, doubtful: false },
  ],
  [
    'one without meta commands',
    { ...MEMCACHED, mn: 'ERROR\r\n' },
    { meta: false, administration: true, itemSizeMax: 2_097_152, version: V, doubtful: false },
  ],
  [
    'a proxy that closes over a meta command',
    { ...MEMCACHED, mn: undefined },
    { meta: false, administration: true, itemSizeMax: 2_097_152, version: V, doubtful: true },
  ],
  [
    'a proxy that closes over stats settings',
    { ...MEMCACHED, 'stats settings': undefined },
    { meta: false, administration: false, itemSizeMax: undefined, version: V, doubtful: true },
  ],
  [
    'a proxy that knows nothing but version',
    { version: 'SERVER_ERROR Connection refused\r\n' },
    {
      meta: false,
      administration: false,
      itemSizeMax: undefined,
      version: undefined,
      doubtful: true,
    },
  ],
  [
    'a server that refuses stats',
    { ...MEMCACHED, 'stats settings': 'SERVER_ERROR not now\r\n' },
    { meta: true, administration: true, itemSizeMax: undefined, version: V, doubtful: false },
  ],
  [
    'a server that does not know stats',
    { ...MEMCACHED, 'stats settings': 'ERROR\r\n' },
    { meta: false, administration: true, itemSizeMax: undefined, version: V, doubtful: false },
  ],
  [
    'a server that does not tell its item size',
    { ...MEMCACHED, 'stats settings': 'END\r\n' },
    { meta: true, administration: true, itemSizeMax: undefined, version: V, doubtful: false },
  ],
  [
    'a server whose meta commands have their first form',
    { ...MEMCACHED, version: 'VERSION 1.6.6\r\n' },
    {
      meta: false,
      administration: true,
      itemSizeMax: 2_097_152,
      version: [1, 6, 6],
      doubtful: false,
    },
  ],
  [
    'a server that names no release',
    { ...MEMCACHED, version: 'VERSION mine\r\n' },
    {
      meta: true,
      administration: true,
      itemSizeMax: 2_097_152,
      version: undefined,
      doubtful: false,
    },
  ],
];

for (const [name, manners, facts] of TABLE) {
  test(name, async (t) => {
    const server = await startLineServer(t, (line) => manners[line]);
    assert.deepEqual(await ask(server.address), facts);
    assert.equal(server.sockets.length, 1);
    await until(() => server.sockets[0].closed);
  });
}

test('a proxy that closes over a meta command takes no other answer with it', async (t) => {
  const server = await startLineServer(t, (line, socket) => {
    if (line === 'version') return MEMCACHED['version'];
    if (line === 'mn') return undefined;
    // As late as a proxy has it that asks its own servers first.
    setImmediate(() => socket.writable && socket.write(SETTINGS));
    return '';
  });
  const facts: ServerFacts = {
    meta: false,
    administration: true,
    itemSizeMax: 2_097_152,
    version: V,
    doubtful: true,
  };
  assert.deepEqual(await ask(server.address), facts);
});

test('a dial that takes longer than anything may be queued is no answer', async (t) => {
  const server = await startLineServer(t, (line, socket) => {
    if (line !== 'version') return MEMCACHED[line];
    setTimeout(() => socket.writable && socket.write(MEMCACHED['version'] ?? ''), 100);
    return '';
  });
  const { meta, itemSizeMax } = await ask(server.address, 10_000, 20);
  assert.deepEqual([meta, itemSizeMax], [true, 2_097_152]);
});

test('an item size that is no size is not believed', async (t) => {
  for (const size of ['0', '-1', 'many', '', '1.5', '99999999999999999999']) {
    const settings = `STAT item_size_max ${size}\r\nEND\r\n`;
    const manners = { ...MEMCACHED, 'stats settings': settings };
    const server = await startLineServer(t, (line) => manners[line as keyof typeof manners]);
    assert.deepEqual(
      await ask(server.address),
      { meta: true, administration: true, itemSizeMax: undefined, version: V, doubtful: false },
      size,
    );
  }
});

test('a real memcached tells both', async (t) => {
  const server = await startMemcached({ itemSizeMax: 2_097_152 });
  t.after(() => server.stop());
  const [major, minor, patch] = server.version.split('.').map(Number);
  const meta = major > 1 || minor > 6 || (minor === 6 && patch >= 10);
  assert.deepEqual(await ask(server.address), {
    meta,
    administration: true,
    itemSizeMax: 2_097_152,
    version: [major, minor, patch],
    doubtful: false,
  });
});

test('who cannot be reached cannot be asked', async (t) => {
  const server = await startLineServer(t, () => undefined);
  const unused = '127.0.0.1:1';
  for (const address of [server.address, unused]) {
    const error = await rejection(ask(address));
    assert.deepEqual(
      [error.code, error.sent, error.server],
      ['ERR_MEMCACHE_CONNECT', 'no', address],
    );
  }
});

test('a server that accepts and stays silent cannot be asked either, and not for longer than a dial may take', async (t) => {
  const server = await startLineServer(t, () => '');
  for (let i = 0; i < 10; i++) {
    const start = performance.now();
    const error = await rejection(ask(server.address, 50));
    assert.equal(error.code, 'ERR_MEMCACHE_CONNECT');
    assert.ok(performance.now() - start < 1000);
  }
});

test('one that falls silent over the questions is taken for classic', async (t) => {
  const server = await startLineServer(t, (line) => (line === 'version' ? 'VERSION 1\r\n' : ''));
  assert.deepEqual(await ask(server.address, 50), {
    meta: false,
    administration: true,
    itemSizeMax: undefined,
    version: undefined,
    doubtful: true,
  });
  await until(() => server.sockets[0].closed);
});
