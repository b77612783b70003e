// Every check of the doctor: what makes it speak, and what does not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ALL_CHECKS, examine } from '../../../src/cli/doctor/examine.ts';
import {
  type ClientFacts,
  hostOf,
  isBefore,
  isPublic,
  type ServerFacts,
} from '../../../src/cli/doctor/facts.ts';
import type { Finding, Severity } from '../../../src/cli/doctor/finding.ts';
import { wrapped } from '../../../src/cli/doctor/report.ts';
import type { StatValue } from '../../../src/index.ts';

type Values = Record<string, StatValue>;
interface Fixture {
  readonly version?: string;
  readonly name?: string;
  readonly stats?: Values;
  readonly settings?: Values;
  readonly items?: Values;
  readonly slabs?: Values;
  readonly roundTrips?: number[];
  readonly clock?: number;
  readonly client?: Partial<ClientFacts>;
}

const CLIENT: ClientFacts = {
  servers: ['10.0.0.1:11211'],
  processes: 1,
  timeoutMs: 1000,
  connections: 1,
  volleyKeys: 100,
  idleTimeoutMs: 0,
  maxValueBytes: undefined,
  tls: false,
  auth: false,
  hash: 'rendezvous',
  profile: undefined,
  cores: 8,
};

/** A server of which nothing is to be said. */
function serverOf(fixture: Fixture): ServerFacts {
  const stats = {
    uptime: 100_000,
    max_connections: 1024,
    curr_connections: 10,
    limit_maxbytes: 2 ** 30,
    accepting_conns: true,
    ...fixture.stats,
  };
  const settings = {
    inter: '10.0.0.1',
    udpport: 0,
    reqs_per_event: 1000,
    num_threads: 4,
    item_size_max: 2 ** 20,
    slab_chunk_max: 2 ** 19,
    cas_enabled: true,
    evictions: 'on',
    slab_reassign: true,
    lru_crawler: true,
    lru_maintainer_thread: true,
    idle_timeout: 0,
    ...fixture.settings,
  };
  return {
    name: fixture.name ?? '10.0.0.1:11211',
    version: fixture.version ?? '1.6.40',
    stats: new Map(Object.entries<StatValue>(stats)),
    settings: new Map(Object.entries<StatValue>(settings)),
    items: new Map(Object.entries(fixture.items ?? {})),
    slabs: new Map(Object.entries(fixture.slabs ?? {})),
    roundTrips: fixture.roundTrips ?? [0.2],
    clockAheadSeconds: fixture.clock ?? 0,
  };
}

const found = (...fixtures: readonly Fixture[]): Finding[] =>
  examine(fixtures.map(serverOf), [], { ...CLIENT, ...fixtures[0].client });

