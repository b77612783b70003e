import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { createClient, ManyError, type MemcacheError, TimeoutError } from '../../src/index.ts';
import { type Backend, backend } from './backend.ts';

/** The signal that stops a process takes a moment to arrive. */
async function paused({ server }: Backend): Promise<void> {
  server.pause();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';

describe('a call with a signal', () => {
  const server = backend();

  test('is not sent when the signal was aborted before', async () => {
    const cache = server.client();
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    const calls = [
      cache.get('k', { signal }),
      cache.getMany(['k'], { signal }),
      cache.set('k', 1, { signal }),
      cache.setMany({ k: 1 }, { signal }),
      cache.delete('k', { signal }),
      cache.deleteMany(['k'], { signal }),
      cache.incr('k', 1, { signal, initial: 1 }),
      cache.touch('k', 1, { signal }),
      cache.version({ signal }),
      cache.stats('', { signal }),
      cache.flushAll(0, { signal }),
      cache.get('k', { signal, onError: 'miss' }),
    ];
    for (const call of calls) {
      await assert.rejects(call, {
        name: 'MemcacheError',
        code: 'ERR_MEMCACHE_ABORTED',
        sent: 'no',
        cause: reason,
      });
    }
    assert.equal(cache.metrics().connects, 0);
  });

  test('is given up when the signal is aborted; the others and the connection stay', async () => {
    const cache = server.client();
    await cache.set('stay', 1);
    const controller = new AbortController();
    const { signal } = controller;
    await paused(server);
    const given = Array.from({ length: 20 }, (_, i) => cache.get(`given:${i}`, { signal }));
    const many = cache.getMany(['given:a', 'stay'], { signal });
    const stays = cache.get('stay');
    assert.equal(getEventListeners(signal, 'abort').length, 1, 'one listener for all calls');
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort();
    for (const call of [...given, many]) {
      await assert.rejects(call, { code: 'ERR_MEMCACHE_ABORTED', sent: 'maybe' });
    }
    server.server.resume();
    assert.equal(await stays, 1);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(cache.metrics().aborts, 21);
    assert.equal(cache.metrics().reconnects, 0);
    assert.equal(await cache.get('stay'), 1);
  });

  test('leaves no listener behind when it is answered', async () => {
    const { signal } = new AbortController();
    const cache = server.client();
    await cache.set('answered', 1, { signal });
    await Promise.all(Array.from({ length: 30 }, () => cache.get('answered', { signal })));
    await assert.rejects(cache.incr('answered', 1, { signal, initial: -1 }));
    await assert.rejects(cache.set('answered', undefined, { signal }));
    assert.deepEqual(await cache.getMany([], { signal }), new Map());
    assert.deepEqual(await cache.deleteMany([], { signal }), new Map());
    assert.equal(await cache.setMany({}, { signal }), true);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});

describe('a call with a deadline', () => {
  const server = backend();

  test('rejects in time, and its late answer reaches nobody else', async () => {
    const cache = server.client();
    await cache.setMany({ late: 'late', other: 'other' });
    await paused(server);
    const began = performance.now();
    await assert.rejects(cache.get('late', { timeoutMs: 60 }), (error: unknown) => {
      assert.ok(error instanceof TimeoutError);
      const { code, command, sent, retryable } = error;
      assert.deepEqual(
        { code, command, sent, retryable },
        { code: 'ERR_MEMCACHE_TIMEOUT', command: 'get', sent: 'maybe', retryable: true },
      );
      return true;
    });
    assert.ok(performance.now() - began < 1000);
    const others = [cache.get('other'), cache.getMany(['other', 'late'])];
    await assert.rejects(cache.set('late', 2, { timeoutMs: 30 }), { code: 'ERR_MEMCACHE_TIMEOUT' });
    await assert.rejects(cache.getMany(['late'], { timeoutMs: 30 }), { code: 'ERR_MEMCACHE_MANY' });
    server.server.resume();
    assert.equal(await others[0], 'other');
    assert.equal((await others[1])?.constructor, Map);
    assert.equal(await cache.get('other'), 'other');
    assert.equal(cache.metrics().reconnects, 0);
    assert.equal(cache.metrics().timeouts, 3);
  });

  test('a shared key times out for each caller by itself', async () => {
    const cache = server.client();
    await cache.set('patience', 1);
    await paused(server);
    const patient = cache.get('patience');
    await assert.rejects(cache.get('patience', { timeoutMs: 30 }), {
      code: 'ERR_MEMCACHE_TIMEOUT',
    });
    server.server.resume();
    assert.equal(await patient, 1);
  });
});

describe('a call that fails', () => {
  test('rejects with what failed, and at once while the server is not tried again', async () => {
    await using cache = createClient({ servers: NOWHERE, reconnect: { minMs: 10_000 } });
    const name = 'MemcacheConnectionError';
    const sent = 'no';
    await assert.rejects(cache.get('k'), { name, code: 'ERR_MEMCACHE_CONNECT', sent });
    const began = performance.now();
    const code = 'ERR_MEMCACHE_UNAVAILABLE';
    await assert.rejects(cache.set('k', 1), { name, code, sent, retryable: true });
    await assert.rejects(cache.incr('k'), { code });
    await assert.rejects(cache.version(), { code });
    await assert.rejects(cache.getMany(['a', 'b']), (error: unknown) => {
      assert.ok(error instanceof ManyError);
      assert.deepEqual([...error.errors.keys()], ['a', 'b']);
      assert.ok([...error.errors.values()].every((each: MemcacheError) => each.code === code));
      assert.deepEqual(error.values, new Map());
      return true;
    });
    assert.ok(performance.now() - began < 1000);
  });

  test("with onError 'miss' a read is a miss with an event, a write still rejects", async () => {
    await using cache = createClient({
      servers: NOWHERE,
      onError: 'miss',
      reconnect: { minMs: 10_000 },
    });
    const codes: string[] = [];
    cache.on('guard', ({ error }) => codes.push(error.code));
    assert.equal(await cache.get('k'), undefined);
    assert.equal(await cache.gets('k'), undefined);
    assert.deepEqual(await cache.getMany(['a', 'b']), new Map());
    assert.deepEqual(await cache.getsMany(['a', 'b']), new Map());
    assert.deepEqual(await cache.getValues(['a', 'b']), [undefined, undefined]);
    assert.equal(codes[0], 'ERR_MEMCACHE_CONNECT');
    assert.ok(codes.length >= 5);
    const code = 'ERR_MEMCACHE_UNAVAILABLE';
    await assert.rejects(cache.get('k', { onError: 'throw' }), { code });
    await assert.rejects(cache.set('k', 1), { code });
    await assert.rejects(cache.incr('k'), { code });
    await assert.rejects(cache.delete('k'), { code });
    await assert.rejects(cache.get(''), { code: 'ERR_MEMCACHE_KEY' });
  });

  test("onError 'miss' for one call", async () => {
    await using cache = createClient({ servers: NOWHERE, reconnect: { minMs: 10_000 } });
    assert.equal(await cache.get('k', { onError: 'miss' }), undefined);
    assert.deepEqual(await cache.getMany(['k'], { onError: 'miss' }), new Map());
    await assert.rejects(cache.get('k'), { code: 'ERR_MEMCACHE_UNAVAILABLE' });
  });
});

describe('the options of a call', () => {
  test('are checked before anything is sent', async () => {
    await using cache = createClient(NOWHERE);
    const refused = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_OPTION', sent: 'no' };
    const odd: unknown[] = [
      null,
      'miss',
      7,
      { timeout: 1 },
      { timeoutMs: 0 },
      { timeoutMs: Number.NaN },
      { timeoutMs: '5' },
      { signal: {} },
      { onError: 'ignore' },
      { lane: 'small' },
      { codec: 'yaml' },
      { codec: { encode: () => 1 } },
      { routeBy: 7 },
      { ttl: '5' },
    ];
    for (const options of odd) {
      await assert.rejects(cache.get('k', options as never), refused);
      await assert.rejects(cache.set('k', 1, options as never), refused);
      await assert.rejects(cache.getMany([], options as never), refused);
      await assert.rejects(cache.delete('k', options as never), refused);
      await assert.rejects(cache.version(options as never), refused);
    }
    assert.equal(cache.metrics().connectionErrors, 0);
  });

  const server = backend();

  test('that are undefined count as left out', async () => {
    const options = { signal: undefined, timeoutMs: undefined, codec: undefined };
    await server.cache.set('k', 1, { ...options, ttl: undefined });
    const read = { ...options, onError: undefined, lane: undefined, routeBy: undefined };
    assert.equal(await server.cache.get('k', read), 1);
    assert.equal(await server.cache.get('k', { routeBy: 'elsewhere' }), 1);
  });
});

describe('a client that is asked for more than may wait', () => {
  const server = backend();

  test('turns operations away, with an event', async () => {
    const cache = server.client({ maxQueued: { operations: 50 } });
    const shed: string[] = [];
    cache.on('shed', ({ error }) => shed.push(error.code));
    await cache.connect();
    const calls = Array.from({ length: 80 }, (_, i) => cache.set(`shed:${i}`, i));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 30);
    for (const outcome of refused as PromiseRejectedResult[]) {
      const { code, sent, retryable } = outcome.reason as MemcacheError;
      assert.deepEqual([code, sent, retryable], ['ERR_MEMCACHE_OVERLOADED', 'no', true]);
    }
    assert.equal(shed.length, 30);
    assert.equal(cache.metrics().shed, 30);
    assert.equal(await cache.get('shed:1'), 1);
  });

  test('counts bytes, too', async () => {
    const cache = server.client({ maxQueued: { bytes: 10_000 }, compressor: 'none' });
    await cache.connect();
    const calls = Array.from({ length: 20 }, (_, i) => cache.set(`b:${i}`, Buffer.alloc(2000)));
    const outcomes = await Promise.allSettled(calls);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5);
    assert.equal(await cache.set('b', Buffer.alloc(2000)), true);
  });
});

describe('how a client is made', () => {
  const server = backend();

  test('from an address, a list, a URL or options', async () => {
    const { address, port } = server.server;
    const query = 'timeoutMs=10000&keyPrefix=url:';
    for (const input of [
      address,
      new URL(`memcached://${address}?${query}`),
      `memcached://${address}?${query}`,
      { servers: [address] },
      { servers: [{ host: '127.0.0.1', port }] },
      { servers: address },
    ]) {
      await using cache = createClient(input);
      assert.equal(await cache.set('made', 1), true);
      assert.equal(await cache.get('made'), 1);
      assert.deepEqual(cache.servers, [address]);
    }
    assert.equal(await server.cache.get('url:made'), 1);
  });

  test('not from what is no option', () => {
    const code = 'ERR_MEMCACHE_OPTION';
    assert.throws(() => createClient('a:1,a:1'), { code, message: /listed twice/ });
    assert.throws(() => createClient({ servers: [] }), { code });
    assert.throws(() => createClient({ servers: 'a', timeoutMS: 5 } as never), {
      code,
      message: /did you mean 'timeoutMs'/,
    });
    assert.throws(() => createClient({ servers: 'a', keyPrefix: 'a b' }), {
      code: 'ERR_MEMCACHE_KEY',
    });
  });

  for (const dialect of ['auto', 'classic', 'meta'] as const) {
    for (const maxValueBytes of [undefined, 100_000]) {
      test(`with dialect '${dialect}' and maxValueBytes ${maxValueBytes}`, async () => {
        const cache = server.client({ dialect, maxValueBytes });
        await cache.set('dialect', [1]);
        assert.deepEqual(await cache.get('dialect'), [1]);
        const key = Buffer.from('needs base64');
        if (dialect === 'classic') {
          const code = 'ERR_MEMCACHE_UNSUPPORTED';
          await assert.rejects(cache.set(key, 1), { code, sent: 'no' });
          await assert.rejects(cache.get(key), { code, sent: 'no' });
        } else {
          await cache.set(key, 1);
          assert.equal(await cache.get(key), 1);
        }
      });
    }
  }

  test('with percentiles', async () => {
    const cache = server.client({ percentiles: true });
    await cache.set('percentiles', 1);
    for (let round = 0; (cache.metrics().latency?.count ?? 0) < 5 && round < 500; round++) {
      await cache.get('percentiles');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await assert.rejects(cache.get(''));
    const { latency } = cache.metrics();
    assert.ok(latency !== undefined && latency.count >= 5);
    assert.ok(latency.p50 > 0 && latency.p50 <= latency.p90 && latency.p90 <= latency.p99);
    assert.ok(latency.p99 <= latency.p999 && latency.p999 <= latency.max);
  });
});
