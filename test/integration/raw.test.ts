import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, IllegalInputError } from '../../src/index.ts';
import { backend, overEveryTransport } from './backend.ts';

overEveryTransport((there) => {
  test('one line is answered without its end', async () => {
    const answer = await there.cache.raw('version');
    assert.ok(Buffer.isBuffer(answer));
    assert.equal(answer.toString(), `VERSION ${there.server.version}`);
    assert.equal((await there.cache.raw(Buffer.from('version'))).toString(), answer.toString());
  });

  test('an answer of many lines ends where the caller says', async () => {
    await there.cache.set('raw:key', 'x'.repeat(40_000));
    const head = /^VALUE raw:key \d+ \d+\r\n/;
    for (const until of ['END\r\n', Buffer.from('END\r\n'), /END\r\n/g]) {
      const answer = (await there.cache.raw('get raw:key', { until })).toString('latin1');
      assert.match(answer, head);
      assert.ok(answer.endsWith('\r\n'));
    }
    const first = await there.cache.raw('get raw:key');
    assert.match(first.toString(), /^VALUE raw:key \d+ \d+$/);
  });

  test('the server tunes what it is told to', { skip: there.keysOnly }, async () => {
    const { cache } = there;
    const setting = async (name: string): Promise<unknown> =>
      (await cache.stats('settings')).get(there.address)?.get(name);
    const ok = async (command: string): Promise<void> =>
      assert.equal((await cache.raw(command, { to: there.address })).toString(), 'OK', command);
    await ok('slabs automove 0');
    assert.equal(await setting('slab_automove'), false);
    await ok('slabs automove 2');
    assert.equal(await setting('slab_automove'), 2);
    await ok('slabs automove 1');
    assert.equal(await setting('slab_automove'), true);
    await ok('lru mode flat');
    assert.equal(await setting('lru_segmented'), false);
    await ok('lru mode segmented');
    await ok('lru tune 30 40 0.2 2.0');
    assert.equal(await setting('hot_lru_pct'), 30);
    await ok('lru_crawler sleep 99');
    assert.equal(await setting('lru_crawler_sleep'), 99);
    await ok('lru_crawler disable');
    // Its thread takes a moment to stop, and until then no other one starts.
    for (let tries = 0; ; tries++) {
      const [enabled] = await Promise.allSettled([cache.raw('lru_crawler enable')]);
      if (enabled.status === 'fulfilled') break;
      assert.match(String(enabled.reason), /failed to start lru crawler thread/);
      assert.ok(tries < 1000);
    }
    assert.match((await cache.raw('slabs reassign 1 2')).toString(), /^(OK|NOSPARE|BADCLASS)/);
    const stats = await cache.raw('stats', { until: 'END\r\n' });
    assert.match(stats.toString(), new RegExp(`^STAT pid ${there.server.pid}\r\n`));
  });

  test(
    'what a proxy would hang up over is not sent',
    { skip: there.keysOnly === false },
    async () => {
      const cache = there.client();
      for (const command of ['stats', 'lru mode flat', 'slabs automove 1', 'lru_crawler enable']) {
        await assert.rejects(cache.raw(command), {
          name: 'IllegalInputError',
          code: 'ERR_MEMCACHE_UNSUPPORTED',
          server: there.address,
          sent: 'no',
        });
      }
    },
  );
});

const there = backend();

