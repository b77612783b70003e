// Nothing that is given as a key, a number or a token becomes a command. What is looked at are the bytes that
// leave, of every verb, in both dialects.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createClient, type FleetClient } from '../../src/index.ts';
import { isBase64, wireKey } from '../../src/protocol/key.ts';
import { bytesOf, type Key, keysIn, told, type Verb } from './ear.ts';

const VERBS: Record<string, Verb> = {
  get: (client, key) => client.get(key),
  gets: (client, key) => client.gets(key),
  getMany: (client, key) => client.getMany([key]),
  getAndTouch: (client, key) => client.getAndTouch(key, 5),
  set: (client, key) => client.set(key, 'v'),
  'set, noreply': (client, key) => client.set(key, 'v', { noreply: true }),
  setMany: (client, key) => client.setMany([[key, 'v']]),
  add: (client, key) => client.add(key, 'v'),
  replace: (client, key) => client.replace(key, 'v'),
  append: (client, key) => client.append(key, 'v'),
  prepend: (client, key) => client.prepend(key, 'v'),
  cas: (client, key) => client.cas(key, 'v', '7'),
  delete: (client, key) => client.delete(key),
  'delete, noreply': (client, key) => client.delete(key, { noreply: true }),
  touch: (client, key) => client.touch(key, 5),
  incr: (client, key) => client.incr(key),
  'incr, noreply': (client, key) => client.incr(key, 1, { noreply: true }),
  inspect: (client, key) => client.inspect(key),
  fetch: (client, key) => client.fetch(key, {}, () => 'v'),
  invalidate: (client, key) => client.invalidate(key),
  'meta.get': (client, key) => client.meta.get(key),
  'meta.set': (client, key) => client.meta.set(key, 'v'),
  'meta.delete': (client, key) => client.meta.delete(key),
  'meta.arithmetic': (client, key) => client.meta.arithmetic(key),
  'meta.debug': (client, key) => client.meta.debug(key),
};

/** Half of them are what becomes CR, LF, NUL or a blank where only the low byte of a code unit is kept. */
const UNITS = [
  ...Array.from({ length: 0x100 }, (_, unit) => unit),
  ...[0x01, 0x0a, 0x0d, 0x20, 0x56, 0xff].flatMap((high) =>
    [0x00, 0x0a, 0x0d, 0x20, 0x7f].map((low) => high * 0x100 + low),
  ),
  ...[0x2028, 0x2029, 0x85, 0xfeff, 0xd800, 0xd80a, 0xdbff, 0xdc00, 0xdc0d, 0xdfff, 0xffff],
];
const places = (unit: string): string[] => [`${unit}ab`, `a${unit}b`, `ab${unit}`];
const TEXTS = UNITS.flatMap((unit) => places(String.fromCharCode(unit)));
const BYTES = Array.from({ length: 256 }, (_, byte) => byte).flatMap((byte) =>
  places(String.fromCharCode(byte)).map((text) => Buffer.from(text, 'latin1')),
);
const SMUGGLED = [
  'a\r\nflush_all',
  'a 0 0 1\r\nx\r\nflush_all\r\n',
  `${'k'.repeat(251)}\r\nflush_all`,
  Buffer.from('a\r\nflush_all\r\n'),
  Buffer.from(`${'k'.repeat(240)}\r\nflush_all\r\n`),
];

/** What ends the key of a lock, which is for the key before it. */
const LOCK = /\xfflock$/;

for (const dialect of ['classic', 'meta'] as const) {
  for (const keyPrefix of ['', 'p:é']) {
    test(`keys of every byte, ${dialect}, prefix '${keyPrefix}': refused, or one command each`, async () => {
      for (const [name, verb] of Object.entries(VERBS)) {
        for (const keys of [TEXTS, BYTES, SMUGGLED] as Key[][]) {
          const { heard, accepted } = await told(verb, keys, { dialect, keyPrefix });
          const wanted = new Set(accepted.map((key) => bytesOf(keyPrefix) + bytesOf(key as Key)));
          const said = [...new Set(keysIn(heard).map((key) => key.replace(LOCK, '')))];
          assert.deepEqual(said.toSorted(), [...wanted].toSorted(), name);
        }
      }
    });
  }
}

