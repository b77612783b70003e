// What a verb cannot be told is refused by the name of the option, before a byte is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createClient, type FleetClient, IllegalInputError } from '../../src/index.ts';
import { assertInStep, lab } from '../support/fault-lab.ts';
import { any, assertDiscreet, assertRefused, CANARY, type Refusal } from '../support/refusals.ts';

const OPTION = 'ERR_MEMCACHE_OPTION';
const VALUE = 'ERR_MEMCACHE_VALUE';
const load = (): never => assert.fail('a loader was run');

type Verbs = Readonly<Record<string, (client: FleetClient, options: never) => Promise<unknown>>>;

async function listed(client: FleetClient, options: never): Promise<void> {
  for await (const key of client.keys(options)) assert.fail(`a key: ${String(key.key)}`);
}

/** Every verb that takes options. */
const VERBS: Verbs = {
  get: (c, o) => c.get('a', o),
  gets: (c, o) => c.gets('a', o),
  getMany: (c, o) => c.getMany(['a'], o),
  getsMany: (c, o) => c.getsMany(['a'], o),
  getValues: (c, o) => c.getValues(['a'], o),
  getAndTouch: (c, o) => c.getAndTouch('a', 1, o),
  getAndTouchMany: (c, o) => c.getAndTouchMany(['a'], 1, o),
  inspect: (c, o) => c.inspect('a', o),
  inspectMany: (c, o) => c.inspectMany(['a'], o),
  set: (c, o) => c.set('a', 1, o),
  setMany: (c, o) => c.setMany({ a: 1 }, o),
  add: (c, o) => c.add('a', 1, o),
  replace: (c, o) => c.replace('a', 1, o),
  append: (c, o) => c.append('a', 'x', o),
  prepend: (c, o) => c.prepend('a', 'x', o),
  cas: (c, o) => c.cas('a', 1, '1', o),
  delete: (c, o) => c.delete('a', o),
  deleteMany: (c, o) => c.deleteMany(['a'], o),
  touch: (c, o) => c.touch('a', 1, o),
  incr: (c, o) => c.incr('a', 1, o),
  decr: (c, o) => c.decr('a', 1, o),
  fetch: (c, o) => c.fetch('a', o, load),
  fetchMany: (c, o) => c.fetchMany(['a'], o, load),
  invalidate: (c, o) => c.invalidate('a', o),
  'meta.get': (c, o) => c.meta.get('a', o),
  'meta.set': (c, o) => c.meta.set('a', 1, o),
  'meta.delete': (c, o) => c.meta.delete('a', o),
  'meta.arithmetic': (c, o) => c.meta.arithmetic('a', o),
  'meta.debug': (c, o) => c.meta.debug('a', o),
  'meta.noop': (c, o) => c.meta.noop(o),
  invalidateNamespace: (c, o) => c.namespace('part').invalidateNamespace(o),
  version: (c, o) => c.version(o),
  stats: (c, o) => c.stats('settings', o),
  flushAll: (c, o) => c.flushAll(0, o),
  cacheMemlimit: (c, o) => c.cacheMemlimit(64, o),
  verbosity: (c, o) => c.verbosity(1, o),
  shutdown: (c, o) => c.shutdown(o),
  keys: listed,
  raw: (c, o) => c.raw('version', o),
};

/** What no verb takes. */
const NEVER: readonly (readonly [what: string, options: unknown, names: RegExp])[] = [
  ['a name of its own', { ttll: 1 }, /'ttll'/],
  ['a letter of the protocol', { N: 30 }, /'N'/],
  ['an inherited name', { constructor: 1 }, /'constructor'/],
  ['__proto__', JSON.parse('{"__proto__":1}'), /'__proto__'/],
  ['null', null, /options of .*null/],
  ['a number', 60, /options of .*a number/],
  ['text', CANARY, /options of .*a string/],
  ['timeoutMs 0', { timeoutMs: 0 }, /'timeoutMs'/],
  ['what it inherits', Object.create({ timeoutMs: 0 }), /'timeoutMs'/],
  ['timeoutMs as text', { timeoutMs: CANARY }, /'timeoutMs'/],
  ['timeoutMs beyond a timer', { timeoutMs: 2 ** 31 }, /'timeoutMs'/],
  ['a signal that is none', { signal: { aborted: false } }, /'signal'/],
];

