// Discoveries that lie, fall silent, change their mind or are none.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAddress } from '../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../src/connection/options.ts';
import type { Discovery } from '../../src/discovery/discovery.ts';
import { discoveryOf } from '../../src/discovery/discovery-option.ts';
import { dns } from '../../src/discovery/dns.ts';
import { elasticache, memorystore } from '../../src/discovery/elasticache.ts';
import { file } from '../../src/discovery/file.ts';
import { DiscoveryPoller, type DiscoveryPollerParts } from '../../src/discovery/poller.ts';
import type { MemcacheError } from '../../src/errors.ts';
import { startMemcached } from '../../src/testing/index.ts';
import {
  ConfigEndpoint,
  configReply,
  type ConfigScript,
  hangsUp,
  resets,
  says,
  saysInPieces,
  saysNothing,
} from '../support/config-endpoint.ts';
import { DnsServer } from '../support/dns-server.ts';
import { rejects, until } from '../support/fault-lab.ts';

const NODES = ['n1.cache|10.0.0.1|11211', 'n2.cache|10.0.0.2|11211', 'n3.cache|10.0.0.3|11211'];
const IN_USE = '10.0.0.1:11211 10.0.0.2:11211 10.0.0.3:11211';

const text = (servers: readonly ServerAddress[]): string =>
  servers.map(({ name }) => name).join(' ');

interface Lab {
  readonly poller: DiscoveryPoller;
  readonly applied: string[];
  readonly failures: MemcacheError[];
}

function lab(t: TestContext, discovery: Discovery, parts: Partial<DiscoveryPollerParts> = {}): Lab {
  const applied: string[] = [];
  const failures: MemcacheError[] = [];
  const poller = new DiscoveryPoller({
    discovery,
    apply: (servers) => void applied.push(text(servers)),
    failed: (error) => void failures.push(error),
    ...parts,
  });
  t.after(() => poller.close());
  return { poller, applied, failures };
}

/** Nodes that are not there are asked at the endpoint instead. */
const allAtOnePlace = (endpoint: ConfigEndpoint): Partial<DiscoveryPollerParts> => ({
  connection: { ...CONNECTION_DEFAULTS, connect: () => connect(endpoint.port, '127.0.0.1') },
});

const POISON: [what: string, script: ConfigScript, code: MemcacheError['code']][] = [
  ['nobody', says(configReply(2, [])), 'ERR_MEMCACHE_PROTOCOL'],
  ['one of three', says(configReply(2, NODES.slice(2))), 'ERR_MEMCACHE_PROTOCOL'],
  ['a twin', says(configReply(2, [...NODES, NODES[0]])), 'ERR_MEMCACHE_PROTOCOL'],
  ['loopback', says(configReply(2, [...NODES, 'n4|127.0.0.1|22'])), 'ERR_MEMCACHE_PROTOCOL'],
  ['metadata', says(configReply(2, [...NODES, 'n4|169.254.169.254|80'])), 'ERR_MEMCACHE_PROTOCOL'],
  ['this host', says(configReply(2, [...NODES, 'localhost||22'])), 'ERR_MEMCACHE_PROTOCOL'],
  ['a stranger', says(configReply(2, [...NODES, 'n4|192.0.2.1|22'])), 'ERR_MEMCACHE_PROTOCOL'],
  ['port 0', says(configReply(2, [...NODES, 'n4|10.0.0.4|0'])), 'ERR_MEMCACHE_PROTOCOL'],
  [
    'a crowd',
    says(
      configReply(
        2,
        Array.from({ length: 300 }, (_, i) => `n|10.1.${i >> 8}.${i & 255}|1`),
      ),
    ),
    'ERR_MEMCACHE_PROTOCOL',
  ],
  ['a huge length', says('CONFIG cluster 0 4294967295\r\n'), 'ERR_MEMCACHE_PROTOCOL'],
  ['garbage', says('\0\xff\xfe\r\n\r\n'), 'ERR_MEMCACHE_PROTOCOL'],
  ['half', saysInPieces(configReply(2, NODES).slice(0, -1), 20, 40), 'ERR_MEMCACHE_CONNECT'],
  ['nothing', saysNothing, 'ERR_MEMCACHE_CONNECT'],
  ['an end', hangsUp, 'ERR_MEMCACHE_CONNECT'],
  ['a reset', resets, 'ERR_MEMCACHE_CONNECT'],
  ['an error', says('SERVER_ERROR busy\r\n'), 'ERR_MEMCACHE_SERVER'],
  ['ignorance', says('ERROR\r\n'), 'ERR_MEMCACHE_OPTION'],
];

