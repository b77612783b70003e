import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import {
  CHANNELS,
  createClient,
  type CommandMessage,
  type FleetClient,
  type MemcacheError,
} from '../../src/index.ts';
import {
  type RunningMemcached,
  startFakeMemcached,
  startMemcached,
} from '../../src/testing/index.ts';
import { ChannelEar } from '../support/channel-ear.ts';
import { until } from '../support/fault-lab.ts';
import { CANARY } from '../support/refusals.ts';

let memcached: RunningMemcached;

before(async () => {
  memcached = await startMemcached();
});

after(() => memcached.stop());

const clientOf = (options: object = {}): FleetClient =>
  createClient({ servers: [memcached.address], timeoutMs: 5000, ...options });

test('an operation is told from its call to its end, with what carried it and what came of it', async (t) => {
  await using cache = clientOf();
  await cache.set('k', 1);
  const ear = new ChannelEar(t);
  assert.equal(await cache.get('k'), 1);
  const events = ear.heard.filter(({ name }) => name === 'command').map(({ event }) => event);
  assert.deepEqual(events, ['start', 'end', 'asyncStart', 'asyncEnd']);
  const [begun] = ear.of('command', 'start');
  assert.deepEqual([begun.command, begun.batchSize, begun.server], ['get', undefined, undefined]);
  const [done] = ear.of('command', 'asyncEnd');
  const [batch] = ear.of('batch', 'start');
  assert.deepEqual(
    { ...done, client: 0 },
    {
      command: 'get',
      client: 0,
      batchSize: undefined,
      server: memcached.address,
      serverAddress: '127.0.0.1',
      serverPort: memcached.port,
      batches: [batch.id],
      result: 'hit',
    },
  );
});

test('callers of one moment are operations of their own, and name the one request they shared', async (t) => {
  await using cache = clientOf();
  await cache.connect();
  const ear = new ChannelEar(t);
  await Promise.all([cache.get('a'), cache.get('a'), cache.get('b'), cache.getMany(['c', 'd'])]);
  const batches = ear.of('batch', 'asyncEnd');
  assert.equal(batches.length, 1);
  const [{ id, command, keys, callers, bytes, server }] = batches;
  assert.deepEqual([command, keys, callers, server], ['get', 4, 5, memcached.address]);
  assert.ok(bytes > 0);
  const done = ear.of('command', 'asyncEnd');
  assert.deepEqual(
    done.map((each) => [each.command, each.batchSize, each.result, each.batches]),
    [
      ['get', undefined, 'miss', [id]],
      ['get', undefined, 'miss', [id]],
      ['get', undefined, 'miss', [id]],
      ['getMany', 2, 'miss', [id]],
    ],
  );
});

type Verb = (cache: FleetClient) => Promise<unknown>;
const VERBS: readonly (readonly [name: string, result: string, verb: Verb])[] = [
  ['set', 'stored', (cache) => cache.set('v', 'text')],
  ['add', 'not stored', (cache) => cache.add('v', 'x')],
  ['replace', 'stored', (cache) => cache.replace('v', 'text')],
  ['append', 'stored', (cache) => cache.append('v', 'x')],
  ['cas', 'exists', (cache) => cache.cas('v', 'x', '1')],
  ['set', 'sent', (cache) => cache.set('v', 'text', { noreply: true })],
  ['setMany', 'stored', (cache) => cache.setMany({ v: 1, w: 2 })],
  ['gets', 'hit', (cache) => cache.gets('v')],
  ['getAndTouch', 'hit', (cache) => cache.getAndTouch('v', 60)],
  ['getMany', 'partial', (cache) => cache.getMany(['v', 'none'])],
  ['getValues', 'hit', (cache) => cache.getValues(['v', 'w'])],
  ['getsMany', 'miss', (cache) => cache.getsMany(['none', 'nothing'])],
  ['inspect', 'hit', (cache) => cache.inspect('v')],
  ['inspectMany', 'hit', (cache) => cache.inspectMany(['v', 'w'])],
  ['meta.get', 'hit', (cache) => cache.meta.get('v')],
  ['meta.set', 'stored', (cache) => cache.meta.set('v', 1)],
  ['touch', 'hit', (cache) => cache.touch('v', 60)],
  ['incr', 'hit', (cache) => cache.incr('counter', 1, { initial: 3 })],
  ['decr', 'miss', (cache) => cache.decr('no-counter')],
  ['fetch', 'ok', (cache) => cache.fetch('fetched', { ttl: 60 }, () => 1)],
  ['fetchMany', 'ok', (cache) => cache.fetchMany(['f', 'g'], { ttl: 60 }, () => ({ f: 1 }))],
  ['invalidate', 'hit', (cache) => cache.invalidate('fetched')],
  ['delete', 'hit', (cache) => cache.delete('v')],
  ['deleteMany', 'partial', (cache) => cache.deleteMany(['v', 'w'])],
  ['version', 'ok', (cache) => cache.version()],
  ['stats', 'ok', (cache) => cache.stats()],
  ['raw', 'ok', (cache) => cache.raw('version', { until: '\r\n' })],
  ['connect', 'ok', (cache) => cache.connect()],
  ['get', 'miss', (cache) => cache.namespace('part').get('v')],
  ['invalidateNamespace', 'ok', (cache) => cache.namespace('part').invalidateNamespace()],
  [
    'keys',
    'ok',
    async (cache) => {
      for await (const _ of cache.keys()) break;
    },
  ],
  ['flushAll', 'ok', (cache) => cache.flushAll()],
];