const TTLS: readonly unknown[] = [0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, new Date(NaN)];

/** Whatever is given a ttl. */
const WITH_TTL: Record<string, (client: FleetClient, ttl: never) => Promise<unknown>> = {
  set: (c, ttl) => c.set('a', 1, { ttl }),
  'set without an answer': (c, ttl) => c.set('a', 1, { ttl, noreply: true }),
  setMany: (c, ttl) => c.setMany({ a: 1 }, { ttl }),
  add: (c, ttl) => c.add('a', 1, { ttl }),
  replace: (c, ttl) => c.replace('a', 1, { ttl }),
  cas: (c, ttl) => c.cas('a', 1, '1', { ttl }),
  touch: (c, ttl) => c.touch('a', ttl),
  'touch without an answer': (c, ttl) => c.touch('a', ttl, { noreply: true }),
  getAndTouch: (c, ttl) => c.getAndTouch('a', ttl),
  getAndTouchMany: (c, ttl) => c.getAndTouchMany(['a'], ttl),
  'incr with an initial': (c, ttl) => c.incr('a', 1, { initial: 1, ttl }),
  'incr without one': (c, ttl) => c.incr('a', 1, { ttl }),
  inspect: (c, touch) => c.inspect('a', { touch }),
  fetch: (c, ttl) => c.fetch('a', { ttl }, load),
  fetchMany: (c, ttl) => c.fetchMany(['a'], { ttl }, load),
  'meta.get': (c, touch) => c.meta.get('a', { touch }),
  'meta.set': (c, ttl) => c.meta.set('a', 1, { ttl }),
  'meta.set with vivify': (c, vivify) => c.meta.set('a', 'x', { mode: 'append', vivify }),
  'meta.delete': (c, ttl) => c.meta.delete('a', { invalidate: true, ttl }),
  'meta.arithmetic': (c, ttl) => c.meta.arithmetic('a', { ttl }),
  'meta.arithmetic with vivify': (c, vivify) => c.meta.arithmetic('a', { vivify }),
};

const TOKENS: readonly unknown[] = [
  ...[undefined, null, '', ' 1', '-1', '+1', '1.5', '0x10', '1e3', CANARY, '1\r\nflush_all'],
  ...['18446744073709551616', '1'.repeat(21), 1, 1n, Buffer.from('12'), { cas: '1' }, ['1']],
];

const DELTAS: readonly unknown[] = [
  ...[-1, -1n, 1.5, NaN, Infinity, 2 ** 53, 2n ** 64n, CANARY, '1', null, {}, true],
];

