import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { ClientOptions } from '../../../src/config/options.ts';
import { resolveOptions } from '../../../src/config/resolve.ts';
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
    keyPrefix: '',
    retry: { attempts: 2 },
    onError: 'throw',
    onUnreadable: 'miss',
    closeTimeoutMs: 5000,
    percentiles: false,
    connectTimeoutMs: 1000,
    stallTimeoutMs: 2000,
    keepAliveMs: 15_000,
    idleProbeMs: 30_000,
    readBufferBytes: 131_072,
    tls: false,
    unref: false,
    connect: undefined,
    reconnect: { minMs: 50, maxMs: 10_000 },
    connections: 1,
    volleyKeys: 100,
    volleyBytes: 16_384,
    maxQueued: { operations: 10_000, bytes: 67_108_864 },
    flush: 'auto',
    bulkBytes: 65_536,
    dialect: 'auto',
    maxValueBytes: undefined,
    format: 'memvolley',
    codec: undefined,
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

test('the format of a codec decides its defaults', () => {
  assert.equal(resolveOptions({ servers: 'h', format: 'pymemcache' }).compressor, 'none');
  assert.equal(
    resolveOptions({ servers: 'h', format: 'pymemcache', compressor: 'zlib' }).compressor,
    'zlib',
  );
  assert.match(refusalOf({ format: 'pymemcache', compressor: 'lz4' }), /lz4/);
});

test('a URL, as text or object, and a string of servers are options too', () => {
  const url = 'memcacheds://h1:1,h2:2?timeoutMs=200&retry.attempts=3';
  for (const input of [url, new URL('memcacheds://h1/?timeoutMs=200&retry.attempts=3')]) {
    const { timeoutMs, retry, tls } = resolveOptions(input);
    assert.deepEqual(
      { timeoutMs, retry, tls },
      { timeoutMs: 200, retry: { attempts: 3 }, tls: true },
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
  [{ tls: 'yes' }, /'tls' must be true or false or an object; got a string/],
  [
    { reconnect: { minMs: 20_000 } },
    /'reconnect.maxMs' must not be less than reconnect.minMs, which is 20000/,
  ],
  [{ minGain: 2 }, /'minGain' must be a number from 0 to 1/],
  [{ servers: [] }, /'servers': the list is empty/],
  [{ servers: undefined }, /'servers'/],
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
  ]) {
    assert.doesNotMatch(refusalOf(option), /hunter2/);
  }
});
