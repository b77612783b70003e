import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServers, type ServerSpec } from '../../../src/connection/address.ts';
import type { Discovery } from '../../../src/discovery/discovery.ts';
import { type DiscoveryLimits, Guard } from '../../../src/discovery/guard.ts';
import { IllegalInputError, MemcacheError } from '../../../src/errors.ts';

const network: Discovery = { name: 'some cfg:1', pollMs: 0, discover: async () => [] };
const machine: Discovery = { ...network, local: true };

const guardOf = (limits: Partial<DiscoveryLimits> = {}, discovery = network): Guard =>
  new Guard(discovery, limits);

function refusal(admit: () => unknown): string {
  try {
    admit();
  } catch (error) {
    assert.ok(error instanceof MemcacheError, String(error));
    assert.equal(error.code, 'ERR_MEMCACHE_PROTOCOL');
    assert.match(error.message, /^the list of some cfg:1 is refused: /);
    return error.message;
  }
  return assert.fail('not refused');
}

const list = (servers: number): string[] =>
  Array.from({ length: servers }, (_, i) => `10.0.${i >> 8}.${i & 255}:11211`);

const POISONED: [specs: unknown, reason: RegExp][] = [
  [[], /the list is empty/],
  [undefined, /undefined is no list/],
  ['10.0.0.1', /a string is no list/],
  [{ host: 'a' }, /an object is no list/],
  [['10.0.0.1', '10.0.0.1:11211'], /10\.0\.0\.1:11211 is listed twice/],
  [['a', 'A:11211'], /A:11211 is listed twice/],
  [[{ host: 'a', weight: 2 }, 'a'], /a:11211 is listed twice/],
  [
    [
      { host: 'a', label: 'x' },
      { host: 'b', label: 'x' },
    ],
    /b:11211 has the label of another/,
  ],
  [['a', 'b:x'], /at place 2 is no server/],
  [['a', null], /at place 2 is no server/],
  [['a b'], /at place 1 is no server/],
  [['a\r\nflush_all'], /at place 1 is no server/],
  [[{ host: 'a', port: 70_000 }], /at place 1 is no server/],
  [[{ host: 'a', weight: 0 }], /at place 1 is no server/],
  [list(257), /names 257 servers, more than discoveryLimits.maxServers/],
];

const LOCAL = [
  '127.0.0.1',
  '127.255.255.254:1',
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254:80',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[fe80::1]',
  '[fe80::1%eth0]',
  '[fe80::1%nowhere9]',
  '[febf::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:a9fe:a9fe]',
  '[::127.0.0.1]',
  '[0:0:0:0:0:0:0:1]',
  'localhost',
  'LOCALHOST:5',
  'localhost.',
  'a.localhost',
  'localhost.localdomain',
  'ip6-localhost',
  '0x7f.1',
  '0x7f000001',
  '127.0.0.0x1',
  '0177.0.0.0x1',
  'unix:/run/mc.sock',
  '/run/mc.sock',
];

test('a poisoned list is refused with its reason', () => {
  for (const [specs, reason] of POISONED) {
    assert.match(
      refusal(() => guardOf().admit(specs as ServerSpec[], [])),
      reason,
    );
  }
});

test('no message repeats what is no server', () => {
  for (const spec of ['hunter2 x', 'h:hunter2', { host: 'hunter2/' }]) {
    assert.doesNotMatch(
      refusal(() => guardOf().admit([spec], [])),
      /hunter2/,
    );
  }
});

test('a network may not name this machine or its link', () => {
  for (const spec of LOCAL) {
    assert.match(
      refusal(() => guardOf().admit(['10.0.0.1', spec], [])),
      /is local, and discoveryLimits\.allowLocal is false/,
      spec,
    );
  }
});

test('it may if the limits say so, and so may this machine itself', () => {
  for (const spec of LOCAL) {
    for (const guard of [guardOf({ allowLocal: true }), guardOf({}, machine)]) {
      assert.equal(guard.admit([spec], []).length, 1, spec);
    }
  }
});

test('other addresses are no local ones', () => {
  const specs = [
    '10.0.0.1',
    '128.0.0.1',
    '126.255.255.255',
    '169.253.0.1',
    '[fec0::1]',
    '[fd00::1]',
    '[2600::1]',
    '[::ffff:10.0.0.1]',
    'localhost.example.org',
    'mylocalhost',
    'cache-0',
    'cache.0x.example',
    'a.0.b',
  ];
  assert.equal(guardOf().admit(specs, []).length, specs.length);
});

const allow = ['.cache.amazonaws.com', 'One.Example', '10.0.0.0/8', '192.168.1.7', 'fd00::/8'];