/** What only one verb takes, or takes otherwise. */
const PARTICULAR: Refusal[] = [
  ['noreply that is no answer', (c) => c.set('a', 1, any({ noreply: 1 })), OPTION, /'noreply'/],
  ['noreply of get', (c) => c.get('a', any({ noreply: true })), OPTION, /'noreply'/],
  ['noreply of cas', (c) => c.cas('a', 1, '1', any({ noreply: true })), OPTION, /'noreply'/],
  ['noreply of meta.set', (c) => c.meta.set('a', 1, any({ noreply: true })), OPTION, /'noreply'/],
  ['noreply of flushAll', (c) => c.flushAll(0, any({ noreply: true })), OPTION, /'noreply'/],
  ['noreply with cas', (c) => c.delete('a', { cas: '1', noreply: true }), OPTION, /'noreply'/],
  ['a ttl of append', (c) => c.append('a', 'x', any({ ttl: 1 })), OPTION, /'ttl'/],
  ['a codec of prepend', (c) => c.prepend('a', 'x', any({ codec: 'json' })), OPTION, /'codec'/],
  ['a number to append', (c) => c.append('a', any(17)), VALUE, /append.*a number/],
  [
    'an object to prepend',
    (c) => c.prepend('a', any({ secret: CANARY })),
    VALUE,
    /prepend.*an object/,
  ],
  ['nothing to append', (c) => c.append('a', any(undefined)), VALUE, /append.*undefined/],
  ['half a character to append', (c) => c.append('a', `${CANARY}\ud800`), VALUE, /append.*half/],
  ['a number to append by meta', (c) => c.meta.set('a', 17, { mode: 'append' }), VALUE, /number/],
  ['signed as a number', (c) => c.incr('a', 1, any({ signed: 1 })), OPTION, /'signed'/],
  ['signed beyond 64 bits', (c) => c.incr('a', -(2n ** 64n), { signed: true }), VALUE, /delta/],
  ['signed and no number', (c) => c.decr('a', any(CANARY), { signed: true }), VALUE, /delta/],
  ['an initial below 0', (c) => c.incr('a', 1, { signed: true, initial: -1 }), VALUE, /initial/],
  ['an initial beyond 64 bits', (c) => c.incr('a', 1, { initial: 2n ** 64n }), VALUE, /initial/],

  ['a loader that is none', (c) => c.fetch('a', {}, any(CANARY)), VALUE, /loader of fetch/],
  ['no loader', (c) => c.fetchMany(['a'], {}, any(undefined)), VALUE, /loader of fetchMany/],
  ['a loader in place of options', (c) => c.fetch('a', any(load), any(undefined)), VALUE, /loader/],
  ['no options', (c) => c.fetch('a', any(undefined), load), OPTION, /options of fetch/],
  [
    'a lone key for fetchMany',
    (c) => c.fetchMany(CANARY, {}, load),
    'ERR_MEMCACHE_KEY',
    /fetchMany/,
  ],
  ['half a second of staleFor', (c) => c.fetch('a', { staleFor: 0.5 }, load), OPTION, /'staleFor'/],
  ['staleFor below 0', (c) => c.invalidate('a', { staleFor: -1 }), OPTION, /'staleFor'/],
  [
    'staleFor over 30 days',
    (c) => c.invalidate('a', { staleFor: 2_592_001 }),
    OPTION,
    /'staleFor'/,
  ],
  [
    'recacheBefore as text',
    (c) => c.fetch('a', any({ recacheBefore: '1' }), load),
    OPTION,
    /'recacheBefore'/,
  ],
  ['a lock of 0', (c) => c.fetch('a', { lock: 0 }, load), OPTION, /'lock'/],
  ['waitMs below 0', (c) => c.fetch('a', { waitMs: -1 }, load), OPTION, /'waitMs'/],
  ['waitMs NaN', (c) => c.fetch('a', { waitMs: NaN }, load), OPTION, /'waitMs'/],
  ['another way to wait', (c) => c.fetch('a', any({ wait: CANARY }), load), OPTION, /'wait'/],
  ['another lease', (c) => c.invalidate('a', any({ lease: CANARY })), OPTION, /'lease'/],
  [
    'background as text',
    (c) => c.fetch('a', any({ background: 'yes' }), load),
    OPTION,
    /'background'/,
  ],
  ['half a negativeTtl', (c) => c.fetch('a', { negativeTtl: 0.5 }, load), OPTION, /'negativeTtl'/],
  ['ttl of invalidate', (c) => c.invalidate('a', any({ ttl: 1 })), OPTION, /'ttl'/],

  ['value as text', (c) => c.inspect('a', any({ value: CANARY })), OPTION, /'value'/],
  ['vivify 0', (c) => c.inspect('a', { vivify: 0 }), OPTION, /'vivify'/],
  ['vivify over 30 days', (c) => c.inspect('a', { vivify: 2_592_001 }), OPTION, /'vivify'/],
  ['half a recache', (c) => c.inspectMany(['a'], { recache: 0.5 }), OPTION, /'recache'/],
  ['unlessCas without the value', (c) => c.inspect('a', { unlessCas: '1' }), OPTION, /'unlessCas'/],
  ['newCas without vivify', (c) => c.inspect('a', { newCas: 5n }), OPTION, /'newCas'/],
  ['newCas 0', (c) => c.inspect('a', { vivify: 1, newCas: 0n }), OPTION, /'newCas'/],
  ['newCas beyond 64 bits', (c) => c.meta.set('a', 1, { newCas: 2n ** 64n }), OPTION, /'newCas'/],
  ['a ttl of inspect', (c) => c.inspect('a', any({ ttl: 1 })), OPTION, /'ttl'/],

  ['flags beyond 32 bits', (c) => c.meta.set('a', 1, { flags: 2 ** 32 }), OPTION, /'flags'/],
  ['flags below 0', (c) => c.meta.set('a', 1, { flags: -1 }), OPTION, /'flags'/],
  ['half a flag', (c) => c.meta.set('a', 1, { flags: 0.5 }), OPTION, /'flags'/],
  ['flags as bigint', (c) => c.meta.set('a', 1, any({ flags: 1n })), OPTION, /'flags'/],
  ['a mode in capitals', (c) => c.meta.set('a', 1, any({ mode: 'S' })), OPTION, /'mode'/],
  ['a mode of arithmetic', (c) => c.meta.arithmetic('a', any({ mode: 'inc' })), OPTION, /'mode'/],
  ['cas with add', (c) => c.meta.set('a', 1, { mode: 'add', cas: '1' }), OPTION, /'cas'/],
  ['a ttl with append', (c) => c.meta.set('a', 'x', { mode: 'append', ttl: 1 }), OPTION, /'ttl'/],
  ['vivify with set', (c) => c.meta.set('a', 1, { vivify: 1 }), OPTION, /'vivify'/],
  [
    'invalidate without cas',
    (c) => c.meta.set('a', 1, { invalidate: true }),
    OPTION,
    /'invalidate'/,
  ],
  ['a ttl of what is removed', (c) => c.meta.delete('a', { ttl: 1 }), OPTION, /'ttl'/],
  ['an initial without vivify', (c) => c.meta.arithmetic('a', { initial: 1 }), OPTION, /'initial'/],
  ['no opaque', (c) => c.meta.get('a', { opaque: '' }), OPTION, /'opaque'/],
  [
    'an opaque of 32 characters',
    (c) => c.meta.get('a', { opaque: 'o'.repeat(32) }),
    OPTION,
    /'opaque'/,
  ],
  [
    'an opaque with a command',
    (c) => c.meta.set('a', 1, { opaque: 'o\r\nmn' }),
    OPTION,
    /'opaque'/,
  ],
  ['an opaque with a flag', (c) => c.meta.delete('a', { opaque: 'o q' }), OPTION, /'opaque'/],
  ['a hint with a command', (c) => c.meta.get('a', { proxy: { P: 'x\r\nmn' } }), OPTION, /'proxy'/],
  ['a hint that is none', (c) => c.meta.get('a', any({ proxy: { X: 'x' } })), OPTION, /'proxy'/],
  ['a fact that is none', (c) => c.meta.get('a', any({ facts: [CANARY] })), OPTION, /'facts'/],
  ['a fact by its letter', (c) => c.meta.get('a', any({ facts: 's' })), OPTION, /'facts'/],
  ['a server that is none', (c) => c.meta.noop({ server: '127.0.0.1:1' }), OPTION, /'server'/],

  ['no megabytes', (c) => c.cacheMemlimit(0), OPTION, /cacheMemlimit/],
  ['half a megabyte', (c) => c.cacheMemlimit(64.5), OPTION, /cacheMemlimit/],
  [
    'megabytes with a command',
    (c) => c.cacheMemlimit(any('64\r\nflush_all')),
    OPTION,
    /cacheMemlimit/,
  ],
  ['a level below 0', (c) => c.verbosity(-1), OPTION, /verbosity/],
  ['a level beyond 32 bits', (c) => c.verbosity(2 ** 32), OPTION, /verbosity/],
  ['graceful as text', (c) => c.shutdown(any({ graceful: CANARY })), OPTION, /'graceful'/],
  ['a group in capitals', (c) => c.stats('ITEMS'), OPTION, /group/],
  ['a group with two blanks', (c) => c.stats('detail  dump'), OPTION, /group/],
  ['a command with CRLF', (c) => c.raw(`get ${CANARY}\r\nflush_all`), VALUE, /CR or LF/],
  ['no command', (c) => c.raw(''), VALUE, /empty/],
  ['a command that is none', (c) => c.raw(any(17)), VALUE, /a number/],
  ['no terminator', (c) => c.raw('version', { until: '' }), OPTION, /'until'/],
  ['no bytes at most', (c) => c.raw('version', { maxBytes: 0 }), OPTION, /'maxBytes'/],
  ['another server', (c) => c.raw('version', { to: '127.0.0.1:1' }), OPTION, /'to'/],
  ['another way through the keys', (c) => listed(c, any({ from: CANARY })), OPTION, /'from'/],
  ['another form of listing', (c) => listed(c, any({ form: 'dump' })), OPTION, /'form'/],
  [
    'a time for quit that is none',
    (c) => c.quit(any({ timeoutMs: CANARY })),
    OPTION,
    /'timeoutMs'/,
  ],
];

