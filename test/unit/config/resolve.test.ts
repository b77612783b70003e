import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { ClientOptions } from '../../../src/config/options.ts';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { PROFILES } from '../../../src/config/profiles.ts';
import { RULES } from '../../../src/config/rules.ts';
import { IllegalInputError } from '../../../src/errors.ts';

function refusal(input: unknown): string {
  try {
    resolveOptions(input as ClientOptions);
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    return error.message;
  }
  return assert.fail('not refused');
}

const refusalOf = (option: object): string => refusal({ servers: 'h', ...option });

test('every option has its default', () => {
  const { servers, workers, ...rest } = resolveOptions({ servers: 'h1,h2:5' });
  assert.deepEqual(
    servers.map(({ name }) => name),
    ['h1:11211', 'h2:5'],
  );
  assert.ok(workers === 1 || workers === 2);
  assert.deepEqual(rest, {
    timeoutMs: 1000,
    ttl: 0,
    ttlJitter: 0,
    maxTtl: undefined,
    keyPrefix: '',
    retry: { attempts: 2, delayMs: 0, maxDelayMs: 1000, maybeSent: 'reads', budget: 0.2 },
    onError: 'throw',
    onUnreadable: 'miss',
    opaque: false,
    closeTimeoutMs: 5000,
    percentiles: false,
    profile: undefined,
    hash: 'rendezvous',
    hashTag: undefined,
    hashedPart: 'key',
    keyRule: 'strict',
    failover: 'next',
    failoverOn: 'down',
    failoverPerSecond: 0,
    gutter: { servers: [], ttl: 10 },
    movedGraceMs: 0,
    discovery: undefined,
    discoveryLimits: { maxServers: 256, maxShrink: 0.5, allow: undefined, allowLocal: false },
    connectTimeoutMs: 1000,
    stallTimeoutMs: 2000,
    keepAliveMs: 15_000,
    idleProbeMs: 30_000,
    readBufferBytes: 131_072,
    maxInFlight: { operations: 4096, bytes: 16_777_216 },
    maxQueueMs: 0,
    window: { adaptive: false, min: 16, max: 10_000 },
    tls: false,
    auth: undefined,
    unref: false,
    connect: undefined,
    reconnect: { minMs: 50, maxMs: 10_000 },
    connections: 1,
    idleTimeoutMs: 0,
    lifetimeMs: 0,
    volleyKeys: 100,
    volleyBytes: 16_384,
    maxQueued: { operations: 10_000, bytes: 67_108_864 },
    whenFull: 'reject',
    maxPending: { operations: 100_000, bytes: 268_435_456 },
    flush: 'auto',
    bulkBytes: 65_536,
    dialect: 'auto',
    maxValueBytes: undefined,
    warnValueBytes: 0,
    health: {
      retryAttempts: 2,
      retryTimeoutMs: 50,
      errorLimit: 10,
      errorWindowMs: 60_000,
      probeMs: 1000,
      deadTimeoutMs: 10_000,
      flushOnReturn: false,
    },
    format: 'memvolley',
    codec: 'msgpack',
    compressor: 'lz4',
    compressFromBytes: 4096,
    minGain: 0.1,
    maxDecompressedBytes: 67_108_864,
    checksum: false,
    offload: 'auto',
    offloadFromBytes: 1024,
    maxShardBytes: 1_048_576,
    shardTimeoutMs: 1000,
  });
});

test('every resolved option obeys its rule', () => {
  const resolved = resolveOptions({ servers: 'h' });
  assert.deepEqual(Object.keys(resolved).toSorted(), Object.keys(RULES).toSorted());
  assert.deepEqual(resolveOptions(resolved), resolved);
  const fleet = resolveOptions({
    servers: ['a', { host: 'b', weight: 2, label: 'B' }],
    failover: 'gutter',
    gutter: { servers: 'c' },
    profile: 'php',
    hashTag: { stop: '|' },
  });
  assert.deepEqual(resolveOptions(fleet), fleet);
  const discovered = resolveOptions({ discovery: async () => ['h'] });
  assert.deepEqual(resolveOptions(discovered), discovered);
});

