import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Settings } from '../../../src/config/settings.ts';
import type { TuneOptions } from '../../../src/config/tune.ts';

test('what is tuned is in force, in the objects the rooms keep', () => {
  const settings = new Settings({ servers: 'h', retry: { delayMs: 5 } });
  const { options } = settings;
  const { retry } = options;
  const changes = settings.tune({ volleyKeys: 50, retry: { attempts: 4 }, onError: 'throw' });
  assert.deepEqual(changes, {
    volleyKeys: { before: 100, after: 50 },
    'retry.attempts': { before: 2, after: 4 },
  });
  assert.ok(Object.isFrozen(changes));
  assert.equal(settings.options, options);
  assert.equal(options.retry, retry);
  assert.deepEqual([options.volleyKeys, retry.attempts, retry.delayMs], [50, 4, 5]);
  const config = settings.config();
  assert.deepEqual(config.volleyKeys, { value: 50, source: 'tune' });
  assert.deepEqual(config['retry.attempts'], { value: 4, source: 'tune' });
  assert.deepEqual(config['retry.delayMs'], { value: 5, source: 'options' });
  assert.deepEqual(config.onError, { value: 'throw', source: 'tune' });
});

test('two clients of the same options are tuned apart', () => {
  const given = { servers: 'h', health: { probeMs: 10 } };
  const [one, other] = [new Settings(given), new Settings(given)];
  one.tune({ health: { probeMs: 20, deadTimeoutMs: 30 }, maxPending: { bytes: 1 } });
  assert.equal(other.options.health.probeMs, 10);
  assert.equal(other.options.maxPending.bytes, 256 * 1024 * 1024);
  assert.deepEqual(given, { servers: 'h', health: { probeMs: 10 } });
});

test('a stall that nobody gave stays twice the timeout', () => {
  const settings = new Settings({ servers: 'h' });
  assert.deepEqual(settings.tune({ timeoutMs: 50 }), {
    timeoutMs: { before: 1000, after: 50 },
    stallTimeoutMs: { before: 2000, after: 100 },
  });
  assert.equal(settings.config().stallTimeoutMs.source, 'default');
  const own = new Settings({ servers: 'h', stallTimeoutMs: 300 });
  assert.deepEqual(Object.keys(own.tune({ timeoutMs: 50 })), ['timeoutMs']);
});

test('nothing said, or undefined, changes nothing', () => {
  const settings = new Settings({ servers: 'h', volleyKeys: 5 });
  assert.deepEqual(settings.tune({}), {});
  assert.deepEqual(settings.tune({ volleyKeys: undefined, retry: { attempts: undefined } }), {});
  assert.equal(settings.config().volleyKeys.source, 'options');
});

test('one that cannot be, or cannot change live, changes nothing and is named', () => {
  const settings = new Settings({ servers: 'h', auth: { username: 'u', password: 'canary' } });
  const before = JSON.stringify(settings.config());
  const cases: [options: unknown, message: RegExp][] = [
    [{ volleyKey: 5 }, /^unknown option 'volleyKey': did you mean 'volleyKeys'\?$/],
    [{ volleyKeys: 0 }, /^option 'volleyKeys' must be an integer of keys/],
    [{ retry: { attempts: 0 } }, /^option 'retry.attempts' must be/],
    [{ retry: 5 }, /^option 'retry' must be an object/],
    [{ reconnect: { minMs: 20_000 } }, /^option 'reconnect.maxMs' must not be less/],
    [{ health: { probeMs: 20_000 } }, /^option 'health.deadTimeoutMs' must not be less/],
    [
      { hash: 'jump' },
      /^option 'hash' cannot change while the client is in use: make a new client$/,
    ],
    [{ window: { adaptive: true } }, /^option 'window.adaptive' cannot change/],
    [{ gutter: { ttl: 5 } }, /^option 'gutter.ttl' cannot change/],
    [
      { servers: 'h2' },
      /^option 'servers' cannot change while the client is in use: use setServers$/,
    ],
    [{ discovery: 'dns://h' }, /rediscover\(\) asks it again$/],
    [{ tls: true }, /a function would be asked for each new connection$/],
    [undefined, /^tune takes an object of options; got undefined$/],
    ['volleyKeys=5', /^tune takes an object of options; got a string$/],
  ];
  for (const [options, message] of cases) {
    const all = typeof options === 'object' ? { ttl: 5, ...options } : options;
    assert.throws(() => settings.tune(all as TuneOptions), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_OPTION',
      message,
    });
    assert.equal(JSON.stringify(settings.config()), before);
  }
});

test('a client of any kind can be tuned', () => {
  for (const given of [
    {
      servers: 'h',
      tls: { rejectUnauthorized: false, servername: 'h' },
      keyPrefix: Uint8Array.of(97),
    },
    { discovery: async () => ['h'], hashTag: { stop: '|' } },
    { servers: 'h', failover: 'gutter', gutter: { servers: 's' } },
    { servers: 'h', profile: 'swift', codec: 'json' },
    {
      servers: [{ host: 'h', weight: 2, label: 'a' }],
      compressor: { compress: Buffer.from, decompress: Buffer.from },
    },
  ] as const) {
    const settings = new Settings(given);
    const before = settings.config();
    settings.tune({ ttl: 5 });
    assert.deepEqual({ ...settings.config(), ttl: before.ttl }, before);
  }
});