function rows(): Refusal[] {
  const all: Refusal[] = [...PARTICULAR];
  for (const [verb, call] of Object.entries(VERBS))
    for (const [what, options, names] of NEVER)
      all.push([`${verb}: ${what}`, (c) => call(c, any(options)), OPTION, names]);
  for (const [verb, call] of Object.entries(WITH_TTL))
    for (const ttl of TTLS)
      all.push([
        `${verb}: ttl ${inspect(ttl)}`,
        (c) => call(c, any(ttl)),
        OPTION,
        /'(?:ttl|vivify|touch)'/,
      ]);
  const delta = (
    what: string,
    call: (client: FleetClient, delta: never) => Promise<unknown>,
  ): void => {
    for (const given of DELTAS)
      all.push([`${what} ${inspect(given)}`, (c) => call(c, any(given)), VALUE, /delta/]);
  };
  delta('incr by', (c, given) => c.incr('a', given));
  delta('decr by', (c, given) => c.decr('a', given, { initial: 1 }));
  delta('incr without an answer by', (c, given) => c.incr('a', given, { noreply: true }));
  for (const token of TOKENS)
    all.push([`cas with ${inspect(token)}`, (c) => c.cas('a', 1, any(token)), VALUE, /cas token/]);
  return all;
}

/** Of `meta` and `delete` the token is an option; without one they compare nothing. */
const BY_TOKEN: Record<string, (client: FleetClient, cas: never) => Promise<unknown>> = {
  delete: (c, cas) => c.delete('a', { cas }),
  'meta.set': (c, cas) => c.meta.set('a', 1, { cas }),
  'meta.delete': (c, cas) => c.meta.delete('a', { cas }),
  'meta.arithmetic': (c, cas) => c.meta.arithmetic('a', { cas }),
};