/** Each is what makes one check speak, how loudly, and a part of what it saw. */
const CASES: readonly (readonly [string, Severity, RegExp, ...Fixture[]])[] = [
  ['udp', 'problem', /^-U 11211$/, { settings: { udpport: 11211 } }],
  ['listening', 'warning', /every address/, { settings: { inter: 'NULL' } }],
  ['listening', 'note', /every address/, { settings: { inter: 'NULL' }, client: { auth: true } }],
  ['listening', 'warning', /on 8\.8\.4\.4/, { settings: { inter: '8.8.4.4' } }],
  ['plain-text', 'problem', /all values go to 8\.8\.4\.4/, { name: '8.8.4.4:11211' }],
  ['plain-text', 'warning', /the password/, { client: { auth: true } }],
  [
    'auth-errors',
    'warning',
    /^3 wrong passwords of 9/,
    { stats: { auth_errors: 3, auth_cmds: 9 } },
  ],
  ['item-size', 'warning', /values up to 512 KiB/, { settings: { item_size_max: 2 ** 19 + 60 } }],
  ['item-size', 'warning', /maxValueBytes is 2000000/, { client: { maxValueBytes: 2_000_000 } }],
  [
    'item-size',
    'warning',
    /^-I 128 MiB/,
    { settings: { item_size_max: 2 ** 27, slab_chunk_max: 2 ** 26 } },
  ],
  ['chunked-items', 'note', /chunks of 512 KiB/, { settings: { item_size_max: 2 ** 24 } }],
  ['cas', 'warning', /^-C$/, { settings: { cas_enabled: false } }],
  ['flush-and-dump', 'note', /dump is disabled/, { settings: { dump_enabled: false } }],
  ['version', 'note', /1\.6\.18/, { version: '1.6.18' }],
  ['version', 'warning', /1\.6\.1$/, { version: '1.6.1' }],
  ['version', 'warning', /1\.4\.25/, { version: '1.4.25' }],
  ['version', 'warning', /1\.6\.18/, { version: '1.6.18', settings: { proxy_enabled: true } }],
  ['reqs-per-event', 'note', /^-R 20/, { settings: { reqs_per_event: 20 } }],
  [
    'reqs-per-event',
    'warning',
    /5k yields in 20k/,
    { settings: { reqs_per_event: 20 }, stats: { conn_yields: 5000, cmd_set: 20_000 } },
  ],
  ['idle-timeout', 'note', /idle_timeout=300/, { settings: { idle_timeout: 300 } }],
  ['idle-timeout', 'warning', /idle_timeout=10/, { settings: { idle_timeout: 10 } }],
  [
    'connections',
    'warning',
    /^900 connections of at most 1024/,
    { stats: { curr_connections: 900 } },
  ],
  ['connections', 'problem', /600 processes may take 1200/, { client: { processes: 600 } }],
  ['turned-away', 'warning', /4 connections refused/, { stats: { rejected_connections: 4 } }],
  ['turned-away', 'problem', /takes none now/, { stats: { accepting_conns: false } }],
  [
    'threads',
    'note',
    /^-t 16 on 8 cores/,
    { name: '127.0.0.1:11211', settings: { num_threads: 16 } },
  ],
  [
    'cpu',
    'warning',
    /^90 % of 4 threads/,
    { stats: { rusage_user: 300_000, rusage_system: 60_000 } },
  ],
  [
    'evictions',
    'note',
    /50 % of them never read/,
    { stats: { evictions: 100, evicted_unfetched: 50 } },
  ],
  ['evictions', 'warning', /^1M evictions, 10 a second/, { stats: { evictions: 1_000_000 } }],
  ['no-evictions', 'warning', /^-M/, { settings: { evictions: 'off' } }],
  [
    'no-evictions',
    'problem',
    /^-M; 90 %/,
    { settings: { evictions: 'off' }, stats: { bytes: 2 ** 30 * 0.9 } },
  ],
  ['refused-stores', 'warning', /^2 stores too large/, { stats: { store_too_large: 2 } }],
  ['buffers', 'problem', /^1 times no memory/, { stats: { read_buf_oom: 1 } }],
  ['hit-rate', 'warning', /^10 % of 20k gets/, { stats: { get_hits: 2000, get_misses: 18_000 } }],
  ['memory', 'warning', /^-m 64/, { stats: { limit_maxbytes: 2 ** 26, evictions: 1 } }],
  [
    'slabs',
    'warning',
    /class 5/,
    {
      items: { 'items:5:evicted': 5000, 'items:6:evicted': 1 },
      slabs: { '5:total_pages': 1, '6:total_pages': 60, '5:chunk_size': 240 },
    },
  ],
  ['slab-reassign', 'warning', /no_slab_reassign/, { settings: { slab_reassign: false } }],
  ['lru-crawler', 'warning', /^no lru_crawler$/, { settings: { lru_crawler: false } }],
  [
    'lru-crawler',
    'warning',
    /^no lru_crawler, no lru_maintainer$/,
    { settings: { lru_crawler: false, lru_maintainer_thread: false } },
  ],
  ['hash-table', 'note', /being expanded/, { stats: { hash_is_expanding: true } }],
  ['clock', 'warning', /1 min 40 s ahead of/, { clock: 100 }],
  ['clock', 'warning', /5 s behind/, { clock: -5 }],
  ['uptime', 'note', /^up for 2 min/, { stats: { uptime: 120 } }],
  ['latency', 'warning', /^round trips of 150 ms/, { roundTrips: [150] }],
  ['latency', 'warning', /over 600 ms/, { roundTrips: [1, 1, 600] }],
  [
    'versions-differ',
    'warning',
    /^1\.6\.40 \(10\.0\.0\.1:11211\), 1\.6\.38/,
    {},
    { version: '1.6.38', name: '10.0.0.2:11211' },
  ],
  [
    'settings-differ',
    'warning',
    /^idle_timeout: 0 .*300 /,
    {},
    { name: '10.0.0.2:11211', settings: { idle_timeout: 300 }, client: {} },
  ],
  [
    'uneven-load',
    'warning',
    /^b:1 has 3\.3 times/,
    ...['a:1', 'b:1', 'c:1', 'd:1', 'e:1'].map((name) => ({
      name,
      stats: { cmd_get: name === 'b:1' ? 2e8 : 2.5e7 },
    })),
  ],
  [
    'server-order',
    'note',
    /^hash modula of profile php/,
    { client: { hash: 'modula', profile: 'php', servers: ['a:1', 'b:1'] } },
  ],
];