test('every verb is one operation, however many commands it takes', async (t) => {
  await using cache = clientOf();
  const ear = new ChannelEar(t);
  for (const [name, result, verb] of VERBS) {
    ear.heard.length = 0;
    await verb(cache);
    const told = ear.of('command', 'asyncEnd');
    assert.deepEqual(
      told.map((each) => [each.command, each.result, 'error' in each]),
      [[name, result, false]],
      name,
    );
    assert.equal(ear.of('command', 'start').length, 1, name);
    assert.equal(ear.of('command', 'end').length, 1, name);
  }
});

test('keys that can be taken once are counted, and what has no answer is told as sent', async (t) => {
  await using cache = clientOf();
  await cache.set('once', 1);
  const ear = new ChannelEar(t);
  const ofNamespace = cache.namespace('once');
  await ofNamespace.setMany(new Map([['a', 1]]).entries());
  for (const items of [cache, ofNamespace]) {
    const hits = await items.getMany(['once', 'a', 'absent'].values());
    assert.equal(hits.size > 0, true);
    await items.deleteMany(['absent', 'gone'].values());
    await items.fetchMany(['f', 'g'].values(), { ttl: 10 }, () => new Map());
    await items.incr('once', 1, { noreply: true });
    await items.deleteMany(['absent'], { noreply: true });
  }
  const told = ear
    .of('command', 'asyncEnd')
    .map(({ command, batchSize, result }) => [command, batchSize, result]);
  const expected = [
    ['getMany', 3, 'partial'],
    ['deleteMany', 2, 'miss'],
    ['fetchMany', 2, 'ok'],
    ['incr', undefined, 'sent'],
    ['deleteMany', 1, 'sent'],
  ];
  assert.deepEqual(told, [['setMany', 1, 'stored'], ...expected, ...expected]);
});

test('an iterable that throws rejects, whoever listens', async (t) => {
  await using cache = clientOf();
  const ear = new ChannelEar(t);
  const broken = (): Iterable<string> => ({
    [Symbol.iterator]: () => {
      throw new RangeError('broken');
    },
  });
  for (const items of [cache, cache.namespace('broken')]) {
    await assert.rejects(items.getMany(broken()), RangeError);
    await assert.rejects(
      items.fetchMany(broken(), { ttl: 1 }, () => new Map()),
      RangeError,
    );
  }
  assert.equal(ear.of('command', 'error').length, 4);
});

test('an error is told before the end, and nobody has to handle more promises for it', async (t) => {
  await using cache = clientOf();
  const ear = new ChannelEar(t);
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  await assert.rejects(cache.get('a b'), { code: 'ERR_MEMCACHE_KEY' });
  await assert.rejects(cache.get('a', { signal: AbortSignal.abort() }), {
    code: 'ERR_MEMCACHE_ABORTED',
  });
  const load = (): never => {
    throw new RangeError('the loader');
  };
  await assert.rejects(cache.fetch('loader', { ttl: 1 }, load), RangeError);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(unhandled, []);
  const events = ear.heard.filter(({ name }) => name === 'command').map(({ event }) => event);
  const each = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];
  assert.deepEqual(events, [...each, ...each, ...each]);
  const codes = ear.of('command', 'asyncEnd').map(({ error }) => (error as MemcacheError).code);
  assert.deepEqual(codes, ['ERR_MEMCACHE_KEY', 'ERR_MEMCACHE_ABORTED', undefined]);
});