test('an error line rejects as with any verb', { timeout: 20_000 }, async () => {
  for (const [command, name, code] of [
    ['no_such_command', 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND'],
    ['touch', 'UnknownCommandError', 'ERR_MEMCACHE_UNKNOWN_COMMAND'],
    ['stats cachedump 64 1', 'MemcacheClientError', 'ERR_MEMCACHE_CLIENT'],
  ] as const) {
    for (const until of [undefined, 'END\r\n', /END/]) {
      const [verb] = command.split(' ');
      const expected = { name, code, sent: 'yes', server: there.address, command: verb };
      await assert.rejects(there.cache.raw(command, { until }), expected);
    }
  }
  assert.equal(await there.cache.set('raw:after', 1), true);
});

test('CR and LF are sent only where the caller takes that on', async () => {
  const { cache } = there;
  for (const command of ['version\r\nflush_all', 'version\n', '\rversion']) {
    for (const given of [command, Buffer.from(command)])
      await assert.rejects(cache.raw(given), { code: 'ERR_MEMCACHE_VALUE', sent: 'no' });
  }
  const stored = await cache.raw('set raw:unsafe 0 0 2\r\nhi', { unsafe: true });
  assert.equal(stored.toString(), 'STORED');
  assert.deepEqual(await cache.get('raw:unsafe'), Buffer.from('hi'));
});

test('an answer over the limit rejects', async () => {
  await there.client({ compressor: 'none' }).set('raw:large', Buffer.alloc(100_000));
  const call = there.cache.raw('get raw:large', { until: 'END\r\n', maxBytes: 50_000 });
  await assert.rejects(call, { code: 'ERR_MEMCACHE_TOO_LARGE', sent: 'yes' });
  const whole = await there.cache.raw('get raw:large', { until: 'END\r\n', maxBytes: 100_100 });
  assert.ok(whole.length > 100_000 && whole.length < 100_100);
});

test('an answer that never ends so ends with the time, and with the signal', async () => {
  const { cache } = there;
  const until = 'never';
  await assert.rejects(cache.raw('version', { until, timeoutMs: 100 }), {
    name: 'TimeoutError',
    code: 'ERR_MEMCACHE_TIMEOUT',
    server: there.address,
    sent: 'maybe',
  });
  const controller = new AbortController();
  const call = cache.raw('version', { until, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await assert.rejects(call, { code: 'ERR_MEMCACHE_ABORTED', sent: 'maybe' });
  const { signal } = controller;
  await assert.rejects(cache.raw('version', { signal }), { code: 'ERR_MEMCACHE_ABORTED' });
});

test('a server that ends the connection leaves the answer open', async () => {
  await assert.rejects(there.cache.raw('quit'), {
    code: 'ERR_MEMCACHE_CONNECTION_LOST',
    sent: 'maybe',
  });
});

test('its connection is its own, and closed again', async () => {
  const { cache } = there;
  const stat = async (name: string): Promise<number> => {
    const stats = (await cache.stats()).get(there.address);
    return Number(stats?.get(name));
  };
  const open = await stat('curr_connections');
  const before = await stat('total_connections');
  await Promise.all(Array.from({ length: 5 }, () => cache.raw('version')));
  assert.equal(await stat('total_connections'), before + 5);
  await cache.raw('no_such_command').catch(() => {});
  for (let tries = 0; (await stat('curr_connections')) > open; tries++)
    assert.ok(tries < 1000, 'some are still open');
});

test('of several servers one is named', async (t) => {
  const cache = createClient({ servers: [there.address, '127.0.0.1:1'], timeoutMs: 10_000 });
  t.after(() => cache.close({ timeoutMs: 0 }));
  assert.match((await cache.raw('version', { to: there.address })).toString(), /^VERSION/);
  assert.match(
    (await cache.raw('version', { to: { host: '127.0.0.1', port: there.server.port } })).toString(),
    /^VERSION/,
  );
  const { port } = there.server;
  for (const [to, message] of [
    [undefined, /'to' must name one of the 2 servers/],
    [`127.0.0.2:${port}`, /'to' names 127\.0\.0\.2:\d+, which is none of the servers/],
    ['a b', /'to'/],
    [7, /'to'/],
  ] as const) {
    await assert.rejects(cache.raw('version', { to: to as string }), (error) => {
      assert.ok(error instanceof IllegalInputError);
      assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(cache.raw('version', { to: '127.0.0.1:1' }), {
    code: 'ERR_MEMCACHE_CONNECT',
    server: '127.0.0.1:1',
    sent: 'no',
    message: /ECONNREFUSED/,
  });
});

test('what is no command and no option is refused before anything is sent', async () => {
  const { cache } = there;
  for (const command of ['', Buffer.alloc(0), '\ud800', 7, null, undefined, ['version']]) {
    await assert.rejects(cache.raw(command as string), { code: 'ERR_MEMCACHE_VALUE', sent: 'no' });
  }
  for (const options of [
    { until: '' },
    { until: Buffer.alloc(0) },
    { until: 7 },
    { maxBytes: 0 },
    { maxBytes: 1.5 },
    { unsafe: 1 },
    { timeoutMs: 0 },
    { signal: {} },
    { form: 'text' },
    null,
  ]) {
    await assert.rejects(cache.raw('version', options as object), {
      code: 'ERR_MEMCACHE_OPTION',
      sent: 'no',
    });
  }
});

test('close waits for what is under way, at most its time, and begins nothing', async () => {
  const cache = there.client();
  const call = cache.raw('get raw:large', { until: 'END\r\n' });
  const endless = cache.raw('version', { until: 'never' });
  const refused = assert.rejects(endless, { code: 'ERR_MEMCACHE_CLOSED', sent: 'maybe' });
  const closing = cache.close({ timeoutMs: 500 });
  await assert.rejects(cache.raw('version'), { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' });
  assert.ok((await call).length > 0);
  await refused;
  await closing;
});