describe('checks', () => {
  test('say nothing of a server that is well', () => {
    assert.deepEqual(found({}), []);
  });

  for (const [check, severity, seen, ...fixtures] of CASES) {
    test(`${check}, ${severity}: ${seen.source}`, () => {
      const finding = found(...fixtures).find((one) => one.check === check);
      assert.equal(finding?.severity, severity);
      assert.match(finding.seen, seen);
      for (const part of ['why', 'change', 'costs'] as const) assert.notEqual(finding[part], '');
    });
  }

  test('are all of them in the table above, and each has a name of its own', () => {
    const names = ALL_CHECKS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual([...new Set(CASES.map(([name]) => name))].toSorted(), names.toSorted());
  });

  test('say nothing of what a service or a proxy does not tell', () => {
    const silent: ServerFacts = {
      ...serverOf({}),
      version: 'unknown',
      stats: new Map<string, never>([]),
      settings: new Map<string, never>([]),
    };
    const checks = examine([silent], [], CLIENT).map(({ check }) => check);
    assert.deepEqual(checks, ['uptime']);
  });
});

test('what is said of several servers alike is one finding, and the worst come first', () => {
  const both = found(
    { settings: { udpport: 1, cas_enabled: false } },
    { name: '10.0.0.2:11211', settings: { udpport: 1 } },
  );
  assert.deepEqual(
    both.map(({ check, servers }) => [check, servers.length]),
    [
      ['udp', 2],
      ['cas', 1],
      ['settings-differ', 2],
    ],
  );
  const [lost] = examine([], [{ name: 'a:1', reason: 'refused' }], CLIENT);
  assert.deepEqual([lost.check, lost.severity, lost.seen], ['reachable', 'problem', 'refused']);
});

test('addresses and releases are read as they are meant', () => {
  assert.deepEqual(['a:1', '[fd00::1]:1', 'unix:/x'].map(hostOf), ['a', 'fd00::1', '']);
  for (const host of [
    '10.1.1.1',
    '172.20.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    'fd00::1',
    'fe80::1',
    'mc.internal',
  ]) {
    assert.equal(isPublic(host), false, host);
  }
  for (const host of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2001:db8::1']) {
    assert.equal(isPublic(host), true, host);
  }
  assert.equal(isBefore('1.6.9', '1.6.10'), true);
  assert.equal(isBefore('1.6.10', '1.6.10'), false);
  assert.equal(isBefore('2.0.0', '1.6.10'), false);
  assert.equal(isBefore('dalli', '1.6.10'), false);
});

test('text is broken at blanks', () => {
  assert.deepEqual(wrapped('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapped('unbreakable', 4), ['unbreakable']);
});

test('the guide tells of every check', () => {
  const guide = readFileSync(new URL('../../../../src/cli/README.md', import.meta.url), 'utf8');
  for (const { name } of ALL_CHECKS) assert.ok(guide.includes(`\`${name}\``), name);
});