test('stores that are bound to the start are found by what follows, and by the end', async (t) => {
  await using cache = clientOf();
  const spans = new AsyncLocalStorage<string>();
  const channel = tracingChannel<unknown, CommandMessage>(CHANNELS.command);
  channel.start.bindStore(spans, ({ command }) => `span of ${command}`);
  t.after(() => channel.start.unbindStore(spans));
  const ends: unknown[] = [];
  const listener = (): void => void ends.push(spans.getStore());
  subscribe(String(channel.asyncEnd.name), listener);
  t.after(() => unsubscribe(String(channel.asyncEnd.name), listener));
  let inLoader: unknown;
  await cache.fetch('bound', { ttl: 60 }, () => {
    inLoader = spans.getStore();
    return 1;
  });
  await cache.get('bound');
  assert.equal(inLoader, 'span of fetch');
  assert.deepEqual(ends, ['span of fetch', 'span of get']);
  assert.equal(spans.getStore(), undefined);
});

test('a connection is told of from its dial to its end', async (t) => {
  const ear = new ChannelEar(t);
  const cache = clientOf();
  await cache.get('a');
  await cache.close();
  const where = {
    server: memcached.address,
    serverAddress: '127.0.0.1',
    serverPort: memcached.port,
  };
  const [{ client, ...dialled }] = ear.of('connect', 'asyncEnd');
  assert.deepEqual(dialled, where);
  assert.deepEqual(ear.of('connectionReady'), [{ client, ...where, version: memcached.version }]);
  assert.deepEqual(ear.of('connectionClosed'), [{ client, ...where, error: undefined }]);
});

