import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoverContext } from '../../../src/discovery/discovery.ts';
import { dns, type DnsOptions, srv, type SrvOptions } from '../../../src/discovery/dns.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import { DnsServer, type Zone } from '../../support/dns-server.ts';
import { rejects, until } from '../../support/fault-lab.ts';

const context = (signal = new AbortController().signal): DiscoverContext => ({ known: [], signal });

const ZONE: Zone = {
  'v4.test': ['10.0.0.10', '10.0.0.9', '10.0.1.1'],
  'v6.test': ['2600::10', '2600::9'],
  'both.test': ['10.0.0.1', '2600::1'],
  'none.test': [],
  'broken.test': 'SERVFAIL',
  'silent.test': 'silence',
  '_memcache._tcp.test': [
    { priority: 10, weight: 5, port: 11212, target: 'cache-10.test' },
    { priority: 20, weight: 9, port: 11211, target: 'spare.test' },
    { priority: 10, weight: 0, port: 11211, target: 'cache-9.test' },
    { priority: 10, weight: 7, port: 11211, target: 'cache-10.test' },
  ],
  '_away._tcp.test': [{ priority: 0, weight: 0, port: 0, target: '' }],
};

test('the addresses of a name are its servers, in an order of their own', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const nameservers = [server.address];
  const found = await dns({ host: 'v4.test', port: 5, nameservers }).discover(context());
  assert.deepEqual(found, [
    { host: '10.0.0.9', port: 5, servername: 'v4.test' },
    { host: '10.0.0.10', port: 5, servername: 'v4.test' },
    { host: '10.0.1.1', port: 5, servername: 'v4.test' },
  ]);
  server.zone = { 'v4.test': ['10.0.1.1', '10.0.0.9', '10.0.0.10'] };
  assert.deepEqual(await dns({ host: 'v4.test', port: 5, nameservers }).discover(context()), found);
});

test('one family is asked for: a server with two addresses is listed once', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const hostsOf = async (host: string, family: 0 | 4 | 6): Promise<unknown> => {
    const found = await dns({ host, family, nameservers: [server.address] }).discover(context());
    return found.map((spec) => (spec as { host: string }).host);
  };
  assert.deepEqual(await hostsOf('both.test', 0), ['10.0.0.1']);
  assert.deepEqual(await hostsOf('both.test', 4), ['10.0.0.1']);
  assert.deepEqual(await hostsOf('both.test', 6), ['2600::1']);
  assert.deepEqual(server.asked, ['A both.test', 'A both.test', 'AAAA both.test']);
  assert.deepEqual(await hostsOf('v6.test', 0), ['2600::9', '2600::10']);
  await rejects(hostsOf('v6.test', 4), 'ERR_MEMCACHE_CONNECT');
});

test('the SRV records of the first group are servers, without their weights', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const options = { name: '_memcache._tcp.test', nameservers: [server.address] };
  assert.deepEqual(await srv(options).discover(context()), [
    { host: 'cache-9.test', port: 11211 },
    { host: 'cache-10.test', port: 11211 },
    { host: 'cache-10.test', port: 11212 },
  ]);
  const weighted = await srv({ ...options, weights: true }).discover(context());
  assert.deepEqual(
    weighted.map((spec) => (spec as { weight: number }).weight),
    [1, 7, 5],
  );
  assert.deepEqual(await srv({ ...options, name: '_away._tcp.test' }).discover(context()), []);
});

test('a name without an answer is an error with the word of the system', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const nameservers = [server.address];
  for (const [host, word] of [
    ['none.test', 'ENODATA'],
    ['unknown.test', 'ENOTFOUND'],
    ['broken.test', 'ESERVFAIL'],
  ]) {
    const discovery = dns({ host, nameservers });
    const error = await rejects(discovery.discover(context()), 'ERR_MEMCACHE_CONNECT');
    assert.equal(error.message, `dns ${host}:11211 cannot be resolved: ${word}`);
    assert.equal(error.retryable, true);
    await rejects(srv({ name: host, nameservers }).discover(context()), 'ERR_MEMCACHE_CONNECT');
  }
  assert.ok(!server.asked.includes('AAAA broken.test'), 'a failure is no reason to change family');
});