test('with an allow list nothing else is allowed', () => {
  const guard = guardOf({ allow });
  const allowed = [
    'n1.use1.cache.amazonaws.com',
    'N1.CACHE.AMAZONAWS.COM.',
    'one.example',
    '10.255.0.1',
    '[::ffff:10.0.0.1]',
    '192.168.1.7',
    '[fd12::1]',
  ];
  assert.equal(guard.admit(allowed, []).length, allowed.length);
  for (const spec of [
    'cache.amazonaws.com',
    'evilcache.amazonaws.com',
    'n1.cache.amazonaws.com.evil.example',
    'two.one.example',
    'one.example.org',
    '11.0.0.1',
    '192.168.1.8',
    '[fe00::1]',
    '[2600::1]',
  ]) {
    assert.match(
      refusal(() => guard.admit(['10.0.0.1', spec], [])),
      /is not in discoveryLimits\.allow/,
      spec,
    );
  }
});

test('being allowed is not being allowed to be local', () => {
  const guard = guardOf({ allow: ['0.0.0.0/0', 'localhost', 'unix:/run/x'] });
  for (const spec of ['127.0.0.1', 'localhost', 'unix:/run/x']) {
    assert.match(
      refusal(() => guard.admit([spec], [])),
      /is local/,
    );
  }
  const trusting = guardOf({ allow: ['unix:/run/x'] }, machine);
  assert.equal(trusting.admit(['/run/x'], []).length, 1);
  assert.match(
    refusal(() => trusting.admit(['/run/y'], [])),
    /is not in discoveryLimits\.allow/,
  );
});

const SHRINKS: [inUse: number, servers: number, maxShrink: number, held: boolean][] = [
  [2, 1, 0.5, false],
  [3, 2, 0.5, false],
  [3, 1, 0.5, true],
  [4, 2, 0.5, false],
  [4, 1, 0.5, true],
  [100, 50, 0.5, false],
  [100, 49, 0.5, true],
  [100, 300, 0.5, false],
  [10, 9, 0, false],
  [10, 8, 0, true],
  [10, 1, 1, false],
  [0, 1, 0.5, false],
];

test('a list may shrink by its part, one server may always go', () => {
  for (const [inUse, servers, maxShrink, held] of SHRINKS) {
    const guard = guardOf({ maxShrink, maxServers: 300 });
    const known = inUse === 0 ? [] : parseServers(list(inUse));
    const admit = (force: boolean): unknown[] => guard.admit(list(servers), known, force);
    const step = `${inUse} to ${servers} at ${maxShrink}`;
    if (held)
      assert.match(
        refusal(() => admit(false)),
        /discoveryLimits\.maxShrink; it is held/,
        step,
      );
    else assert.equal(admit(false).length, servers, step);
    assert.equal(admit(true).length, servers, `${step} by hand`);
  }
});

test('nothing but a long step is taken by hand', () => {
  for (const [specs, reason] of POISONED) {
    assert.match(
      refusal(() => guardOf().admit(specs as ServerSpec[], [], true)),
      reason,
    );
  }
});

const ILLEGAL: [limits: unknown, reason: RegExp][] = [
  [5, /^discoveryLimits takes an object of options; got a number/],
  [{ maxServer: 5 }, /^discoveryLimits has no option 'maxServer'; it has maxServers, maxShrink/],
  [{ maxServers: 0 }, /^option 'discoveryLimits.maxServers' must be an integer from 1 /],
  [{ maxServers: '5' }, /got a string/],
  [{ maxShrink: -0.1 }, /^option 'discoveryLimits.maxShrink' must be 0 to 1; got a fraction/],
  [{ maxShrink: Number.NaN }, /^option 'discoveryLimits.maxShrink' must be 0 to 1; got NaN/],
  [{ maxShrink: '0.5' }, /^option 'discoveryLimits.maxShrink' must be 0 to 1; got a string/],
  [{ allowLocal: 1 }, /^option 'discoveryLimits.allowLocal' must be true or false/],
  [{ allow: 'a' }, /^option 'discoveryLimits.allow' must be a list of strings; got a string/],
  [{ allow: ['a', 5] }, /^option 'discoveryLimits.allow\[1\]' must be a suffix .* got a number/],
  [{ allow: [''] }, /^option 'discoveryLimits.allow\[0\]' .* got an empty string/],
  [{ allow: ['*.example'] }, /^option 'discoveryLimits.allow\[0\]'/],
  [{ allow: ['.'] }, /^option 'discoveryLimits.allow\[0\]'/],
  [{ allow: ['a b'] }, /^option 'discoveryLimits.allow\[0\]'/],
  [{ allow: ['a/8'] }, /^option 'discoveryLimits.allow\[0\]'/],
  [{ allow: ['10.0.0.0/33'] }, /prefix of more than 32 bits/],
  [{ allow: ['fd00::/129'] }, /prefix of more than 128 bits/],
];

test('limits that mean nothing are refused', () => {
  for (const [limits, reason] of ILLEGAL) {
    assert.throws(
      () => new Guard(network, limits as DiscoveryLimits),
      (error: Error) => {
        assert.ok(error instanceof IllegalInputError);
        assert.match(error.message, reason);
        return true;
      },
    );
  }
});
