// Every verb once with every kind of server: what it answers, or that it is refused before a byte is written.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { createClient, type FleetClient } from '../../src/index.ts';
import { type ChaosProxy, type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { rejects } from '../support/fault-lab.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { fillMemory, NO_EVICTION } from '../support/full-memory.ts';
import { startNutcracker } from '../support/proxies.ts';
import { chaosProxy, sentFromNow } from '../support/chaos-lab.ts';
import type { Options } from './backend.ts';
import {
  type Outcome,
  OUT_OF_MEMORY,
  outcomeOf,
  type Row,
  UNSUPPORTED,
} from './server-kinds-rows.ts';
import { ALL_ROWS } from './server-kinds-verbs.ts';

const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 10_000, offload: 'never' } as const;
const SENTINEL = 'sentinel';

interface Setup {
  readonly server: RunningMemcached;
  readonly cache: FleetClient;
  /** Between the client and whom it is a client of. */
  /** On the way to it. */
  readonly proxy: ChaosProxy;
}

interface Kind {
  readonly options?: Options;
  readonly settings?: Parameters<typeof startMemcached>[0];
  readonly proxied?: true;
  /** What comes of a row. */
  readonly outcome: (row: Row) => Outcome;
  readonly full?: true;
}

const real = (row: Row): Outcome => row.real;
const classic = (row: Row): Outcome => ('classic' in row ? row.classic : row.real);
const KINDS: Record<string, Kind> = {
  'a memcached as it comes': { outcome: real },
  'one whose answers are marked': { options: { opaque: true }, outcome: real },
  'one that takes larger items': { settings: { itemSizeMax: 4 * 1024 * 1024 }, outcome: real },
  'one that is full and forgets nothing': {
    settings: { memoryMiB: 2, args: NO_EVICTION },
    outcome: ({ real: roomy, full }) => (full === undefined ? roomy : full[0]),
    full: true,
  },
  'one that is spoken to in classic commands': {
    options: { dialect: 'classic' },
    outcome: classic,
  },
  'one behind nutcracker': {
    proxied: true,
    outcome: (row) => ('proxy' in row ? row.proxy : classic(row)),
  },
};

async function setUp(t: TestContext, { settings, options, proxied }: Kind): Promise<Setup> {
  const server = await startMemcached(settings);
  t.after(() => server.stop());
  let to: { address: string } = server;
  if (proxied === true) {
    const nutcracker = await startNutcracker([server.address]);
    t.after(() => nutcracker.stop());
    to = nutcracker;
  }
  const proxy = await chaosProxy(t, to, { record: true });
  const cache = createClient({ servers: proxy.address, ...PATIENT, ...options });
  t.after(() => cache.close({ timeoutMs: 0 }));
  await cache.set(SENTINEL, 'here');
  return { server, cache, proxy };
}

const isUnsupported = (outcome: Outcome): boolean => String(outcome).endsWith(UNSUPPORTED);

async function check(row: Row, kind: Kind, { server, cache, proxy }: Setup): Promise<void> {
  const key = row.verb.replaceAll(' ', '-');
  const given = GIVEN.get(row) as never;
  if (kind.full === true && row.whole !== true) await fillMemory(server);
  const sent = sentFromNow(proxy);
  const expected = kind.outcome(row);
  assert.deepEqual(await outcomeOf(row.call(cache, key, given)), expected);
  assert.equal(await cache.get(SENTINEL), 'here', 'reads go on');
  if (isUnsupported(expected)) assert.equal(sent(), `get ${SENTINEL}\r\n`, 'nothing was sent');
  if (kind.full === true && row.full !== undefined)
    assert.deepEqual(await cache.get(key), row.full[1]);
}

/** What was made for the rows of the kind that is being tried. */
const GIVEN = new Map<Row, unknown>();

for (const [name, kind] of Object.entries(KINDS)) {
  const skip = kind.proxied === true && foreignProgramMissing('nutcracker');
  test(`every verb with ${name}`, { skip }, async (t) => {
    const setup = await setUp(t, kind);
    const { cache } = setup;
    for (const row of ALL_ROWS)
      GIVEN.set(row, await row.given?.(cache, row.verb.replaceAll(' ', '-')));
    for (const row of ALL_ROWS) await t.test(row.verb, () => check(row, kind, setup));
    const { connects, reconnects } = cache.metrics();
    assert.deepEqual([connects, reconnects], [1, 0], 'no connection was lost');
  });
}