test('given options win, undefined ones do not, and groups may be given in part', () => {
  const resolved = resolveOptions({
    servers: ['h'],
    timeoutMs: 5,
    ttl: undefined,
    maxQueued: { bytes: 7, operations: undefined },
    reconnect: { minMs: 1 },
  });
  assert.equal(resolved.timeoutMs, 5);
  assert.equal(resolved.ttl, 0);
  assert.deepEqual(resolved.maxQueued, { operations: 10_000, bytes: 7 });
  assert.deepEqual(resolved.reconnect, { minMs: 1, maxMs: 10_000 });
  assert.deepEqual(
    resolveOptions({ servers: 'h', maxQueued: undefined }).maxQueued.bytes,
    67_108_864,
  );
});

test('a stall is twice the timeout unless it is given, and no longer than a timer', () => {
  assert.equal(resolveOptions({ servers: 'h', timeoutMs: 200 }).stallTimeoutMs, 400);
  assert.equal(
    resolveOptions({ servers: 'h', timeoutMs: 200, stallTimeoutMs: 300 }).stallTimeoutMs,
    300,
  );
  assert.equal(
    resolveOptions({ servers: 'h', timeoutMs: 2_147_483_647 }).stallTimeoutMs,
    2_147_483_647,
  );
});

test('a profile sets defaults, and what is given wins over it', () => {
  const { format, hash, hashedPart, keyRule } = resolveOptions({ servers: 'h', profile: 'swift' });
  assert.deepEqual(
    { format, hash, hashedPart, keyRule },
    { format: 'swift', ...profileOf('swift') },
  );
  const mixed = resolveOptions({
    servers: 'h',
    profile: 'swift',
    hash: 'jump',
    format: undefined,
    keyRule: 'strict',
  });
  assert.deepEqual(
    [mixed.profile, mixed.format, mixed.hash, mixed.keyRule],
    ['swift', 'swift', 'jump', 'strict'],
  );
  assert.equal(resolveOptions({ servers: 'h', profile: 'memjs' }).compressor, 'none');
});

function profileOf(name: 'swift'): object {
  const { hash, hashes, keys } = PROFILES[name];
  return { hash, hashedPart: hashes, keyRule: keys };
}

test('a discovery stands in for servers, as text, object or function', () => {
  const discover = async () => ['h'];
  for (const [discovery, name] of [
    ['dns://cache.local:5', /dns.*cache\.local/],
    [{ name: 'mine', pollMs: 5, discover }, /^mine$/],
    [discover, /./],
  ] as const) {
    const resolved = resolveOptions({ discovery });
    assert.deepEqual(resolved.servers, []);
    assert.match(resolved.discovery?.name ?? '', name);
  }
});

test('where keys are can be said in a URL', () => {
  const query =
    'hash=jump&hashTag=%7B%7D&failover=gutter&gutter.servers=s1,s2:5&gutter.ttl=3' +
    '&failoverPerSecond=7&movedGraceMs=9&health.probeMs=5&health.flushOnReturn=true' +
    '&retry.maybeSent=sets&retry.budget=0.5&keyRule=hash&hashedPart=wire&profile=pymemcache';
  const resolved = resolveOptions(`memcached://h1,h2?${query}`);
  assert.deepEqual(
    resolved.gutter.servers.map(({ name }) => name),
    ['s1:11211', 's2:5'],
  );
  const { hash, hashTag, failover, failoverPerSecond, movedGraceMs } = resolved;
  assert.deepEqual(
    { hash, hashTag, failover, failoverPerSecond, movedGraceMs, ttl: resolved.gutter.ttl },
    {
      hash: 'jump',
      hashTag: '{}',
      failover: 'gutter',
      failoverPerSecond: 7,
      movedGraceMs: 9,
      ttl: 3,
    },
  );
  assert.deepEqual(
    [resolved.health.probeMs, resolved.health.flushOnReturn, resolved.health.retryAttempts],
    [5, true, 2],
  );
  assert.deepEqual([resolved.retry.maybeSent, resolved.retry.budget], ['sets', 0.5]);
  assert.deepEqual(
    [resolved.keyRule, resolved.hashedPart, resolved.format],
    ['hash', 'wire', 'pymemcache'],
  );
  assert.match(refusal('memcached://h?hash=md5'), /'hash' must be/);
  const allow = 'discoveryLimits.allow=a.b,10.0.0.0%2F8';
  assert.deepEqual(resolveOptions(`memcached://h?${allow}`).discoveryLimits.allow, [
    'a.b',
    '10.0.0.0/8',
  ]);
});

