// What is wrong with a call is found before a byte is sent, named without being repeated, and harms nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertInStep, lab, rejection } from '../support/fault-lab.ts';
import {
  any,
  assertDiscreet,
  assertRefused,
  CANARY,
  type Issue,
  type Refusal,
} from '../support/refusals.ts';

const KEYS: Record<string, unknown> = {
  'an empty key': '',
  'empty bytes': new Uint8Array(),
  'a key with a blank': `${CANARY} x`,
  'a key with CRLF': `${CANARY}\r\nflush_all`,
  'a key with a line feed': `${CANARY}\n`,
  'a key with NUL': `${CANARY}\0`,
  'a key with DEL': `${CANARY}\x7f`,
  'a key with a tab': `${CANARY}\t`,
  'a key of 251 bytes': CANARY.padEnd(251, 'x'),
  'a key of 200 characters in 400 bytes': `${CANARY}${'é'.repeat(200)}`,
  'a key with half a character': `${CANARY}\ud800`,
  undefined: undefined,
  null: null,
  'a number': 17,
  'a bigint': 17n,
  'a symbol': Symbol(CANARY),
  'an array': [CANARY],
  'an object with toString': { toString: () => CANARY },
  'a Uint16Array': new Uint16Array([1, 2]),
  'an ArrayBuffer': new ArrayBuffer(8),
};

const byKey = (key: never): Record<string, Issue> => ({
  get: (client) => client.get(key),
  gets: (client) => client.gets(key),
  getMany: (client) => client.getMany(['fine', key]),
  getsMany: (client) => client.getsMany([key]),
  getValues: (client) => client.getValues([key, 'fine']),
  set: (client) => client.set(key, 1),
  add: (client) => client.add(key, 1),
  replace: (client) => client.replace(key, 1),
  cas: (client) => client.cas(key, 1, '1'),
  setMany: (client) =>
    client.setMany([
      ['fine', 1],
      [key, 1],
    ]),
  delete: (client) => client.delete(key),
  deleteMany: (client) => client.deleteMany(['fine', key]),
  touch: (client) => client.touch(key, 1),
  incr: (client) => client.incr(key),
  decr: (client) => client.decr(key, 1, { initial: 1 }),
  append: (client) => client.append(key, 'x'),
  prepend: (client) => client.prepend(key, 'x'),
  'set without an answer': (client) => client.set(key, 1, { noreply: true }),
  'delete without an answer': (client) => client.delete(key, { noreply: true }),
  'deleteMany without an answer': (client) => client.deleteMany(['fine', key], { noreply: true }),
  'incr without an answer': (client) => client.incr(key, 1, { noreply: true, initial: 1 }),
  'delete with cas': (client) => client.delete(key, { cas: '1' }),
  getAndTouch: (client) => client.getAndTouch(key, 1),
  getAndTouchMany: (client) => client.getAndTouchMany(['fine', key], 1),
  inspect: (client) => client.inspect(key),
  inspectMany: (client) => client.inspectMany(['fine', key]),
  fetch: (client) => client.fetch(key, {}, neverLoads),
  fetchMany: (client) => client.fetchMany(['fine', key], {}, neverLoads),
  invalidate: (client) => client.invalidate(key),
  'invalidate to stale': (client) => client.invalidate(key, { staleFor: 1 }),
  'meta.get': (client) => client.meta.get(key),
  'meta.set': (client) => client.meta.set(key, 1),
  'meta.delete': (client) => client.meta.delete(key),
  'meta.arithmetic': (client) => client.meta.arithmetic(key),
  'meta.debug': (client) => client.meta.debug(key),
  'get in a namespace': (client) => client.namespace('part').get(key),
  'getMany in a namespace': (client) => client.namespace('part').getMany(['fine', key]),
  'set in a namespace': (client) => client.namespace('part').set(key, 1),
  'fetch in a namespace': (client) => client.namespace('part').fetch(key, {}, neverLoads),
});

