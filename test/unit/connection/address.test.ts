import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServer, parseServers } from '../../../src/connection/address.ts';
import type { ServerSpec } from '../../../src/connection/address.ts';
import { IllegalInputError } from '../../../src/errors.ts';

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    assert.match(error.message, /^option 'servers/);
    return error.message;
  }
  return assert.fail('not refused');
}

const refusalOf = (spec: unknown): string => refusal(() => parseServer(spec as ServerSpec));

/** The spelling is the name where nothing else is said. */
const LEGAL: [ServerSpec, { readonly name: string; readonly [trait: string]: unknown }][] = [
  ['cache', { name: 'cache:11211', spelling: 'cache', host: 'cache', port: 11211, weight: 1 }],
  [
    'cache-1.example_x.org:1',
    { name: 'cache-1.example_x.org:1', host: 'cache-1.example_x.org', port: 1, weight: 1 },
  ],
  [
    '10.0.0.1',
    { name: '10.0.0.1:11211', spelling: '10.0.0.1', host: '10.0.0.1', port: 11211, weight: 1 },
  ],
  ['10.0.0.1:65535', { name: '10.0.0.1:65535', host: '10.0.0.1', port: 65535, weight: 1 }],
  ['[::1]', { name: '[::1]:11211', spelling: '[::1]', host: '::1', port: 11211, weight: 1 }],
  ['[fe80::1%eth0]:5', { name: '[fe80::1%eth0]:5', host: 'fe80::1%eth0', port: 5, weight: 1 }],
  ['unix:/run/mc.sock', { name: 'unix:/run/mc.sock', path: '/run/mc.sock', weight: 1 }],
  [
    'unix:///run/mc.sock',
    { name: 'unix:/run/mc.sock', spelling: 'unix:///run/mc.sock', path: '/run/mc.sock', weight: 1 },
  ],
  [
    '/run/a:b.sock',
    { name: 'unix:/run/a:b.sock', spelling: '/run/a:b.sock', path: '/run/a:b.sock', weight: 1 },
  ],
  [{ host: 'cache' }, { name: 'cache:11211', host: 'cache', port: 11211, weight: 1 }],
  [
    { host: '::1', port: 7, weight: 3 },
    { name: '[::1]:7', host: '::1', port: 7, weight: 3 },
  ],
  [{ host: '[::1]' }, { name: '[::1]:11211', host: '::1', port: 11211, weight: 1 }],
  [
    { path: '/run/mc.sock', weight: 2 },
    { name: 'unix:/run/mc.sock', path: '/run/mc.sock', weight: 2 },
  ],
  [
    { host: 'h', label: 'cache A', spelling: 'H.' },
    { name: 'h:11211', spelling: 'H.', host: 'h', port: 11211, weight: 1, label: 'cache A' },
  ],
  [
    { path: '/a', label: 'b', name: 'unix:/a' },
    { name: 'unix:/a', path: '/a', weight: 1, label: 'b' },
  ],
];

test('every way to write a server has one address', () => {
  for (const [spec, address] of LEGAL)
    assert.deepEqual({ ...parseServer(spec) }, { spelling: address.name, ...address });
});

test('an address is frozen and is a spec of itself', () => {
  for (const [spec] of LEGAL) {
    const address = parseServer(spec);
    assert.ok(Object.isFrozen(address));
    assert.deepEqual(parseServer(address), address);
  }
});

const ILLEGAL: [unknown, RegExp][] = [
  [undefined, /undefined is no server/],
  [null, /null is no server/],
  [11211, /a number is no server/],
  [['h', 1], /an array is no server/],
  ['', /the host is empty/],
  [':11211', /the host is empty/],
  ['host:', /port must be an integer from 1 to 65535/],
  ['host:abc', /port must be/],
  ['host:0', /port must be/],
  ['host:65536', /port must be/],
  ['host:0011', /port must be/],
  ['host:1.5', /port must be/],
  ['host:1e3', /port must be/],
  ['host:11211 ', /port must be/],
  ['host:11211\r\nflush_all', /port must be/],
  ['a b', /a string that is no host/],
  ['tcp://h:5', /a string that is no host/],
  ['h/x', /a string that is no host/],
  ['11211', /a string that is no host/],
  ['300.1.1.1', /a string that is no host/],
  ['h'.repeat(254), /a string that is no host/],
  ['[10.0.0.1]:5', /a string that is no host/],
  ['[cache]', /a string that is no host/],
  ['[::1', /a string that is no host/],
  ['[::1]x', /a string that is no host/],
  ['a:b:5', /a string that is no host/],
  ['unix:run/mc.sock', /absolute path/],
  ['unix:', /absolute path/],
  ['/', /absolute path/],
  ['/run/\0', /absolute path/],
  [`/${'x'.repeat(103)}`, /at most 103 bytes/],
  [{}, /either a host or a path/],
  [{ host: 'h', path: '/p' }, /either a host or a path/],
  [{ path: '/p', port: 1 }, /a path has no port/],
  [{ host: 'h', port: '11211' }, /port must be/],
  [{ host: 'h', port: Number.NaN }, /port must be/],
  [{ host: 'h:5' }, /a string that is no host/],
  [{ host: 5 }, /host must be a string, not a number/],
  [{ path: 5 }, /path must be a string, not a number/],
  [{ host: 'h', weight: 0 }, /weight must be a positive integer, not a number/],
  [{ host: 'h', weight: 1.5 }, /weight must be a positive integer, not a fraction/],
  [{ host: 'h', weight: '2' }, /weight must be a positive integer, not a string/],
  [{ host: 'h', label: '' }, /label must be a string that is not empty, not /],
  [{ host: 'h', label: 5 }, /label must be a string that is not empty, not a number/],
  [{ path: '/p', label: null }, /label must be a string that is not empty, not null/],
  [{ host: 'h', spelling: '' }, /spelling must be a string that is not empty, not /],
  [{ host: 'h', spelling: ['h'] }, /spelling must be a string that is not empty, not an array/],
  [{ host: 'h', prot: 5 }, /no field 'prot'/],
  [{ host: 'h', name: 'other' }, /name is made from the address/],
];

