import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { parseServers, type ServerAddress } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import type { DiscoverContext, Discovery } from '../../../src/discovery/discovery.ts';
import {
  elasticache,
  type ElastiCacheOptions,
  type ManagedClusterOptions,
  memorystore,
} from '../../../src/discovery/elasticache.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import {
  ConfigEndpoint,
  configReply,
  hangsUp,
  says,
  saysNothing,
} from '../../support/config-endpoint.ts';
import { rejects, until } from '../../support/fault-lab.ts';

const context = (more: Partial<DiscoverContext> = {}): DiscoverContext => ({
  known: [],
  signal: new AbortController().signal,
  ...more,
});

async function namesOf(
  discovery: Discovery,
  more: Partial<DiscoverContext> = {},
): Promise<string[]> {
  const servers = (await discovery.discover(context(more))) as readonly ServerAddress[];
  return servers.map(({ name }) => name);
}

const NODES = ['n1.cache|10.0.0.1|11211', 'n2.cache||11212', '|10.0.0.3|11213'];

const endpointOf = (t: TestContext, version = 1, nodes = NODES): Promise<ConfigEndpoint> =>
  ConfigEndpoint.start(t, says(configReply(version, nodes)));

test('nodes are reached by their ip, and by their host where they have none', async (t) => {
  const { address: endpoint } = await endpointOf(t);
  const byIp = ['10.0.0.1:11211', 'n2.cache:11212', '10.0.0.3:11213'];
  const byHost = ['n1.cache:11211', 'n2.cache:11212', '10.0.0.3:11213'];
  assert.deepEqual(await namesOf(elasticache({ endpoint })), byIp);
  assert.deepEqual(await namesOf(elasticache({ endpoint, address: 'ip' })), byIp);
  assert.deepEqual(await namesOf(elasticache({ endpoint, address: 'host' })), byHost);
  assert.deepEqual(await namesOf(memorystore({ endpoint })), byIp);
});

test('with TLS they are reached by their host', async (t) => {
  const { port, address: endpoint } = await endpointOf(t);
  const connection = {
    ...CONNECTION_DEFAULTS,
    tls: true,
    connect: () => connect(port, '127.0.0.1'),
  };
  const [first] = await namesOf(elasticache({ endpoint }), { connection });
  assert.equal(first, 'n1.cache:11211');
  const [byIp] = await namesOf(elasticache({ endpoint, address: 'ip' }), { connection });
  assert.equal(byIp, '10.0.0.1:11211');
  const [plain] = await namesOf(elasticache({ endpoint, tls: false }), { connection });
  assert.equal(plain, '10.0.0.1:11211');
  const [memory] = await namesOf(memorystore({ endpoint }), { connection });
  assert.equal(memory, '10.0.0.1:11211');
});

test('an IPv6 address is one', async (t) => {
  const { address: endpoint } = await endpointOf(t, 1, ['h|2600::1|11211']);
  assert.deepEqual(await namesOf(elasticache({ endpoint })), ['[2600::1]:11211']);
});

test('a host that is none is refused', async (t) => {
  const { address: endpoint } = await endpointOf(t, 1, ['1.2.3||11211']);
  await rejects(elasticache({ endpoint }).discover(context()), 'ERR_MEMCACHE_PROTOCOL');
});

test('the old question is asked only by whoever wants it', async (t) => {
  const reply = configReply(1, NODES, 'VALUE AmazonElastiCache:cluster');
  const endpoint = await ConfigEndpoint.start(t, says(reply));
  const discovery = elasticache({ endpoint: endpoint.address, legacyKey: true });
  assert.equal((await namesOf(discovery)).length, 3);
  assert.deepEqual(endpoint.questions, ['get AmazonElastiCache:cluster']);
  await ConfigEndpoint.start(t, says('ERROR\r\n')).then(async (plain) => {
    await rejects(
      elasticache({ endpoint: plain.address }).discover(context()),
      'ERR_MEMCACHE_OPTION',
    );
    assert.deepEqual(plain.questions, ['config get cluster']);
  });
});

