import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { backend } from '../../backend.ts';
import {
  called,
  type CallbackClient,
  type CallbackClientClass,
  NpmMemcached,
} from './npm-memcached.ts';

const server = backend();

type Step = readonly [verb: string, ...args: unknown[]];

const LONG_KEY = 'k'.repeat(300);
const PAST = 2_592_001;
const bytes = Buffer.from([0, 13, 10, 92, 200, 255]);

/** Each is run on an empty server, one step after the other. */
const ROWS: Readonly<Record<string, readonly Step[]>> = {
  'a miss': [
    ['get', 'none'],
    ['gets', 'none'],
    ['getMulti', ['none', 'no']],
  ],
  'get of a list': [
    ['set', 'a', 1, 10],
    ['get', ['a', 'b']],
  ],
  text: [
    ['set', 'a', 'text é 😀', 10],
    ['get', 'a'],
  ],
  'the empty text': [
    ['set', 'a', '', 10],
    ['get', 'a'],
  ],
  'line breaks': [
    ['set', 'a', 'a\r\nb\\\n\\\\c\n', 10],
    ['get', 'a'],
  ],
  numbers: [
    ['set', 'a', 5, 10],
    ['get', 'a'],
    ['set', 'a', -1.5, 10],
    ['get', 'a'],
    ['set', 'a', Number.NaN, 10],
    ['get', 'a'],
    ['set', 'a', 0, 10],
    ['get', 'a'],
  ],
  'a Buffer': [
    ['set', 'a', bytes, 10],
    ['get', 'a'],
  ],
  'an empty Buffer': [
    ['set', 'a', Buffer.alloc(0), 10],
    ['get', 'a'],
  ],
  'a Uint8Array, which is an object there': [
    ['set', 'a', new Uint8Array([1, 2]), 10],
    ['get', 'a'],
  ],
  JSON: [
    ['set', 'a', { name: 'Ada', list: [1, null] }, 10],
    ['get', 'a'],
    ['set', 'a', null, 10],
    ['get', 'a'],
    ['set', 'a', false, 10],
    ['get', 'a'],
    ['set', 'a', new Date(0), 10],
    ['get', 'a'],
  ],
  'a key that is no text': [
    ['set', 7, 'seven', 10],
    ['get', '7'],
    ['get', 7],
    ['get', undefined],
  ],
  'add and replace': [
    ['replace', 'a', 1, 10],
    ['add', 'a', 2, 10],
    ['add', 'a', 3, 10],
    ['replace', 'a', 4, 10],
    ['get', 'a'],
  ],
  'append and prepend': [
    ['append', 'a', 'x'],
    ['prepend', 'a', 'x'],
    ['set', 'a', 'm', 10],
    ['append', 'a', 'z\n'],
    ['prepend', 'a', 5],
    ['get', 'a'],
  ],
  'cas of what is missing': [['cas', 'a', 1, '1', 10]],
  'incr and decr': [
    ['incr', 'a', 1],
    ['decr', 'a', 1],
    ['set', 'a', 9, 10],
    ['incr', 'a', 1],
    ['get', 'a'],
    ['decr', 'a', 3],
    ['get', 'a'],
    ['decr', 'a', 30],
    ['increment', 'a', 0],
    ['decrement', 'a', 0],
  ],
  'a count past 2^53': [
    ['set', 'a', '18446744073709551610', 10],
    ['incr', 'a', 1],
  ],
  'incr of what is no number': [
    ['set', 'a', 'text', 10],
    ['incr', 'a', 1],
    ['get', 'a'],
  ],
  'del and touch': [
    ['del', 'a'],
    ['touch', 'a', 10],
    ['set', 'a', 1, 10],
    ['touch', 'a', 10],
    ['del', 'a'],
    ['delete', 'a'],
  ],
  'lifetimes over 30 days, which are moments in 1970': [
    ['set', 'a', 1, PAST],
    ['get', 'a'],
  ],
  'a lifetime that is a moment to come': [
    ['set', 'a', 1, Math.floor(Date.now() / 1000) + 100],
    ['get', 'a'],
  ],
  'a negative lifetime': [
    ['set', 'a', 1, -1],
    ['get', 'a'],
  ],
  'a long key': [
    ['set', LONG_KEY, 1, 10],
    ['get', LONG_KEY],
    ['del', LONG_KEY],
  ],
  'wrong arguments': [
    ['get', 'a b'],
    ['set', 'a b', 1, 10],
    ['set', 'a', 1, '10'],
    ['touch', 'a', '10'],
    ['incr', 'a', '1'],
    ['set', 'a b', 1, undefined],
    ['getMulti', ['a', 'a b']],
  ],
  'a value over maxValue': [['set', 'a', 'x'.repeat(1_048_577), 10]],
  'whole servers': [['flush'], ['flushAll'], ['version']],
  'cachedump with wrong arguments': [
    ['cachedump', 'SERVER', '1', 10],
    ['cachedump', 'SERVER', 1, '10'],
  ],
  settings: [['settings'], ['statsSettings']],
};