test('the format of a codec decides its defaults', () => {
  assert.equal(resolveOptions({ servers: 'h', format: 'pymemcache' }).compressor, 'none');
  assert.equal(
    resolveOptions({ servers: 'h', format: 'pymemcache', compressor: 'zlib' }).compressor,
    'zlib',
  );
  assert.match(
    refusalOf({ format: 'pymemcache', compressor: 'lz4' }),
    /'compressor' must be 'zlib' or 'none' with format 'pymemcache'/,
  );
});

test('a URL, as text or object, and a string of servers are options too', () => {
  const url = 'memcacheds://h1:1,h2:2?timeoutMs=200&retry.attempts=3';
  for (const input of [url, new URL('memcacheds://h1/?timeoutMs=200&retry.attempts=3')]) {
    const { timeoutMs, retry, tls } = resolveOptions(input);
    assert.deepEqual(
      { timeoutMs, attempts: retry.attempts, tls },
      { timeoutMs: 200, attempts: 3, tls: true },
    );
  }
  assert.deepEqual(
    resolveOptions(url).servers.map(({ name }) => name),
    ['h1:1', 'h2:2'],
  );
  assert.deepEqual(
    resolveOptions('h1,[::1]:5').servers.map(({ name }) => name),
    ['h1:11211', '[::1]:5'],
  );
  assert.match(
    refusal('memcached://h?timeoutMs=0'),
    /^option 'timeoutMs' must be an integer of milliseconds from 1 to/,
  );
  assert.match(refusal('memcached://h?timeoutMs=fast'), /got a string$/);
  assert.match(refusal('redis://h'), /^the URL must read/);
});