test('a server that is gone is told of by its dials, its state, retries and reads that are misses', async (t) => {
  const server = await startMemcached();
  const ear = new ChannelEar(t);
  await using cache = createClient({
    servers: [server.address],
    timeoutMs: 1000,
    retry: { attempts: 2 },
    onError: 'miss',
    health: { retryTimeoutMs: 20, retryAttempts: 1 },
  });
  await cache.get('a');
  await server.stop();
  await until(() => ear.of('connectionClosed').length === 1);
  for (let round = 0; round < 200 && ear.of('serverState').length < 2; round++) {
    await cache.get('a');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const [failed] = ear.of('connect', 'error');
  assert.equal(failed.error?.code, 'ERR_MEMCACHE_CONNECT');
  assert.deepEqual(
    ear
      .of('serverState')
      .map(({ state }) => state)
      .slice(0, 2),
    ['suspect', 'down'],
  );
  const [{ server: name, guard, error }] = ear.of('guard');
  assert.deepEqual([name, guard], [server.address, undefined]);
  assert.match(error.code, /^ERR_MEMCACHE_(?:CONNECT|UNAVAILABLE|CONNECTION_LOST)$/);
});

test('a retry, a call turned away, and a connection that is not believed', async (t) => {
  const fake = await startFakeMemcached();
  t.after(() => fake.stop());
  let gets = 0;
  fake.intercept(({ verb }, peer) => {
    if (verb !== 'get') return undefined;
    gets++;
    if (gets === 1) peer.reset();
    return gets === 1 ? null : 'VALUE other 0 1\r\nx\r\nEND\r\n';
  });
  const ear = new ChannelEar(t);
  await using cache = createClient({
    servers: [fake.address],
    timeoutMs: 2000,
    maxPending: { operations: 1, bytes: 1e6 },
  });
  const first = cache.get('a');
  await assert.rejects(cache.get('b'), { code: 'ERR_MEMCACHE_OVERLOADED' });
  await assert.rejects(first, { code: 'ERR_MEMCACHE_PROTOCOL' });
  const [{ operations, error }] = ear.of('shed');
  assert.deepEqual([operations, error.code], [1, 'ERR_MEMCACHE_OVERLOADED']);
  const [retry] = ear.of('retry');
  assert.deepEqual([retry.server, retry.attempt], [fake.address, 1]);
  assert.equal(retry.error.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  const [{ guard, server }] = ear.of('guard');
  assert.equal(server, fake.address);
  assert.notEqual(guard, undefined);
  const [lost, unbelieved] = ear.of('batch', 'error');
  assert.equal(lost.error?.code, 'ERR_MEMCACHE_CONNECTION_LOST');
  assert.equal(unbelieved.error?.code, 'ERR_MEMCACHE_PROTOCOL');
  const done = ear.of('command', 'asyncEnd').find(({ batches }) => batches.length > 0);
  assert.deepEqual(done?.batches, [lost.id, unbelieved.id]);
});

test('the servers of a fleet that change are told of', async (t) => {
  const ear = new ChannelEar(t);
  await using cache = clientOf();
  await cache.setServers([memcached.address, '127.0.0.1:1']);
  const [{ added, removed, error }] = ear.of('discovery').slice(-1);
  assert.deepEqual([added, removed, error], [['127.0.0.1:1'], [], undefined]);
});

test('a shard that a worker has done is told of', async (t) => {
  const ear = new ChannelEar(t);
  await using cache = clientOf({ offload: 'always', compressFromBytes: 100, workers: 1 });
  const value = { text: 'x'.repeat(2000) };
  const keys = Array.from({ length: 50 }, (_, index) => `shard:${index}`);
  for (let round = 0; ear.of('codec').length === 0 && round < 200; round++)
    await Promise.all(keys.map((key) => cache.set(key, value)));
  const [{ work, values, bytes, durationMs, failed }] = ear.of('codec');
  assert.deepEqual([work, failed], ['encode', false]);
  assert.ok(values > 0 && bytes > 0 && durationMs > 0);
});

test('no message holds a key or a value', async (t) => {
  const ear = new ChannelEar(t);
  await using cache = clientOf({ retry: { attempts: 2 } });
  const key = `key-${CANARY}`;
  const value = { secret: CANARY };
  const namespace = cache.namespace('canary');
  const calls: Promise<unknown>[] = [
    cache.set(key, value),
    cache.get(key),
    cache.getMany([key, `${key}2`]),
    cache.setMany([[key, value]]),
    cache.set(key, value, { noreply: true }),
    cache.append(key, CANARY),
    cache.fetch(`${key}3`, { ttl: 5 }, () => value),
    cache.fetchMany([`${key}4`], { ttl: 5 }, () => ({ [`${key}4`]: value })),
    cache.incr(key),
    cache.inspect(key, { value: true }),
    cache.get(`${key} `),
    cache.get(key.repeat(100)),
    cache.get(key, { signal: AbortSignal.abort() }),
    namespace.set(key, value),
    cache.delete(key),
    cache.raw(`get ${key}`, { until: 'END\r\n' }),
  ];
  await Promise.allSettled(calls);
  assert.ok(ear.heard.length > calls.length);
  for (const { name, message } of ear.heard) {
    const { error, ...rest } = message;
    const texts = [inspect(rest, { depth: 10 }), JSON.stringify(rest)];
    if (error instanceof Error) texts.push(error.message, String(error.stack));
    for (const text of texts) assert.ok(!text.includes(CANARY), `${name}: ${text}`);
  }
});

test('times are counted from the first time they are asked for, by verb and by what came of it', async () => {
  await using cache = clientOf();
  await cache.get('before');
  assert.deepEqual(cache.durations().operations, []);
  await cache.set('timed', 1);
  await Promise.all(Array.from({ length: 100 }, () => cache.get('timed')));
  await cache.get('nothing');
  await cache.get('a b').catch(() => {});
  await cache.fetch('timed', { ttl: 60 }, () => 1);
  const { operations, servers } = cache.durations();
  assert.deepEqual(
    operations.map(({ command, result, error, count }) => [command, result ?? error, count]),
    [
      ['set', 'stored', 1],
      ['get', 'hit', 100],
      ['get', 'miss', 1],
      ['get', 'ERR_MEMCACHE_KEY', 1],
      ['fetch', 'ok', 1],
    ],
  );
  for (const { count, buckets, sumMs } of operations) {
    assert.equal(
      buckets.reduce((sum, each) => sum + each, 0),
      count,
    );
    assert.ok(sumMs >= 0 && sumMs < 60_000);
  }
  const { use, wait } = servers[memcached.address];
  assert.equal(use.count, 4);
  assert.equal(wait.count, 4);
});

test('percentiles by verb and by server, and what each server has counted', async () => {
  const second = await startMemcached();
  await using cache = createClient({
    servers: [memcached.address, second.address],
    percentiles: true,
    timeoutMs: 5000,
  });
  const keys = Array.from({ length: 200 }, (_, index) => `percentile:${index}`);
  for (let round = 0; round < 100 && cache.metrics().latency === undefined; round++)
    await Promise.all(keys.map((key) => cache.get(key)));
  await cache.set('percentile', 1);
  const { latency, latencies, servers, ...counted } = cache.metrics();
  assert.equal(latency?.count, (latencies?.['get'].count ?? 0) + 1);
  assert.equal(latencies?.['set'].count, 1);
  const each = Object.values(servers);
  assert.equal(each.length, 2);
  for (const one of each) {
    assert.ok((one.latency?.count ?? 0) > 0);
    assert.ok(one.gets > 0 && one.bytesRead > 0 && one.volleys > 0 && one.connects === 1);
    assert.deepEqual([one.connections, one.connectionsUsed], [1, 0]);
  }
  for (const name of ['gets', 'misses', 'volleys', 'flushes', 'bytesWritten', 'connects'] as const)
    assert.equal(counted[name], each[0][name] + each[1][name], name);
  await cache.setServers([memcached.address]);
  await until(() => Object.keys(cache.metrics().servers).length === 1);
  assert.ok(cache.metrics().gets >= counted.gets, 'what a server has counted that is gone stays');
  await second.stop();
});