test('everything else is refused with the reason and what is allowed', () => {
  for (const [spec, reason] of ILLEGAL) {
    const message = refusalOf(spec);
    assert.match(message, reason);
    assert.match(message, /allowed are 'host', 'host:port', '\[ipv6\]'/);
  }
});

test('an IPv6 address without brackets is refused with every reading of it', () => {
  assert.match(refusalOf('::1'), /needs brackets: '\[::1\]';/);
  assert.match(refusalOf('::1:11211'), /needs brackets: '\[::1\]:11211';/);
  assert.match(
    refusalOf('fe80::1:1121'),
    /needs brackets: '\[fe80::1:1121\]' or '\[fe80::1\]:1121';/,
  );
});

test('no message repeats what may be a password', () => {
  for (const spec of [
    'user:hunter2@host',
    'user:hunter2@host:11211',
    'hunter2@h',
    'h:hunter2',
    'memcached://u:hunter2@h',
  ]) {
    assert.doesNotMatch(refusalOf(spec), /hunter2/);
  }
});

test('a list is parsed in order, and so is a string with commas', () => {
  const names = ['b:1', '[::1]:2', 'unix:/a'];
  assert.deepEqual(
    parseServers(['b:1', { host: '::1', port: 2 }, '/a']).map(({ name }) => name),
    names,
  );
  assert.deepEqual(
    parseServers('b:1, [::1]:2,unix:/a').map(({ name }) => name),
    names,
  );
});

test('the spelling is what the caller wrote, without the blanks of a list', () => {
  assert.deepEqual(
    parseServers('a, a:1 ,[::1],/s').map(({ spelling }) => spelling),
    ['a', 'a:1', '[::1]', '/s'],
  );
});

test('an error names the option it is about', () => {
  for (const [parse, place] of [
    [() => parseServers(['a', ''], 'gutter.servers'), 'gutter.servers[1]'],
    [() => parseServers([], 'gutter.servers'), 'gutter.servers'],
  ] as const) {
    assert.throws(parse, (error: Error) => error.message.startsWith(`option '${place}': `));
  }
});

test('an error names the place in the list', () => {
  assert.match(
    refusal(() => parseServers(['a', 'b:x'])),
    /option 'servers\[1\]'/,
  );
  assert.match(
    refusal(() => parseServers('a,,b')),
    /option 'servers\[1\]': the host is empty/,
  );
});

test('a server listed twice is refused, however it is written', () => {
  assert.match(
    refusal(() => parseServers(['a', 'A:11211'])),
    /A:11211 is listed twice/,
  );
  assert.match(
    refusal(() => parseServers(['/run/x', 'unix:/run/x'])),
    /listed twice/,
  );
  assert.match(
    refusal(() => parseServers(['[::1]', { host: '::1', weight: 2 }])),
    /listed twice/,
  );
  assert.equal(parseServers(['/run/x', '/run/X', 'a:1', 'a:2']).length, 4);
});

test('two servers of one label are refused: a hash would give one of them no key', () => {
  const labelled = (host: string, label: string): ServerSpec => ({ host, label });
  assert.match(
    refusal(() => parseServers([labelled('a', 'x'), labelled('b', 'y'), labelled('c', 'x')])),
    /^option 'servers': c:11211 has the label of another server;/,
  );
  const labels = parseServers(['x', labelled('a', 'x'), labelled('b', 'X')]).map(
    ({ label }) => label,
  );
  assert.deepEqual(labels, [undefined, 'x', 'X']);
});

test('a list that is none or empty is refused', () => {
  assert.match(
    refusal(() => parseServers([])),
    /the list is empty/,
  );
  assert.match(
    refusal(() => parseServers(undefined as unknown as string)),
    /undefined is no list of servers/,
  );
  assert.match(
    refusal(() => parseServers({ host: 'h' } as unknown as string)),
    /an object is no list of servers/,
  );
});