const ILLEGAL: [object, RegExp][] = [
  [
    { timeoutMs: 0 },
    /'timeoutMs' must be an integer of milliseconds from 1 to 2147483647; got a number/,
  ],
  [{ timeoutMs: Infinity }, /'timeoutMs' .* got Infinity/],
  [{ timeOutMs: 5 }, /unknown option 'timeOutMs': did you mean 'timeoutMs'\?/],
  [{ ttl: -1 }, /'ttl' .* seconds from 0 .* got a negative number/],
  [{ ttl: 0.5 }, /'ttl' .* got a fraction/],
  [{ keyPrefix: 5 }, /'keyPrefix' must be a string or bytes; got a number/],
  [{ retry: { attempts: 0 } }, /'retry.attempts' must be an integer from 1 to 10/],
  [{ retry: 3 }, /'retry' must be an object of attempts/],
  [{ onError: 'ignore' }, /'onError' must be 'throw' or 'miss'/],
  [{ volleyKeys: 10_001 }, /'volleyKeys' must be an integer of keys from 1 to 10000/],
  [{ volleyBytes: 255 }, /'volleyBytes' must be an integer of bytes from 256 to 1048576/],
  [{ readBufferBytes: 4095 }, /'readBufferBytes' must be an integer of bytes from 4096/],
  [{ keepAliveMs: 999 }, /'keepAliveMs' .* from 1000 to 2147483647, or 0 for none/],
  [{ connections: 0 }, /'connections'/],
  [{ connect: {} }, /'connect' must be a function; got an object/],
  [{ tls: 'yes' }, /'tls' must be true or false or an object or a function; got a string/],
  [
    { reconnect: { minMs: 20_000 } },
    /'reconnect.maxMs' must not be less than reconnect.minMs, which is 20000/,
  ],
  [{ minGain: 2 }, /'minGain' must be a number from 0 to 1/],
  [{ servers: [] }, /'servers': the list is empty/],
  [{ codec: {} }, /^option 'codec' must be 'msgpack' or 'json' .*; got an object$/],
  [{ codec: { serialize: 5 } }, /^option 'codec' must be /],
  [{ codec: 'xml' }, /^option 'codec' must be 'msgpack' or 'json' .* or an object; got a string$/],
  [
    { format: 'php', codec: 'v8' },
    /^option 'codec' must be 'json' .* with format 'php'; got a string$/,
  ],
  [{ compressor: 'snappy' }, /^option 'compressor' must be 'lz4' .* or an object; got a string$/],
  [
    { compressor: {} },
    /^option 'compressor' must be .* \{ compress, decompress \} .*; got an object$/,
  ],
  [
    { format: 'php', compressor: 'lz4' },
    /^option 'compressor' must be 'zlib' or 'none' with format 'php'; got a string$/,
  ],
  [{ format: 'php', checksum: true }, /^option 'checksum' must be false with format 'php'/],
  [{ servers: undefined }, /'servers' must be given, or 'discovery' instead of it/],
  [{ discovery: 'dns://h' }, /'discovery' stands in the place of 'servers': give one of them/],
  [{ servers: undefined, discovery: 5 }, /'discovery' must be /],
  [{ servers: undefined, discovery: 'consul://h' }, /'discovery'/],
  [{ servers: undefined, discovery: {} }, /'discovery'/],
  [
    { discoveryLimits: { maxServers: 0 } },
    /'discoveryLimits.maxServers' must be an integer from 1/,
  ],
  [
    { discoveryLimits: { maxShrink: 1.5 } },
    /'discoveryLimits.maxShrink' must be a number from 0 to 1/,
  ],
  [
    { discoveryLimits: { allow: 'h' } },
    /'discoveryLimits.allow' must be a list of strings; got a string/,
  ],
  [
    { discoveryLimits: { allow: ['h', 5] } },
    /'discoveryLimits.allow' must be a list of strings; got an array/,
  ],
  [{ discoveryLimits: { allowLocal: 1 } }, /'discoveryLimits.allowLocal' must be true or false/],
  [{ discoveryLimits: { shrink: 1 } }, /unknown option 'discoveryLimits.shrink'/],
  [{ retry: { delayMs: -1 } }, /'retry.delayMs' must be an integer of milliseconds from 0/],
  [
    { retry: { delayMs: 2000 } },
    /'retry.maxDelayMs' must not be less than retry.delayMs, which is 2000/,
  ],
  [{ retry: { maxDelayMs: 0.5 } }, /'retry.maxDelayMs' .* got a fraction/],
  [
    { retry: { maybeSent: 'all' } },
    /'retry.maybeSent' must be 'none' or 'reads' or 'idempotent' or 'sets'/,
  ],
  [{ retry: { budget: 1.1 } }, /'retry.budget' must be a number from 0 to 1/],
  [{ retry: { budget: Number.NaN } }, /'retry.budget' .* got NaN/],
  [{ health: { retryAttempts: -1 } }, /'health.retryAttempts' must be an integer from 0 to 1000/],
  [
    { health: { retryTimeoutMs: 0 } },
    /'health.retryTimeoutMs' must be an integer of milliseconds from 1/,
  ],
  [{ health: { errorLimit: 10_001 } }, /'health.errorLimit' must be an integer from 0 to 10000/],
  [{ health: { errorWindowMs: 0 } }, /'health.errorWindowMs' must be/],
  [{ health: { probeMs: 0 } }, /'health.probeMs' must be/],
  [
    { health: { deadTimeoutMs: 999 } },
    /'health.deadTimeoutMs' must not be less than health.probeMs, which is 1000/,
  ],
  [
    { health: { probeMs: 20_000 } },
    /'health.deadTimeoutMs' must not be less than health.probeMs, which is 20000/,
  ],
  [{ health: { flushOnReturn: 'yes' } }, /'health.flushOnReturn' must be true or false/],
  [
    { health: { deadTimeout: 5 } },
    /unknown option 'health.deadTimeout': did you mean 'health.deadTimeoutMs'\?/,
  ],
  [{ health: true }, /'health' must be an object of retryAttempts/],
  [{ failover: 'retry' }, /'failover' must be 'next' or 'gutter' or 'error' or 'miss'/],
  [
    { servers: 'a,b:1', failover: 'gutter', gutter: { servers: 'c,b:1' } },
    /'gutter.servers' must be spare: b:1 is one of servers, too/,
  ],
  [
    { failover: 'gutter' },
    /'gutter.servers' must name the spare servers with failover 'gutter', and none without it/,
  ],
  [
    { gutter: { servers: 's' } },
    /'gutter.servers' must name the spare servers with failover 'gutter', and none without it/,
  ],
  [
    { failover: 'gutter', gutter: { servers: ['s', ''] } },
    /'gutter.servers\[1\]': the host is empty/,
  ],
  [{ failover: 'gutter', gutter: { servers: 5 } }, /'gutter.servers' must be a string or a list/],
  [{ gutter: { ttl: 0 } }, /'gutter.ttl' must be an integer of seconds from 1 to 2592000/],
  [{ failoverOn: 'suspect' }, /'failoverOn' must be 'down' or 'failure'/],
  [{ failoverPerSecond: -1 }, /'failoverPerSecond' must be an integer from 0/],
  [{ movedGraceMs: 0.5 }, /'movedGraceMs' must be an integer of milliseconds from 0/],
  [{ hash: 'md5' }, /'hash' must be /],
  [{ hash: 5 }, /'hash' must be /],
  [{ hash: {} }, /'hash' must be .* got undefined/],
  [
    { hash: { name: 'ketama', distribution: 'x' } },
    /'hash.distribution' must be 'consistent' or 'weighted'/,
  ],
  [{ hash: { name: 'jump', points: 5 } }, /unknown option 'hash.points'/],
  [{ hashTag: '{' }, /'hashTag' must be two characters such as '{}' or \{ stop \}/],
  [{ hashTag: '{ ' }, /'hashTag' must be .* where the tag ends; got a string$/],
  [{ hashTag: {} }, /'hashTag' must be .* got an object/],
  [{ hashTag: { stop: '' } }, /'hashTag' must be/],
  [{ hashTag: { stop: 5 } }, /'hashTag' must be/],
  [{ hashTag: { stop: '|', start: '|' } }, /'hashTag' must be/],
  [{ hashedPart: 'all' }, /'hashedPart' must be 'key' or 'prefixed' or 'wire'/],
  [{ keyRule: 'sha1' }, /'keyRule' must be 'strict' or /],
  [{ profile: 'redis' }, /'profile' must be /],
  [{ idleTimeoutMs: -1 }, /'idleTimeoutMs' must be/],
  [{ lifetimeMs: 0.5 }, /'lifetimeMs' must be/],
  [{ servers: { host: 'h' } }, /'servers' must be a string or a list; got an object/],
];