test('a name server that says nothing is given up', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const discovery = dns({ host: 'silent.test', timeoutMs: 20, nameservers: [server.address] });
  const error = await rejects(discovery.discover(context()), 'ERR_MEMCACHE_CONNECT');
  assert.match(error.message, /ETIMEOUT/);
});

test('an abort ends it at once', async (t) => {
  const server = await DnsServer.start(t, ZONE);
  const nameservers = [server.address];
  const controller = new AbortController();
  const discovery = dns({ host: 'silent.test', nameservers });
  const asked = discovery.discover(context(controller.signal));
  await until(() => server.asked.length === 1);
  const began = performance.now();
  controller.abort();
  await rejects(asked, 'ERR_MEMCACHE_CONNECT');
  assert.ok(performance.now() - began < 500);
  await rejects(
    dns({ host: 'v4.test', nameservers }).discover(context(AbortSignal.abort())),
    'ERR_MEMCACHE_CONNECT',
  );
  assert.equal(server.asked.length, 1);
});

test('without name servers of its own it asks those of the system', async () => {
  const discovery = dns({ host: 'memvolley.invalid', timeoutMs: 1, pollMs: 0 });
  await rejects(discovery.discover(context()), 'ERR_MEMCACHE_CONNECT');
});

test('they name themselves', () => {
  assert.equal(dns({ host: 'cache.test' }).name, 'dns cache.test:11211');
  assert.equal(dns({ host: 'cache.test' }).pollMs, 30_000);
  assert.equal(srv({ name: '_memcache._tcp.test', pollMs: 5 }).name, 'srv _memcache._tcp.test');
  assert.equal(srv({ name: '_memcache._tcp.test', pollMs: 5 }).pollMs, 5);
});

const ILLEGAL: [make: () => unknown, reason: RegExp][] = [
  [() => dns('a' as unknown as DnsOptions), /^dns takes an object of options; got a string/],
  [() => dns({} as DnsOptions), /^option 'host' must be a string that is not empty; got undefined/],
  [() => dns({ host: '' }), /^option 'host' .* got an empty string/],
  [() => dns({ host: 'a', port: 0 }), /^option 'port' must be an integer from 1 to 65535/],
  [() => dns({ host: 'a', family: 5 as 4 }), /^option 'family' must be 0 or 4 or 6; got a number/],
  [() => dns({ host: 'a', pollMs: 0.5 }), /^option 'pollMs' .* got a fraction/],
  [() => dns({ host: 'a', timeoutMs: 0 }), /^option 'timeoutMs' .* from 1 /],
  [() => dns({ host: 'a', nameservers: [] }), /^option 'nameservers' must be a list of IP/],
  [() => dns({ host: 'a', nameservers: ['ns'] }), /^option 'nameservers' must be a list of IP/],
  [() => dns({ host: 'a', hots: 1 } as unknown as DnsOptions), /^dns has no option 'hots'/],
  [() => srv({} as SrvOptions), /^option 'name' must be a string/],
  [() => srv({ name: 'a', weights: 1 as unknown as true }), /^option 'weights' must be true or/],
  [() => srv({ name: 'a', port: 1 } as SrvOptions), /^srv has no option 'port'/],
];

test('options that mean nothing are refused', () => {
  for (const [make, reason] of ILLEGAL) {
    assert.throws(make, (error: Error) => {
      assert.ok(error instanceof IllegalInputError);
      assert.match(error.message, reason);
      return true;
    });
  }
  for (const server of ['10.0.0.1', '10.0.0.1:53', '::1', '[::1]', '[::1]:53']) {
    dns({ host: 'a', nameservers: [server] });
  }
});