for (const [what, script, code] of POISON) {
  test(`told of ${what}: the last list stays, and the next good one counts`, async (t) => {
    const endpoint = await ConfigEndpoint.start(t, says(configReply(1, NODES)));
    const discovery = memorystore({ endpoint: endpoint.address, timeoutMs: 50 });
    const { poller, applied, failures } = lab(t, discovery, {
      limits: { allow: ['10.0.0.0/8', 'localhost', '127.0.0.1', '169.254.169.254'] },
    });
    await poller.start();
    endpoint.script = script;
    const error = await rejects(poller.refresh(), code);
    assert.deepEqual(failures, [error]);
    assert.equal(text(poller.servers), IN_USE);
    endpoint.script = says(configReply(2, NODES.slice(0, 2)));
    await poller.refresh();
    assert.deepEqual(applied, [IN_USE, '10.0.0.1:11211 10.0.0.2:11211']);
  });
}

test('a forged version does not hold up the true ones', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(configReply(5, NODES)));
  const discovery = elasticache({ endpoint: endpoint.address });
  const { poller, applied } = lab(t, discovery, allAtOnePlace(endpoint));
  await poller.start();
  endpoint.script = says(configReply('999999999999999', ['evil|127.0.0.1|1']));
  await rejects(poller.refresh(), 'ERR_MEMCACHE_PROTOCOL');
  endpoint.script = says(configReply(4, NODES.slice(0, 2)));
  await poller.refresh();
  endpoint.script = says(configReply(6, NODES.slice(1)));
  await poller.refresh();
  assert.deepEqual(applied, [IN_USE, '10.0.0.2:11211 10.0.0.3:11211']);
});

test('answers that take turns, old and new, do not move a fleet back and forth', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const before = says(configReply(5, NODES));
  const after = says(configReply(6, [...NODES, 'n4.cache|10.0.0.4|11211']));
  endpoint.next.push(before, after, before, after, before);
  const { poller, applied, failures } = lab(t, memorystore({ endpoint: endpoint.address }));
  await poller.start();
  for (let i = 0; i < 4; i++) await poller.refresh();
  assert.deepEqual(applied, [IN_USE, `${IN_USE} 10.0.0.4:11211`]);
  assert.deepEqual(failures, []);
});

test('a real memcached is no configuration endpoint, and it is said how to name it', async (t) => {
  const server = await startMemcached();
  t.after(() => server.stop());
  const { poller, applied, failures } = lab(t, discoveryOf(`elasticache://${server.address}`));
  const error = await rejects(poller.start(), 'ERR_MEMCACHE_OPTION');
  assert.equal(error.server, server.address);
  assert.match(error.message, /^option 'discovery': .* is a plain memcached: it has no config/);
  assert.match(error.message, /'servers'/);
  assert.equal(error.retryable, false);
  const old = elasticache({ endpoint: server.address, legacyKey: true });
  const none = await rejects(lab(t, old).poller.start(), 'ERR_MEMCACHE_OPTION');
  assert.match(none.message, /holds no configuration/);
  assert.deepEqual(applied, []);
  assert.equal(failures.length, 1);
});

test('a real memcached that holds the old key is believed by whoever asks for it', async (t) => {
  const server = await startMemcached();
  t.after(() => server.stop());
  const payload = `1\n${NODES.join(' ')}\n`;
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(`set AmazonElastiCache:cluster 0 0 ${payload.length}\r\n${payload}\r\n`);
  let reply = '';
  socket.on('data', (chunk: Buffer) => (reply += chunk.toString('latin1')));
  await until(() => reply === 'STORED\r\n');
  const old = elasticache({ endpoint: server.address, legacyKey: true });
  assert.equal(text(await lab(t, old).poller.start()), IN_USE);
  await rejects(
    lab(t, elasticache({ endpoint: server.address })).poller.start(),
    'ERR_MEMCACHE_OPTION',
  );
});

test('a list that grows and shrinks while it is polled', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(configReply(1, NODES)));
  const discovery = memorystore({ endpoint: endpoint.address, pollMs: 10 });
  const { poller, applied, failures } = lab(t, discovery);
  await poller.start();
  endpoint.script = says(configReply(2, [...NODES, 'n4|10.0.0.4|11211']));
  await until(() => applied.length === 2);
  endpoint.script = says(configReply(3, NODES.slice(0, 1)));
  await until(() => failures.length > 1);
  assert.equal(poller.servers.length, 4);
  endpoint.script = says(configReply(4, NODES));
  await until(() => applied.length === 3);
  assert.equal(text(poller.servers), IN_USE);
});