test('illegal options are refused by name', () => {
  for (const [option, message] of ILLEGAL) assert.match(refusalOf(option), message);
});

test('what is neither a URL nor an object of options is refused', () => {
  for (const input of [undefined, null, 5, ['h'], () => {}])
    assert.match(refusal(input), /^a client is made from/);
});

test('nothing of it can be changed, neither through it nor through what was given', () => {
  const keyPrefix = Buffer.from('abc');
  const servers = ['h'];
  const tls = { servername: 'a' };
  const resolved = resolveOptions({ servers, keyPrefix, tls, reconnect: {} });
  keyPrefix[0] = 0;
  tls.servername = 'b';
  assert.deepEqual(resolved.keyPrefix, new Uint8Array([97, 98, 99]));
  assert.equal((resolved.tls as typeof tls).servername, 'a');
  for (const part of [
    resolved,
    resolved.servers,
    resolved.retry,
    resolved.maxQueued,
    resolved.reconnect,
    resolved.health,
    resolved.gutter,
    resolved.gutter.servers,
    resolved.discoveryLimits,
    resolved.tls,
  ]) {
    assert.ok(Object.isFrozen(part));
  }
});

test('TLS secrets can be used but are not printed', () => {
  const resolved = resolveOptions({
    servers: 'h',
    tls: { passphrase: 'hunter2', key: 'hunter2', ca: 'x' },
  });
  assert.deepEqual(
    { ...(resolved.tls as object) },
    { passphrase: 'hunter2', key: 'hunter2', ca: 'x' },
  );
  assert.doesNotMatch(inspect(resolved, { depth: null, showHidden: true }), /hunter2/);
  assert.doesNotMatch(JSON.stringify(resolved), /hunter2/);
  assert.doesNotMatch(inspect({ ...resolved }, { depth: null }), /hunter2/);
});

test('no error repeats a value', () => {
  for (const option of [
    { tls: 'hunter2' },
    { keyPrefix: ['hunter2'] },
    { servers: 'u:hunter2@h' },
    { onError: 'hunter2' },
    { failover: 'gutter', gutter: { servers: 'u:hunter2@h' } },
    { hash: 'hunter2' },
    { hash: { name: 'ketama', hash: 'hunter2' } },
    { hashTag: 'hunter2' },
    { profile: 'hunter2' },
    { servers: undefined, discovery: 'elasticache://u:hunter2@h:1' },
    { servers: undefined, discovery: 'hunter2' },
  ]) {
    assert.doesNotMatch(refusalOf(option), /hunter2/);
  }
});