test('three tries, half a second apart', async (t) => {
  const endpoint = await endpointOf(t);
  endpoint.next.push(hangsUp, says('SERVER_ERROR busy\r\n'));
  const began = performance.now();
  assert.equal((await namesOf(elasticache({ endpoint: endpoint.address }))).length, 3);
  assert.ok(performance.now() - began >= 990);
  assert.equal(endpoint.questions.length, 3);
  endpoint.script = hangsUp;
  await rejects(
    memorystore({ endpoint: endpoint.address }).discover(context()),
    'ERR_MEMCACHE_CONNECT',
  );
  assert.equal(endpoint.questions.length, 6);
});

test('a plain memcached at the endpoint is asked once', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says('ERROR\r\n'));
  const discovery = elasticache({ endpoint: endpoint.address });
  const error = await rejects(discovery.discover(context()), 'ERR_MEMCACHE_OPTION');
  assert.match(error.message, /^option 'discovery': 127\.0\.0\.1:\d+ is a plain memcached/);
  assert.equal(endpoint.questions.length, 1);
});

test('an abort ends the pause between two tries', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, hangsUp);
  const controller = new AbortController();
  const discovery = elasticache({ endpoint: endpoint.address });
  const asked = discovery.discover(context({ signal: controller.signal }));
  await until(() => endpoint.questions.length === 1 && endpoint.open === 0);
  const began = performance.now();
  controller.abort();
  await rejects(asked, 'ERR_MEMCACHE_ABORTED');
  assert.ok(performance.now() - began < 300);
  assert.equal(endpoint.sockets.length, 1);
});

test('known nodes are asked in turn, the endpoint last', async (t) => {
  const reply = says(configReply(1, NODES));
  const endpoint = await ConfigEndpoint.start(t, reply);
  const nodes = await Promise.all([1, 2, 3].map(() => ConfigEndpoint.start(t, reply)));
  const known = parseServers(nodes.map(({ address }) => address));
  const discovery = elasticache({ endpoint: endpoint.address });
  const asked = (): number[] => [endpoint, ...nodes].map(({ questions }) => questions.length);
  for (let i = 0; i < 4; i++) await namesOf(discovery, { known });
  assert.deepEqual(asked(), [0, 2, 1, 1]);
  for (const node of nodes) node.script = says('ERROR\r\n');
  assert.equal((await namesOf(discovery, { known })).length, 3);
  assert.deepEqual(asked(), [1, 2, 2, 2]);
});

test('Memorystore’s nodes are asked nothing', async (t) => {
  const endpoint = await endpointOf(t);
  const node = await endpointOf(t);
  const discovery = memorystore({ endpoint: endpoint.address });
  await namesOf(discovery, { known: parseServers(node.address) });
  assert.deepEqual([endpoint.questions.length, node.questions.length], [1, 0]);
});

for (const make of [
  (endpoint: string) => memorystore({ endpoint }),
  (endpoint: string) => elasticache({ endpoint }),
]) {
  const { name } = make('a:1');
  const told = ['|10.0.0.1|1', '|10.0.0.2|1'];
  const told2 = [...told, '|10.0.0.3|1'];
  const inUse = (nodes: readonly string[]): ServerAddress[] =>
    parseServers(nodes.map((node) => node.split('|').slice(1).join(':')));

  test(`${name}: an older answer than the one in use is ignored`, async (t) => {
    const endpoint = await ConfigEndpoint.start(t, says(configReply(7, told2)));
    const discovery = make(endpoint.address);
    assert.equal((await namesOf(discovery)).length, 3);
    // The nodes that are known are not there, so that it is the endpoint that answers.
    const known = inUse(told2);
    endpoint.script = says(configReply(6, told));
    const older = discovery.discover(context({ known, signal: AbortSignal.timeout(20_000) }));
    assert.equal((await older).length, 3);
    const forced = discovery.discover(context({ known, force: true }));
    assert.equal((await forced).length, 2, 'unless it is asked for by hand');
  });

  test(`${name}: a newer answer counts, in any order, and one version keeps its order`, async (t) => {
    const endpoint = await ConfigEndpoint.start(t, says(configReply(7, told)));
    const connection = {
      ...CONNECTION_DEFAULTS,
      connect: () => connect(endpoint.port, '127.0.0.1'),
    };
    const discovery = make(endpoint.address);
    const first = await namesOf(discovery, { connection });
    endpoint.script = says(configReply(7, told.toReversed()));
    assert.deepEqual(await namesOf(discovery, { connection, known: inUse(told) }), first);
    endpoint.script = says(configReply(8, told.toReversed()));
    const second = await namesOf(discovery, { connection, known: inUse(told) });
    assert.deepEqual(second, first.toReversed());
  });

  test(`${name}: a version that was never used holds nothing up`, async (t) => {
    const endpoint = await ConfigEndpoint.start(t, says(configReply(7, told)));
    const connection = {
      ...CONNECTION_DEFAULTS,
      connect: () => connect(endpoint.port, '127.0.0.1'),
    };
    const discovery = make(endpoint.address);
    const known = inUse(told);
    await namesOf(discovery, { connection });
    endpoint.script = says(configReply('999999999999999', ['evil|6.6.6.6|1']));
    assert.deepEqual(await namesOf(discovery, { connection, known }), ['6.6.6.6:1']);
    endpoint.script = says(configReply(8, told2));
    assert.equal((await namesOf(discovery, { connection, known })).length, 3);
    endpoint.script = says(configReply(6, ['|10.0.0.9|1']));
    assert.equal((await namesOf(discovery, { connection, known })).length, 2);
  });
}