test('a prefix, a namespace and a key that routes are checked as keys are', async () => {
  for (const bad of [
    ...SMUGGLED,
    'a b',
    'a\n',
    '\0',
    '\ud800',
    {},
    ['a'],
    { toString: () => 'a' },
  ]) {
    assert.throws(() => createClient({ servers: 'h', keyPrefix: bad as never }));
    const client = createClient('h');
    if (typeof bad !== 'string' || !/^[!-~]+$/.test(bad))
      assert.throws(() => client.namespace(bad as never));
    await client.close();
    if (bad instanceof Uint8Array) continue;
    const verb: Verb = (cache, routeBy) => cache.set('k', 'v', { routeBy });
    assert.equal((await told(verb, [bad], { dialect: 'classic' })).heard, '');
  }
});

/** Changes the last byte of a key all the time: a line feed, and a letter. */
const RESTLESS = `
  const { workerData: key } = require('node:worker_threads');
  for (;;) { key[key.length - 1] = 10; key[key.length - 1] = 97; }`;

test('a key in memory that another thread changes is sent as it was when it was looked at', async (t) => {
  const key = new Uint8Array(new SharedArrayBuffer(100)).fill(0x61);
  const worker = new Worker(RESTLESS, { eval: true, workerData: key });
  t.after(() => worker.terminate());
  await once(worker, 'online');
  const seen = { base64: 0, text: 0 };
  const giveUp = performance.now() + 10_000;
  while (Math.min(seen.base64, seen.text) < 20_000 && performance.now() < giveUp) {
    const wire = wireKey(key, '');
    if (isBase64(wire)) seen.base64++;
    else seen.text++;
    assert.match(wire, isBase64(wire) ? /^\0[A-Za-z0-9+/=]+$/ : /^a{100}$/);
  }
  assert.ok(seen.base64 > 0 && seen.text > 0, 'it never changed');
});

const EVIL = '1\r\nflush_all\r\n';
let asked = 0;
/** What becomes text or a number when somebody only tries. */
const TRICKS: unknown[] = [
  EVIL,
  '1',
  [1],
  [EVIL],
  new String(EVIL),
  { toString: () => (asked++, EVIL) },
  { valueOf: () => (asked++, 1) },
  { [Symbol.toPrimitive]: () => (asked++, EVIL) },
  Object.assign(new Number(1), { toString: () => (asked++, EVIL) }),
  { length: 1, 0: 65 },
  Symbol('s'),
  () => EVIL,
  NaN,
  Infinity,
  1.5,
];

const NUMBERS: Record<string, (client: FleetClient, trick: never) => Promise<unknown>> = {
  ttl: (client, ttl) => client.set('k', 'v', { ttl }),
  'ttl of touch': (client, ttl) => client.touch('k', ttl),
  'ttl of getAndTouch': (client, ttl) => client.getAndTouch('k', ttl),
  delta: (client, delta) => client.incr('k', delta),
  initial: (client, initial) => client.incr('k', 1, { initial }),
  'flags of meta.set': (client, flags) => client.meta.set('k', 'v', { flags }),
  'delta of meta.arithmetic': (client, delta) => client.meta.arithmetic('k', { delta }),
  'delay of flushAll': (client, delay) => client.flushAll(delay),
  cacheMemlimit: (client, megabytes) => client.cacheMemlimit(megabytes),
  verbosity: (client, level) => client.verbosity(level),
};
const TOKENS: typeof NUMBERS = {
  key: (client, key) => client.get(key),
  'token of cas': (client, token) => client.cas('k', 'v', token),
  'token of delete': (client, cas) => client.delete('k', { cas }),
  'group of stats': (client, group) => client.stats(group),
};

test('numbers and tokens are looked at, never asked to become text', async () => {
  for (const [name, verb] of Object.entries({ ...NUMBERS, ...TOKENS })) {
    // A token is text; `1` is one.
    const tricks = TRICKS.filter((trick) => !(name in TOKENS && trick === '1'));
    for (const dialect of ['classic', 'meta'] as const) {
      for (const trick of tricks) {
        const { heard } = await told(verb, [trick], { dialect });
        assert.equal(heard, '', `${name} ${typeof trick}`);
      }
    }
  }
  assert.equal(asked, 0);
});

test('an option that changes while it is read says one thing, and that is checked', async () => {
  for (const name of ['ttl', 'routeBy', 'noreply', 'initial'] as const) {
    for (const harmless of [1, 'r', true, undefined]) {
      let reads = 0;
      const options = {
        get [name]() {
          return reads++ === 0 ? harmless : EVIL;
        },
      };
      const verb: Verb = (client) => client.incr('k', 1, options);
      const { heard } = await told(verb, ['k'], { dialect: 'classic' });
      assert.doesNotMatch(heard, /flush_all/);
      keysIn(heard);
    }
  }
});