const byRoute = (routeBy: never): Record<string, Issue> => ({
  get: (client) => client.get('fine', { routeBy }),
  getMany: (client) => client.getMany(['fine'], { routeBy }),
  set: (client) => client.set('fine', 1, { routeBy }),
  'set without an answer': (client) => client.set('fine', 1, { routeBy, noreply: true }),
  incr: (client) => client.incr('fine', 1, { routeBy }),
  getAndTouch: (client) => client.getAndTouch('fine', 1, { routeBy }),
  inspect: (client) => client.inspect('fine', { routeBy }),
  fetch: (client) => client.fetch('fine', { routeBy }, neverLoads),
  fetchMany: (client) => client.fetchMany(['fine'], { routeBy }, neverLoads),
  invalidate: (client) => client.invalidate('fine', { routeBy }),
  'meta.set': (client) => client.meta.set('fine', 1, { routeBy }),
  'get in a namespace': (client) => client.namespace('part').get('fine', { routeBy }),
});

const neverLoads = (): never => assert.fail('a loader was run for a key that is none');

const circular: Record<string, unknown> = { secret: CANARY };
circular['self'] = circular;

class Unwritable {
  toJSON(): never {
    throw new Error(CANARY);
  }
}

const VALUES: Refusal[] = [
  ['undefined', (client) => client.set('a', undefined), 'ERR_MEMCACHE_ENCODE', /undefined/],
  ['a function', (client) => client.set('a', () => CANARY), 'ERR_MEMCACHE_ENCODE', /function/],
  ['a symbol', (client) => client.set('a', Symbol(CANARY)), 'ERR_MEMCACHE_ENCODE', /symbol/],
  [
    'an object whose toJSON throws',
    (client) => client.set('a', new Unwritable()),
    'ERR_MEMCACHE_ENCODE',
    /cannot/,
  ],
  [
    'a getter that throws',
    (client) =>
      client.set('a', {
        get secret(): string {
          throw new Error(CANARY);
        },
      }),
    'ERR_MEMCACHE_ENCODE',
    /cannot/,
  ],
  [
    'over the largest item',
    (client) => client.set('a', Buffer.alloc(1_048_576, CANARY)),
    'ERR_MEMCACHE_TOO_LARGE',
    /1048576 bytes/,
  ],
  [
    'one byte over the largest item',
    (client) => client.set('a', Buffer.alloc(1_048_576 - 59 - 1 + 1, CANARY)),
    'ERR_MEMCACHE_TOO_LARGE',
    /over the 1048516/,
  ],
  [
    'text over the largest item in UTF-8 only',
    (client) => client.add('a', 'é'.repeat(600_000)),
    'ERR_MEMCACHE_TOO_LARGE',
    /1200000 bytes/,
  ],
];

