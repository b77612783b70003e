import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CasAnswer,
  type ClientMetrics,
  type ClientOptions,
  type Codec,
  type Config,
  type ConfigEntry,
  type Count,
  createClient,
  type DiscoveryLimits,
  type DiscoveryOption,
  type FleetClient,
  type FormatName,
  type HashedPart,
  type HashOption,
  type HashSettings,
  type HealthOptions,
  type Key,
  type KeyEntry,
  type KeyRuleName,
  type ListedKey,
  ManyError,
  type MemcacheClient,
  MemcacheError,
  type MemcacheErrorCode,
  type OptionSource,
  type RetryOptions,
  type Sent,
  ServerClient,
  type StatValue,
  type WithCas,
} from '../../src/index.ts';

/*
 * What is checked here is checked by the compiler: `npm run typecheck` fails when a type is another one, or when what
 * must not compile does. The functions are never called.
 */

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles where `Actual` is exactly `Expected`. */
function is<Expected, Actual>(..._same: Same<Expected, Actual> extends true ? [] : [never]): void {}

interface User {
  readonly name: string;
}

type Answer<P> = P extends Promise<infer R> ? R : never;

function reads(cache: MemcacheClient): void {
  const unknown = cache.get('k');
  is<unknown, Answer<typeof unknown>>();
  const user = cache.get<User>('k');
  is<User | undefined, Answer<typeof user>>();
  const withCas = cache.gets<User>('k');
  is<WithCas<User> | undefined, Answer<typeof withCas>>();
  const many = cache.getMany<User>(['k', new Uint8Array()]);
  is<Map<Key, User>, Answer<typeof many>>();
  const getsMany = cache.getsMany<User>(new Set(['k']));
  is<Map<Key, WithCas<User>>, Answer<typeof getsMany>>();
  const values = cache.getValues<User>(['k']);
  is<(User | undefined)[], Answer<typeof values>>();
  is<string | Uint8Array, Key>();
  is<string, WithCas<User>['cas']>();
}

function stores(cache: MemcacheClient): void {
  const set = cache.set('k', 1, { ttl: new Date() });
  is<true, Answer<typeof set>>();
  const setMany = cache.setMany({ k: 1 });
  is<true, Answer<typeof setMany>>();
  void cache.setMany(new Map<Key, unknown>());
  void cache.setMany([['k', 1] as const, [new Uint8Array(), 2] as const]);
  const add = cache.add('k', 1);
  is<boolean, Answer<typeof add>>();
  const replace = cache.replace('k', 1);
  is<boolean, Answer<typeof replace>>();
  const cas = cache.cas('k', 1, '7');
  is<'stored' | 'exists' | 'missing', Answer<typeof cas>>();
  is<CasAnswer, Answer<typeof cas>>();
  const gone = cache.delete('k');
  is<boolean, Answer<typeof gone>>();
  const goneMany = cache.deleteMany(['k']);
  is<Map<Key, boolean>, Answer<typeof goneMany>>();
  const touched = cache.touch('k', 5);
  is<boolean, Answer<typeof touched>>();
}

function counters(cache: MemcacheClient): void {
  const one = cache.incr('k');
  is<number | undefined, Answer<typeof one>>();
  const number = cache.incr('k', 5, { initial: 1n });
  is<number | undefined, Answer<typeof number>>();
  const bigint = cache.decr('k', 5n, { initial: 1 });
  is<bigint | undefined, Answer<typeof bigint>>();
}