function tokenRows(): Refusal[] {
  return Object.entries(BY_TOKEN).flatMap(([verb, call]) =>
    TOKENS.filter((token) => token !== undefined).map((token): Refusal => [
      `${verb} with cas ${inspect(token)}`,
      (c) => call(c, any(token)),
      OPTION,
      /'cas'/,
    ]),
  );
}

test('every option that is none is refused by its name', async (t) => {
  const { server, client } = await lab(t);
  await client.get('warm');
  const before = [server.record, server.users.length];
  for (const [what, issue, code, names] of [...rows(), ...tokenRows()])
    await t.test(what, () => assertRefused(issue, code, names, client));
  assert.deepEqual([server.record, server.users.length], before, 'nothing was sent');
  await assertInStep(client);
  assert.equal(client.metrics().connectionErrors, 0);
});

/** What the options of a client cannot be; each is tried in a URL, too, where it can stand there. */
const CLIENT: readonly (readonly [option: string, values: readonly unknown[]])[] = [
  ['ttlJitter', [-0.1, 1.1, NaN, CANARY, null]],
  ['maxTtl', [0, -1, 1.5, Infinity, 2 ** 53, CANARY]],
  ['warnValueBytes', [-1, 0.5, NaN, CANARY]],
  ['codec', [CANARY, 17, {}, { encode: () => CANARY }, null]],
  ['compressor', [CANARY, 17, {}, { compress: () => CANARY }, null]],
];

for (const [option, values] of CLIENT) {
  test(`what '${option}' of a client cannot be`, () => {
    const isRefused = (error: unknown): boolean => {
      assert.ok(error instanceof IllegalInputError);
      assert.equal(error.code, OPTION);
      assert.ok(error.message.includes(`'${option}'`), error.message);
      assertDiscreet(error);
      return true;
    };
    for (const value of values) {
      assert.throws(
        () => createClient({ servers: '127.0.0.1:1', [option]: value }),
        isRefused,
        inspect(value),
      );
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      const url = `memcached://127.0.0.1:1?${option}=${value}`;
      assert.throws(() => createClient(url), isRefused, url);
    }
  });
}