/** Verbs of a client that reach no server, or end with it. */
const ELSEWHERE = [
  'constructor',
  'close',
  'quit',
  'on',
  'off',
  'metrics',
  'config',
  'serverFor',
  'explain',
  'durations',
  'tune',
  'servers',
  'setServers',
  'rediscover',
  'meta',
];

function verbsOf(of: object): string[] {
  const verbs: string[] = [];
  for (
    let at: object | null = of;
    at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    verbs.push(...Object.getOwnPropertyNames(at ?? Object.prototype));
  return verbs;
}

test('the table leaves no verb out', (t) => {
  const cache = createClient({ servers: '127.0.0.1:1' });
  t.after(() => cache.close());
  const own = (of: object): string[] =>
    verbsOf(Object.getPrototypeOf(of) as object).filter((verb) => !ELSEWHERE.includes(verb));
  const verbs = new Set([
    ...own(cache),
    ...own(cache.meta).map((verb) => `meta.${verb}`),
    ...own(cache.namespace('part')),
  ]);
  const tried = new Set(ALL_ROWS.map(({ verb }) => verb.split(/[ ,]/)[0]));
  assert.deepEqual([...verbs].toSorted(), [...tried].toSorted());
});

const LIMITS: readonly (readonly [name: string, itemSizeMax: number])[] = [
  ['as it comes', 1024 * 1024],
  ['that takes larger items', 4 * 1024 * 1024],
];

/** Every verb that stores. */
const STORING: Record<string, (cache: FleetClient, value: Buffer) => Promise<unknown>> = {
  set: (cache, value) => cache.set('k', value),
  add: (cache, value) => cache.add('k', value),
  replace: (cache, value) => cache.replace('k', value),
  append: (cache, value) => cache.append('k', value),
  prepend: (cache, value) => cache.prepend('k', value),
  cas: (cache, value) => cache.cas('k', value, '1'),
  'set without an answer': (cache, value) => cache.set('k', value, { noreply: true }),
  'meta.set': (cache, value) => cache.meta.set('k', value, { mode: 'add' }),
};

for (const [name, itemSizeMax] of LIMITS) {
  test(`values up to the limit of a memcached ${name}`, async (t) => {
    const options = { compressor: 'none' } as const;
    const { cache, proxy } = await setUp(t, {
      settings: { itemSizeMax },
      options,
      outcome: real,
    });
    const allowed = itemSizeMax - 59 - 'k'.length;
    const largest = randomBytes(allowed);
    assert.equal(await cache.set('k', largest), true);
    const isThere = async (): Promise<boolean> =>
      largest.equals((await cache.get<Buffer>('k')) ?? Buffer.alloc(0));
    assert.ok(await isThere());
    // Only the server knows what there is already: it refuses, and the item stays.
    assert.equal(await cache.append('k', 'a little'), false);
    assert.ok(await isThere());
    const sent = sentFromNow(proxy);
    for (const [verb, store] of Object.entries(STORING)) {
      const refused = rejects(
        store(cache, randomBytes(allowed + 1)),
        'ERR_MEMCACHE_TOO_LARGE',
        'no',
      );
      const sizes = `a value of ${allowed + 1} bytes is over the ${allowed} that ${proxy.address} takes`;
      assert.ok((await refused).message.startsWith(sizes), verb);
    }
    assert.equal(await cache.get(SENTINEL), 'here');
    assert.equal(sent(), `get ${SENTINEL}\r\n`);
    assert.ok(await isThere(), 'what was there was not touched');
  });
}

test('what a full server refuses of commands without an answer is told by an event', async (t) => {
  const { cache, server } = await setUp(t, KINDS['one that is full and forgets nothing']);
  await fillMemory(server);
  const told: string[] = [];
  cache.on('rejected', ({ error, commands }) => told.push(`${error.code} ${commands}`));
  assert.equal(await cache.add('new', 1, { noreply: true }), undefined);
  assert.equal(await cache.setMany({ a: 1, b: 2 }, { noreply: true }), undefined);
  assert.equal(await cache.get(SENTINEL), 'here');
  assert.deepEqual(told, [`${OUT_OF_MEMORY} 1`, `${OUT_OF_MEMORY} 2`, `${OUT_OF_MEMORY} 2`]);
});