function administration(cache: MemcacheClient): void {
  const version = cache.version();
  is<Map<string, string>, Answer<typeof version>>();
  const stats = cache.stats('items');
  is<Map<string, Map<string, StatValue>>, Answer<typeof stats>>();
  is<string | number | bigint | boolean, StatValue>();
  const limited = cache.cacheMemlimit(64);
  is<Map<string, true>, Answer<typeof limited>>();
  const logging = cache.verbosity(1, { timeoutMs: 5 });
  is<Map<string, true>, Answer<typeof logging>>();
  const ended = cache.shutdown({ graceful: true });
  is<Map<string, true>, Answer<typeof ended>>();
  const left = cache.quit({ timeoutMs: 5 });
  is<void, Answer<typeof left>>();
  const said = cache.raw('version', { to: { host: 'h' }, until: /END/, maxBytes: 5 });
  is<Buffer, Answer<typeof said>>();
  void cache.raw(new Uint8Array(), { until: new Uint8Array(), unsafe: true });
  const flushed = cache.flushAll(5);
  is<Map<string, boolean>, Answer<typeof flushed>>();
  is<ClientMetrics, ReturnType<typeof cache.metrics>>();
  is<number, ClientMetrics['keysPerVolley']>();
  const { timeoutMs } = cache.config();
  is<number, typeof timeoutMs.value>();
  cache
    .on('guard', ({ error }) => is<MemcacheError, typeof error>())
    .on('unreadable', ({ flags }) => is<number, typeof flags>())
    .off('retry', ({ attempt }) => is<number, typeof attempt>());
  const disposable: AsyncDisposable = cache;
  void disposable;
}

async function listings(cache: MemcacheClient): Promise<void> {
  for await (const entry of cache.keys()) is<KeyEntry, typeof entry>();
  for await (const entry of cache.keys({ server: 'h', from: 'hash', all: true })) {
    is<Key, typeof entry.key>();
    is<Date | undefined, typeof entry.expires>();
    is<boolean, typeof entry.fetched>();
  }
  for await (const entry of cache.keys({ form: 'mgdump' })) is<ListedKey, typeof entry>();
  // @ts-expect-error -- no such form
  void cache.keys({ form: 'json' });
  // @ts-expect-error -- to is an option of raw
  void cache.keys({ to: 'h' });
  // @ts-expect-error -- server is an option of keys
  void cache.raw('version', { server: 'h' });
  // @ts-expect-error -- a command is text or bytes
  void cache.raw(['version']);
  // @ts-expect-error -- no such option
  void cache.shutdown({ force: true });
}

function places(): void {
  const fleet = createClient({ discovery: async () => ['h'] });
  is<FleetClient, typeof fleet>();
  is<readonly string[], typeof fleet.servers>();
  is<string, ReturnType<typeof fleet.serverFor>>();
  void fleet.serverFor(new Uint8Array(), { routeBy: 'k' });
  const changed = fleet.setServers(['h', { host: 'h', port: 1, weight: 2, label: 'a' }]);
  is<void, Answer<typeof changed>>();
  const asked = fleet.rediscover();
  is<void, Answer<typeof asked>>();
  fleet
    .on('topology', ({ added }) => is<readonly string[], typeof added>())
    .on('health', ({ state }) => is<'up' | 'suspect' | 'down' | 'probing', typeof state>());
  const one = new ServerClient('h');
  is<string, typeof one.server>();
  // @ts-expect-error -- a client of one server has no list
  void one.servers;
  // @ts-expect-error -- nor is it given another
  void one.setServers('h');
}

function named(cache: FleetClient): void {
  const config = cache.config();
  is<Config, typeof config>();
  is<ConfigEntry<number>, typeof config.timeoutMs>();
  is<OptionSource, typeof config.timeoutMs.source>();
  is<HealthOptions['probeMs'], (typeof config)['health.probeMs']['value']>();
  is<RetryOptions['maybeSent'], (typeof config)['retry.maybeSent']['value']>();
  is<HashOption, typeof config.hash.value>();
  is<HashedPart, typeof config.hashedPart.value>();
  is<KeyRuleName, typeof config.keyRule.value>();
  is<FormatName, typeof config.format.value>();
  is<DiscoveryLimits['allow'], (typeof config)['discoveryLimits.allow']['value']>();
  is<string | undefined, typeof config.discovery.value>();
  is<'[hidden]' | undefined, typeof config.auth.value>();
  const discovery: DiscoveryOption = async () => ['h'];
  const hash: HashSettings = { name: 'ketama', distribution: 'weighted' };
  const client = createClient({ discovery, hash });
  const up = client.incr('k', 1n);
  is<Count<bigint> | undefined, Answer<typeof up>>();
}