test('trouble brings a new list long before the next poll', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(configReply(1, NODES)));
  const discovery = memorystore({ endpoint: endpoint.address });
  const { poller, applied } = lab(t, discovery, { troubleMs: 50 });
  await poller.start();
  endpoint.script = says(configReply(2, NODES.slice(1)));
  poller.onTrouble();
  await until(() => applied.length === 2);
});

test('pods that come and go behind a name', async (t) => {
  const server = await DnsServer.start(t, { 'cache.svc': ['10.0.0.2', '10.0.0.10', '10.0.0.1'] });
  const discovery = dns({ host: 'cache.svc', pollMs: 10, nameservers: [server.address] });
  const { poller, applied, failures } = lab(t, discovery);
  await poller.start();
  server.zone = { 'cache.svc': ['10.0.0.10', '10.0.0.1', '10.0.0.2'] };
  const asked = server.asked.length;
  await until(() => server.asked.length > asked + 2);
  server.zone = { 'cache.svc': ['10.0.0.3', '10.0.0.10', '10.0.0.1'] };
  await until(() => applied.length === 2);
  for (const records of ['SERVFAIL', []] as const) {
    const before = failures.length;
    server.zone = { 'cache.svc': records };
    await until(() => failures.length > before);
  }
  server.zone = { 'cache.svc': ['127.0.0.1', '10.0.0.10', '10.0.0.1'] };
  await until(() => failures.at(-1)?.code === 'ERR_MEMCACHE_PROTOCOL');
  assert.match(failures.at(-1)?.message ?? '', /127\.0\.0\.1:11211 is local/);
  assert.deepEqual(applied, [
    '10.0.0.1:11211 10.0.0.2:11211 10.0.0.10:11211',
    '10.0.0.1:11211 10.0.0.3:11211 10.0.0.10:11211',
  ]);
});

test('a file that is replaced, broken, gone and back, without a poll', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-discovery-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'servers');
  const replace = (content: string): void => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  replace('a:1\n127.0.0.1:2\n');
  const { poller, applied, failures } = lab(t, file({ path, pollMs: 0 }));
  await poller.start();
  replace('["a:1", "b:2"]');
  await until(() => applied.length === 2);
  replace('["a:1", "b:2"');
  await until(() => failures.length === 1);
  replace('a b c\n');
  await until(() => failures.length === 2);
  rmSync(path);
  await until(() => failures.length === 3);
  assert.equal(text(poller.servers), 'a:1 b:2');
  replace('unix:/run/mc.sock\na:1\n');
  await until(() => applied.length === 3);
  assert.deepEqual(applied, ['a:1 127.0.0.1:2', 'a:1 b:2', 'unix:/run/mc.sock a:1']);
});

test('a file that is changed where nothing is told is found by the poll', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-discovery-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'servers');
  writeFileSync(path, 'a:1');
  const { watch: _watch, ...silent } = file({ path, pollMs: 10 });
  const { poller, applied } = lab(t, silent);
  await poller.start();
  writeFileSync(path, 'b:1');
  await until(() => applied.length === 2);
});

test('nothing is left after close: no timer, no socket, no watch, no question', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const names = await DnsServer.start(t, { 'silent.test': 'silence' });
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-discovery-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'servers');
  writeFileSync(path, 'a:1');
  const resources = (): string => process.getActiveResourcesInfo().toSorted().join(' ');
  await sleep(0);
  const before = resources();
  const pollers = [
    elasticache({ endpoint: endpoint.address, timeoutMs: 60_000 }),
    dns({ host: 'silent.test', timeoutMs: 60_000, nameservers: [names.address] }),
    file({ path, pollMs: 5 }),
    discoveryOf(() => new Promise<never>(() => {})),
  ].map((discovery) => lab(t, discovery).poller);
  const started = pollers.map((poller) => poller.start().then(() => 'told', String));
  await until(() => endpoint.questions.length === 1 && names.asked.length === 1);
  await started[2];
  assert.notEqual(resources(), before);
  await Promise.all(pollers.map((poller) => poller.close()));
  const ends = await Promise.all(started);
  assert.deepEqual(
    ends.map((end) => /told|the client is closed/.exec(end)?.[0]),
    ['the client is closed', 'the client is closed', 'told', 'the client is closed'],
  );
  await until(() => endpoint.open === 0);
  await until(() => resources() === before);
});