/** What changes keys and limits, tried with every row. */
const OPTIONS: Readonly<Record<string, object>> = {
  'a namespace': { namespace: 'app:' },
  'a smaller maxValue': { maxValue: 3 },
  'no keyCompression': { keyCompression: false },
  'a smaller maxKeySize': { maxKeySize: 2 },
};

/** The words for an error both packages have; those of a server name it here. */
const words = (message: string): string =>
  message.replace(/^.* answered \w+ with: CLIENT_ERROR /, '');

/** What is compared of a value: everything but where an error was made, and when. */
function plain(value: unknown): unknown {
  if (value instanceof Error)
    return { error: words(value.message), notStored: 'notStored' in value && value.notStored };
  if (Array.isArray(value)) return value.map(plain);
  // Among a server's settings: as many seconds as it has run.
  if (Object.hasOwn(Object(value), 'oldest')) return { ...Object(value), oldest: 0 };
  return value;
}

/** Of `this`: what was asked. */
function asked(self: unknown): unknown {
  const { type, key, value, lifetime, cas, execution } = Object(self) as Record<string, unknown>;
  if (type === undefined) return undefined;
  return { type, key, value, lifetime, cas, execution: typeof execution };
}

async function run(client: CallbackClient, steps: readonly Step[]): Promise<unknown[]> {
  await called(client, 'flush');
  const told = [];
  for (const [verb, ...args] of steps) {
    const there = args.map((arg) => (arg === 'SERVER' ? server.address : arg));
    const { self, args: given } = await called(client, verb, ...there);
    told.push({ verb, self: asked(self), given: given.map(plain) });
  }
  return told;
}

/** One after the other, on the same server. */
async function both<R>(
  options: object,
  use: (client: CallbackClient) => Promise<R>,
): Promise<[ours: R, theirs: R]> {
  const told: R[] = [];
  for (const Client of [Memcached as unknown as CallbackClientClass, NpmMemcached]) {
    const client = new Client(server.address, options);
    told.push(await use(client));
    client.end();
  }
  return told as [R, R];
}

for (const [name, steps] of Object.entries(ROWS)) {
  test(`as npm memcached answers: ${name}`, async () => {
    const [ours, theirs] = await both({}, (client) => run(client, steps));
    assert.deepEqual(ours, theirs);
  });
}

for (const [name, options] of Object.entries(OPTIONS)) {
  test(`as npm memcached answers with ${name}`, async () => {
    const all = Object.values(ROWS).flat();
    // By what that package calls keys that were too long it is among the differences.
    const steps = all.filter(([verb]) => verb !== 'getMulti' || !('maxKeySize' in options));
    const [ours, theirs] = await both(options, (client) => run(client, steps));
    assert.deepEqual(ours, theirs);
  });
}

/** The names of what a server tells of itself, and the types of their values. */
const shape = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shape(part)]))
    : typeof value;

for (const verb of ['stats', 'slabs', 'statsSlabs', 'items', 'statsItems']) {
  test(`as npm memcached arranges ${verb}`, async () => {
    const [ours, theirs] = await both({}, async (client) => {
      await called(client, 'set', 'a', 1, 10);
      return shape((await called(client, verb)).args);
    });
    assert.deepEqual(ours, theirs);
  });
}

for (const count of [0, 1, 2]) {
  test(`as npm memcached answers: cachedump of ${count} items`, async () => {
    // What has been flushed is still dumped for a while.
    await server.server.restart();
    const cache = new Memcached(server.address) as unknown as CallbackClient;
    for (let i = 0; i < count; i++) await called(cache, 'set', `k${i}`, i, 100);
    cache.end();
    const dump = async (client: CallbackClient): Promise<readonly unknown[]> =>
      (await called(client, 'cachedump', server.address, 1, 10)).args;
    const [ours, theirs] = await both({}, dump);
    assert.deepEqual(ours, theirs);
  });
}

test('cas takes the token that gets told', async () => {
  const [ours, theirs] = await both({}, async (client) => {
    await called(client, 'set', 'a', { n: 1 }, 10);
    const {
      args: [, found],
    } = await called(client, 'gets', 'a');
    const { a, cas } = found as { a: unknown; cas: string };
    const first = await called(client, 'cas', 'a', { n: 2 }, cas, 10);
    const second = await called(client, 'cas', 'a', { n: 3 }, cas, 10);
    return [a, /^\d+$/.test(cas), first.args, second.args, (await called(client, 'get', 'a')).args];
  });
  assert.deepEqual(ours, theirs);
  assert.deepEqual(ours, [
    { n: 1 },
    true,
    [undefined, true],
    [undefined, false],
    [undefined, { n: 2 }],
  ]);
});