function errors(error: unknown): void {
  if (!(error instanceof MemcacheError)) return;
  is<MemcacheErrorCode, typeof error.code>();
  is<Sent, typeof error.sent>();
  is<'no' | 'maybe' | 'yes', Sent>();
  if (error instanceof ManyError)
    for (const each of error.errors.values()) is<MemcacheError, typeof each>();
  // @ts-expect-error -- no such code
  if (error.code === 'ERR_MEMCACHE_TIMED_OUT') throw error;
}

function refused(cache: MemcacheClient): void {
  // @ts-expect-error -- a key is text or bytes
  void cache.get(7);
  // @ts-expect-error -- keys are a list
  void cache.getMany(7);
  // @ts-expect-error -- no such option
  void cache.get('k', { timeout: 5 });
  // @ts-expect-error -- a read has no ttl
  void cache.get('k', { ttl: 5 });
  // @ts-expect-error -- a store has no lane
  void cache.set('k', 1, { lane: 'bulk' });
  // @ts-expect-error -- nor onError
  void cache.set('k', 1, { onError: 'miss' });
  // @ts-expect-error -- a ttl is a number or a Date
  void cache.set('k', 1, { ttl: '5' });
  // @ts-expect-error -- no such codec
  void cache.get('k', { codec: 'yaml' });
  // @ts-expect-error -- a codec has two functions
  void cache.get('k', { codec: { encode: () => '' } });
  // @ts-expect-error -- a token is opaque text
  void cache.cas('k', 1, 7);
  // @ts-expect-error -- a delta is a number or a bigint
  void cache.incr('k', '1');
  // @ts-expect-error -- touch needs its ttl
  void cache.touch('k');
  // @ts-expect-error -- there is nothing to set
  void cache.set('k');
  // @ts-expect-error -- pairs have a key and a value
  void cache.setMany([['k']]);
  // @ts-expect-error -- config is as it is
  cache.config().timeoutMs.value = 5;
}

function refusedOptions(): void {
  const codec: Codec = { encode: () => ({ bytes: new Uint8Array(), flags: 0 }), decode: () => 1 };
  void createClient({ servers: 'h', codec, retry: {}, maxQueued: { bytes: 1 } });
  void createClient({ servers: [{ host: 'h' }, { path: '/s' }, 'h:1'], reconnect: { minMs: 1 } });
  const left: ClientOptions = { servers: 'h', timeoutMs: undefined, codec: undefined };
  void createClient(left);
  // @ts-expect-error -- no such stand-in
  void createClient({ servers: 'h', failover: 'retry' });
  // @ts-expect-error -- no such hash
  void createClient({ servers: 'h', hash: 'md5' });
  // @ts-expect-error -- no such option
  void createClient({ servers: 'h', timeout: 5 });
  // @ts-expect-error -- no such word
  void createClient({ servers: 'h', onError: 'ignore' });
  // @ts-expect-error -- no such part
  void createClient({ servers: 'h', retry: { tries: 2 } });
  // @ts-expect-error -- a number
  void createClient({ servers: 'h', timeoutMs: '5' });
  // @ts-expect-error -- no such compressor
  void createClient({ servers: 'h', compressor: 'snappy' });
  // @ts-expect-error -- a client is made from something
  void createClient();
}

test('the types are as the compiler found them', () => {
  for (const checked of [
    reads,
    stores,
    counters,
    administration,
    listings,
    places,
    named,
    errors,
    refused,
    refusedOptions,
  ])
    assert.equal(typeof checked, 'function');
});