test('two clients that share a discovery do not share what is in use', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(configReply(7, NODES)));
  const discovery = memorystore({ endpoint: endpoint.address });
  await namesOf(discovery);
  endpoint.script = says(configReply(5, NODES.slice(1)));
  assert.equal((await namesOf(discovery)).length, 2, 'who knows no servers takes what there is');
});

test('an endpoint that says nothing is given up after timeoutMs', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const discovery = elasticache({ endpoint: endpoint.address, timeoutMs: 30 });
  const error = await rejects(discovery.discover(context()), 'ERR_MEMCACHE_CONNECT');
  assert.match(error.message, /within 30 ms/);
});

test('they name themselves and ask once a minute', () => {
  const cluster = elasticache({ endpoint: 'my.cfg.host' });
  assert.equal(cluster.name, 'elasticache my.cfg.host:11211');
  assert.equal(cluster.pollMs, 60_000);
  const store = memorystore({ endpoint: { host: '10.0.0.1', port: 5 }, pollMs: 0 });
  assert.equal(store.name, 'memorystore 10.0.0.1:5');
  assert.equal(store.pollMs, 0);
});

const ILLEGAL: [options: unknown, reason: RegExp][] = [
  [undefined, /elasticache takes an object of options; got undefined/],
  ['a:1', /elasticache takes an object of options; got a string/],
  [{}, /option 'endpoint': undefined is no server/],
  [{ endpoint: 'a:x' }, /option 'endpoint': the port/],
  [{ endpoint: 'a', poll: 5 }, /elasticache has no option 'poll'; it has endpoint, pollMs/],
  [{ endpoint: 'a', pollMs: -1 }, /option 'pollMs' must be an integer of milliseconds from 0/],
  [{ endpoint: 'a', pollMs: 2 ** 31 }, /option 'pollMs'/],
  [{ endpoint: 'a', timeoutMs: 0 }, /option 'timeoutMs' must be an integer of milliseconds from 1/],
  [{ endpoint: 'a', address: 'name' }, /option 'address' must be 'ip' or 'host'; got a string/],
  [{ endpoint: 'a', legacyKey: 1 }, /option 'legacyKey' must be true or false; got a number/],
  [
    { endpoint: 'a', tls: 1 },
    /option 'tls' must be true or false, options or a function; got a number/,
  ],
  [{ endpoint: 'a', tls: null }, /option 'tls' must be .* got null/],
  [{ endpoint: 'a', connect: {} }, /option 'connect' must be a function; got an object/],
];

test('options that mean nothing are refused', () => {
  for (const [options, reason] of ILLEGAL) {
    assert.throws(
      () => elasticache(options as ElastiCacheOptions),
      (error: Error) => {
        assert.ok(error instanceof IllegalInputError);
        assert.match(error.message, reason);
        return true;
      },
    );
  }
  const options = { endpoint: 'a', legacyKey: true } as ManagedClusterOptions;
  assert.throws(() => memorystore(options), /memorystore has no option 'legacyKey'/);
});