const CALLS: Refusal[] = [
  ['an unknown option', (c) => c.get('a', any({ ttll: 1 })), 'ERR_MEMCACHE_OPTION', /'ttll'/],
  [
    'an inherited name',
    (c) => c.get('a', any({ constructor: 1 })),
    'ERR_MEMCACHE_OPTION',
    /'constructor'/,
  ],
  [
    '__proto__',
    (c) => c.get('a', any(JSON.parse('{"__proto__":1}'))),
    'ERR_MEMCACHE_OPTION',
    /'__proto__'/,
  ],
  ['options null', (c) => c.get('a', any(null)), 'ERR_MEMCACHE_OPTION', /options of get/],
  ['options as a number', (c) => c.set('a', 1, any(60)), 'ERR_MEMCACHE_OPTION', /options of set/],
  ['timeoutMs 0', (c) => c.get('a', { timeoutMs: 0 }), 'ERR_MEMCACHE_OPTION', /'timeoutMs'/],
  ['timeoutMs NaN', (c) => c.get('a', { timeoutMs: NaN }), 'ERR_MEMCACHE_OPTION', /'timeoutMs'/],
  [
    'timeoutMs Infinity',
    (c) => c.getMany(['a'], { timeoutMs: Infinity }),
    'ERR_MEMCACHE_OPTION',
    /'timeoutMs'/,
  ],
  [
    'timeoutMs as text',
    (c) => c.delete('a', any({ timeoutMs: '100' })),
    'ERR_MEMCACHE_OPTION',
    /'timeoutMs'/,
  ],
  [
    'timeoutMs for incr',
    (c) => c.incr('a', 1, { timeoutMs: -1 }),
    'ERR_MEMCACHE_OPTION',
    /'timeoutMs'/,
  ],
  [
    'timeoutMs as text for incr',
    (c) => c.incr('a', 1, any({ timeoutMs: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /'timeoutMs'/,
  ],
  [
    'a signal that is none',
    (c) => c.get('a', any({ signal: {} })),
    'ERR_MEMCACHE_OPTION',
    /'signal'/,
  ],
  [
    'onError of another word',
    (c) => c.get('a', any({ onError: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /'onError'/,
  ],
  [
    'a lane that is not there',
    (c) => c.get('a', any({ lane: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /'lane'/,
  ],
  [
    'a codec without decode',
    (c) => c.get('a', any({ codec: { encode: () => CANARY } })),
    'ERR_MEMCACHE_OPTION',
    /'codec'/,
  ],
  [
    'routeBy as a number',
    (c) => c.get('a', any({ routeBy: 1 })),
    'ERR_MEMCACHE_OPTION',
    /'routeBy'/,
  ],
  ['a fractional ttl', (c) => c.set('a', 1, { ttl: 1.9 }), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['ttl NaN', (c) => c.set('a', 1, { ttl: NaN }), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['ttl Infinity', (c) => c.add('a', 1, { ttl: Infinity }), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['ttl as text', (c) => c.set('a', 1, any({ ttl: '60' })), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['ttl beyond 2038', (c) => c.set('a', 1, { ttl: 2 ** 31 }), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  [
    'a Date that is none',
    (c) => c.set('a', 1, { ttl: new Date(NaN) }),
    'ERR_MEMCACHE_OPTION',
    /'ttl'/,
  ],
  ['a fractional ttl of touch', (c) => c.touch('a', 0.5), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['no ttl of touch', (c) => c.touch('a', any(undefined)), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  ['a ttl of setMany', (c) => c.setMany({ a: 1 }, { ttl: 1.5 }), 'ERR_MEMCACHE_OPTION', /'ttl'/],
  [
    'a ttl of incr',
    (c) => c.incr('a', 1, { initial: 1, ttl: 1.5 }),
    'ERR_MEMCACHE_OPTION',
    /'ttl'/,
  ],
  ['a negative delta', (c) => c.incr('a', -1), 'ERR_MEMCACHE_VALUE', /delta/],
  ['a fractional delta', (c) => c.incr('a', 1.5), 'ERR_MEMCACHE_VALUE', /delta/],
  ['a delta of text', (c) => c.decr('a', any(CANARY)), 'ERR_MEMCACHE_VALUE', /delta/],
  ['a delta beyond 2^64', (c) => c.incr('a', 2n ** 64n), 'ERR_MEMCACHE_VALUE', /delta/],
  ['a negative initial', (c) => c.incr('a', 1, { initial: -1 }), 'ERR_MEMCACHE_VALUE', /initial/],
  [
    'an initial of text',
    (c) => c.incr('a', 1, any({ initial: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /initial/,
  ],
  ['a cas token of text', (c) => c.cas('a', 1, CANARY), 'ERR_MEMCACHE_VALUE', /cas token/],
  [
    'a cas token with a command',
    (c) => c.cas('a', 1, '1\r\nflush_all'),
    'ERR_MEMCACHE_VALUE',
    /cas token/,
  ],
  ['a cas token of a number', (c) => c.cas('a', 1, any(1)), 'ERR_MEMCACHE_VALUE', /cas token/],
  ['no cas token', (c) => c.cas('a', 1, any(undefined)), 'ERR_MEMCACHE_VALUE', /cas token/],
  ['a lone key for getMany', (c) => c.getMany(CANARY), 'ERR_MEMCACHE_KEY', /get/],
  ['bytes for getValues', (c) => c.getValues(any(Buffer.from(CANARY))), 'ERR_MEMCACHE_KEY', /get/],
  ['nothing for deleteMany', (c) => c.deleteMany(any(undefined)), 'ERR_MEMCACHE_KEY', /deleteMany/],
  ['a number for setMany', (c) => c.setMany(any(1)), 'ERR_MEMCACHE_VALUE', /setMany/],
  ['a list of keys for setMany', (c) => c.setMany(any([CANARY])), 'ERR_MEMCACHE_VALUE', /setMany/],
  ['a delay that is none', (c) => c.flushAll(-1), 'ERR_MEMCACHE_OPTION', /delay/],
  ['a group with a command', (c) => c.stats('items\r\nflush_all'), 'ERR_MEMCACHE_OPTION', /group/],
  ['a group of a number', (c) => c.stats(any(1)), 'ERR_MEMCACHE_OPTION', /group/],
  ['a group with two blanks', (c) => c.stats('detail  on'), 'ERR_MEMCACHE_OPTION', /group/],
  ['megabytes of text', (c) => c.cacheMemlimit(any(CANARY)), 'ERR_MEMCACHE_OPTION', /megabytes/],
  ['no megabytes', (c) => c.cacheMemlimit(0), 'ERR_MEMCACHE_OPTION', /megabytes/],
  ['a level of text', (c) => c.verbosity(any(CANARY)), 'ERR_MEMCACHE_OPTION', /verbosity/],
  ['a level below 0', (c) => c.verbosity(-1), 'ERR_MEMCACHE_OPTION', /verbosity/],
  [
    'an end that is no boolean',
    (c) => c.shutdown(any({ graceful: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /graceful/,
  ],
  ['two raw commands', (c) => c.raw(`${CANARY}\r\nflush_all`), 'ERR_MEMCACHE_VALUE', /CR or LF/],
  ['no raw command', (c) => c.raw(''), 'ERR_MEMCACHE_VALUE', /empty/],
  ['a raw command of a number', (c) => c.raw(any(1)), 'ERR_MEMCACHE_VALUE', /command/],
  ['a raw command that is no text', (c) => c.raw(`${CANARY}\ud800`), 'ERR_MEMCACHE_VALUE', /text/],
  ['no terminator', (c) => c.raw('version', { until: '' }), 'ERR_MEMCACHE_OPTION', /'until'/],
  [
    'a limit of text',
    (c) => c.raw('version', any({ maxBytes: CANARY })),
    'ERR_MEMCACHE_OPTION',
    /'maxBytes'/,
  ],
  ['a server of raw', (c) => c.raw('version', { to: any(7) }), 'ERR_MEMCACHE_OPTION', /'to'/],
  [
    'a form of keys',
    (c) => first(c.keys(any({ form: CANARY }))),
    'ERR_MEMCACHE_OPTION',
    /'form' of keys/,
  ],
];

const first = <T>(list: AsyncIterable<T>): Promise<unknown> => list[Symbol.asyncIterator]().next();

const prefixed = (issues: Record<string, Issue>): Record<string, Issue> =>
  Object.fromEntries(Object.entries(issues).map(([verb, issue]) => [`to route ${verb} by`, issue]));

// The dialect is classic: with the meta commands keys of any bytes are legal.
for (const [what, key] of Object.entries(KEYS)) {
  test(`as a key, ${what}: every verb refuses it`, async (t) => {
    const { server, client } = await lab(t, { dialect: 'classic' });
    await client.get('warm');
    const before = server.record;
    const isKey = typeof key === 'string' || key instanceof Uint8Array;
    const issues = { ...byKey(any(key)), ...(isKey ? prefixed(byRoute(any(key))) : {}) };
    for (const [verb, issue] of Object.entries(issues))
      await t.test(verb, () => assertRefused(issue, 'ERR_MEMCACHE_KEY', /key/, client));
    assert.equal(server.record, before, 'nothing was sent, of the legal keys neither');
    await assertInStep(client);
    assert.equal(server.users.length, 1);
  });
}

for (const [group, rows] of [
  ['value', VALUES],
  ['call', CALLS],
] as const) {
  test(`every illegal ${group} is refused by its name`, async (t) => {
    const { server, client } = await lab(t, { compressor: 'none' });
    await client.get('warm');
    const before = server.record;
    for (const [what, issue, code, names] of rows) {
      await t.test(what, () => assertRefused(issue, code, names, client));
    }
    assert.equal(server.record, before);
    await assertInStep(client);
    assert.equal(client.metrics().connectionErrors, 0);
  });
}

test('the largest value that fits is sent', async (t) => {
  const { server, client } = await lab(t, { compressor: 'none' });
  const largest = Buffer.alloc(1_048_576 - 59 - 1, 'x');
  assert.equal(await client.set('a', largest), true);
  assert.equal(server.items.get('a')?.data.length, largest.length);
});

test('one illegal value of setMany fails alone', async (t) => {
  const { server, client } = await lab(t, { compressor: 'none' });
  const error = await rejection(
    client.setMany({ a: 1, b: undefined, c: Buffer.alloc(2 ** 21, CANARY), d: 4 }),
  );
  assert.equal(error.code, 'ERR_MEMCACHE_MANY');
  assertDiscreet(error);
  const { errors, values } = error as unknown as {
    errors: Map<string, { code: string }>;
    values: Map<string, unknown>;
  };
  assert.deepEqual(
    [...errors].map(([key, { code }]) => [key, code]),
    [
      ['b', 'ERR_MEMCACHE_ENCODE'],
      ['c', 'ERR_MEMCACHE_TOO_LARGE'],
    ],
  );
  assert.deepEqual([...values.keys()], ['a', 'd']);
  assert.deepEqual([...server.items.keys()], ['a', 'd']);
});

test('a prefix counts in the length of a key', async (t) => {
  const { server, client } = await lab(t, { keyPrefix: 'p'.repeat(200), dialect: 'classic' });
  await assertRefused((c) => c.get('x'.repeat(51)), 'ERR_MEMCACHE_KEY', /251 bytes/, client);
  assert.equal(await client.get('x'.repeat(50)), undefined);
  assert.equal(server.requests[0].keys[0].length, 250);
});

test('a legal value that looks like the protocol is a value', async (t) => {
  const { server, client } = await lab(t);
  const text = 'x\r\nEND\r\nVALUE a 0 1\r\ny\r\nSTORED\r\nflush_all\r\n';
  await Promise.all([client.set('a', text), client.set('b', Buffer.from(text))]);
  assert.equal(await client.get('a'), text);
  assert.deepEqual(await client.get('b'), Buffer.from(text));
  assert.equal(server.lines.filter((line) => line.startsWith('flush')).length, 0);
});

test('close takes no time that is none', async (t) => {
  for (const timeoutMs of [NaN, Infinity, -1, '5']) {
    const { client } = await lab(t);
    const error = await rejection(client.close(any({ timeoutMs })));
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    assert.match(error.message, /timeoutMs/);
    await client.close();
  }
});

test('what a server says in an error line does not repeat a value', async (t) => {
  const { server, client } = await lab(t);
  server.next.push((_request, peer) => peer.send(`VALUE ${CANARY} 16 3\r\nabc\r\nEND\r\n`));
  server.next.push((_request, peer) => peer.send(`${CANARY}\r\n`));
  assertDiscreet(await rejection(client.get('a')));
});
