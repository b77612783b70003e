// A key, a value, a password or what opens a TLS key is shown by nothing that fails, tells or prints.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  type ClientEvents,
  type ClientOptions,
  createClient,
  type FleetClient,
} from '../../src/index.ts';
import { type FakeHook, startFakeMemcached } from '../../src/testing/index.ts';
import { CANARY } from '../support/refusals.ts';

const KEY = `key-${CANARY}`;
const VALUE = { secret: CANARY, long: CANARY.repeat(1000) };

type Call = (client: FleetClient) => Promise<unknown>;
const CALLS: Record<string, Call> = {
  get: (client) => client.get(KEY),
  gets: (client) => client.gets(KEY),
  getMany: (client) => client.getMany([KEY, `${KEY}2`, `${KEY}3`]),
  getAndTouch: (client) => client.getAndTouch(KEY, 5),
  set: (client) => client.set(KEY, VALUE),
  setMany: (client) => client.setMany([[KEY, VALUE]]),
  'set, noreply': (client) => client.set(KEY, VALUE, { noreply: true }),
  add: (client) => client.add(KEY, VALUE),
  append: (client) => client.append(KEY, CANARY),
  cas: (client) => client.cas(KEY, VALUE, '1'),
  delete: (client) => client.delete(KEY),
  touch: (client) => client.touch(KEY, 5),
  incr: (client) => client.incr(KEY),
  fetch: (client) => client.fetch(KEY, {}, () => VALUE),
  invalidate: (client) => client.invalidate(KEY),
  'meta.get': (client) => client.meta.get(KEY),
  'meta.debug': (client) => client.meta.debug(KEY),
  raw: (client) => client.raw(`get ${KEY}`, { until: 'END' }),
  'a key too long': (client) => client.get(KEY.repeat(100)),
  'a key with a blank': (client) => client.get(`${KEY} `),
  'a value that cannot be stored': (client) =>
    client.set(KEY, { [Symbol.iterator]: 1, f: () => CANARY }),
  'a value too large': (client) => client.set(KEY, CANARY.repeat(200_000)),
  'a call that is given up': (client) =>
    client.get(KEY, { signal: AbortSignal.abort(new Error('gone')) }),
};

const EVENTS: readonly (keyof ClientEvents)[] = [
  ...(['server', 'health', 'topology', 'discovery', 'unreadable', 'retry', 'shed'] as const),
  ...(['largeValue', 'rejected', 'desync', 'guard', 'refresh'] as const),
];

/** All an error shows but the caller's own keys: the maps of a ManyError have them by design. */
function textsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [inspect(error, { depth: 10 })];
  const { values, errors, cause, ...rest } = error as Error & Record<string, unknown>;
  const inner = errors instanceof Map ? [...errors.values()].flatMap(textsOf) : [];
  const below = cause === undefined ? [] : textsOf(cause);
  const printed =
    values === undefined ? [inspect(error, { depth: 10 }), JSON.stringify(error)] : [];
  return [error.message, String(error.stack), inspect(rest), ...printed, ...inner, ...below];
}

function assertSilent(where: string, texts: readonly unknown[]): void {
  for (const text of texts) assert.ok(!String(text).includes(CANARY), `${where}: ${String(text)}`);
}

/** Every call, against what answers so. How many of them failed. */
async function failures(where: string, options: Partial<ClientOptions>, servers: string) {
  const told: string[] = [];
  const client = createClient({
    ...{ servers, timeoutMs: 300, connectTimeoutMs: 300, retry: { attempts: 2 } },
    ...{ onUnreadable: 'error', warnValueBytes: 100, maxValueBytes: 1_000_000 },
    auth: () => ({ username: 'user', password: `password-${CANARY}` }),
    ...options,
  });
  for (const name of EVENTS)
    client.on(name, (event: object) => {
      const errors = Object.values(event).filter((part) => part instanceof Error);
      told.push(...errors.flatMap(textsOf), inspect(event, { depth: 10 }));
    });
  let failed = 0;
  await Promise.all(
    Object.entries(CALLS).map(([name, call]) =>
      call(client).catch((error: unknown) => {
        failed++;
        assertSilent(`${where}, ${name}`, textsOf(error));
      }),
    ),
  );
  for (const part of [client, client.config(), client.metrics()])
    told.push(
      inspect(part, { depth: 10 }),
      JSON.stringify(part, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    );
  await client.close({ timeoutMs: 0 });
  assertSilent(where, told);
  return failed;
}

const quoting =
  (status: string): FakeHook =>
  ({ verb, line, data }) =>
    verb === 'version' || data.includes('password')
      ? undefined
      : `${status} cannot ${line} ${data
          .toString('latin1')
          .slice(0, 50)
          .replaceAll(/[\r\n]/g, '')}\r\n`;
const saying =
  (answer: (key: string) => string | null): FakeHook =>
  ({ verb, keys, data }) =>
    verb === 'version' || data.includes('password') ? undefined : answer(keys[0] ?? CANARY);

const SERVERS: Record<string, FakeHook> = {
  'says nothing': saying(() => null),
  'quotes in SERVER_ERROR': quoting('SERVER_ERROR'),
  'quotes in CLIENT_ERROR': quoting('CLIENT_ERROR'),
  'quotes in ERROR': quoting('ERROR'),
  'answers another language': saying((key) => `-ERR unknown ${key}\r\n`),
  'answers another key': saying((key) => `VALUE ${key}x 0 1\r\n1\r\nEND\r\n`),
  'answers what cannot be decoded': saying(
    (key) => `VALUE ${key} 32 ${CANARY.length}\r\n${CANARY}\r\nEND\r\n`,
  ),
  'answers flags of nobody': saying(
    (key) => `VALUE ${key} 1 ${CANARY.length}\r\n${CANARY}\r\nEND\r\n`,
  ),
  'answers a value cut short': saying((key) => `VALUE ${key} 0 1\r\n${CANARY}\r\nEND\r\n`),
  'refuses the password and repeats it': ({ line, data }) =>
    `CLIENT_ERROR ${line} ${data.toString('latin1').trim()}\r\n`,
};

for (const dialect of ['classic', 'meta'] as const) {
  test(`a server that fails in any way makes nobody say a secret, ${dialect}`, async () => {
    for (const [where, hook] of Object.entries(SERVERS)) {
      await using server = await startFakeMemcached({
        users: { user: `password-${CANARY}` },
      });
      server.intercept(hook);
      const failed = await failures(where, { dialect }, server.address);
      assert.ok(failed > 8, `${where}: ${failed} calls failed`);
    }
  });
}

test('nor does one that is not there, is full, or cannot be talked to over TLS', async () => {
  await using server = await startFakeMemcached();
  const tls = { passphrase: CANARY, key: `-----BEGIN ${CANARY}`, cert: CANARY };
  for (const [where, options, servers] of [
    ['refused', {}, '127.0.0.1:1'],
    ['overloaded', { maxQueued: { operations: 1 } }, '127.0.0.1:1'],
    ['TLS', { tls: { rejectUnauthorized: true } }, server.address],
    ['TLS with a key that cannot be read', { tls: () => tls }, server.address],
  ] as const) {
    const failed = await failures(where, options, servers);
    assert.ok(failed > 8, `${where}: ${failed} calls failed`);
  }
  try {
    const client = createClient({ servers: server.address, tls });
    assertSilent('config', [inspect(client, { depth: 10 }), JSON.stringify(client.config())]);
    await client.close();
  } catch (error) {
    assertSilent('option tls', textsOf(error));
  }
});
