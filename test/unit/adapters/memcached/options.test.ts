import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { IllegalInputError } from '../../../../src/index.ts';

const REFUSED: readonly (readonly [options: object, words: RegExp])[] = [
  [{ timeout: '5' }, /option 'timeout' must be a number of milliseconds from 0, not string/],
  [{ idle: -1 }, /option 'idle'/],
  [{ retry: Number.NaN }, /option 'retry'/],
  [{ maxKeySize: 'x' }, /option 'maxKeySize' must be a number/],
  [{ namespace: 5 }, /option 'namespace' must be a string, not number/],
  [{ remove: 'yes' }, /option 'remove' must be true or false/],
  [{ redundancy: 2 }, /option 'redundancy' must be false/],
  [{ failOverServers: 'h:1' }, /option 'failOverServers' must be a list of host:port/],
  [{ algorithm: 'no such' }, /option 'algorithm' must be a function or a hash/],
  [{ memvolley: { timeoutMS: 5 } }, /timeoutMs/],
];

for (const [options, words] of REFUSED) {
  test(`${JSON.stringify(options)} is refused by name`, () => {
    assert.throws(
      () => new Memcached('localhost:11211', options),
      (error) => error instanceof IllegalInputError && words.test(error.message),
    );
  });
}

const NO_SERVERS: readonly unknown[] = [{}, [7], ['a b'], 7, ['h:99999']];

for (const servers of NO_SERVERS) {
  test(`servers ${JSON.stringify(servers)} are refused`, () => {
    assert.throws(() => new Memcached(servers as string[]), IllegalInputError);
  });
}

test('options of others, null and undefined are ignored', () => {
  const others = {
    secret: 's',
    prefix: 'p',
    client: undefined,
    timeout: undefined,
    idle: null,
  } as object;
  const client = new Memcached(undefined, others);
  assert.deepEqual(client.servers, ['localhost:11211']);
  client.end();
});

test('multi places any keys, and as many as there are', () => {
  const cache = new Memcached(['127.0.0.1:1', '127.0.0.1:2']);
  const placed = (keys: readonly unknown[]): unknown[] => {
    const told: unknown[] = [];
    cache.multi(keys as string[], (_server, some) => told.push(...(some ?? [])));
    return told;
  };
  const odd = ['a b', '', 'x\u0001', 5, undefined, null, `${'k'.repeat(300)} x`];
  assert.deepEqual(new Set(placed(odd)), new Set(odd));
  const many = Array.from({ length: 30_000 }, (_, index) => `key${index}`);
  assert.deepEqual(new Set(placed(many)), new Set(many));
  cache.end();
});

test('what a value throws that makes no JSON is an error, whatever it is', async () => {
  const cache = new Memcached('127.0.0.1:1');
  for (const thrown of [null, undefined, 'text', new Error('mine')]) {
    const value = {
      toJSON: () => {
        // oxlint-disable-next-line typescript/only-throw-error -- that is what is tried
        throw thrown;
      },
    };
    const [error, stored] = await new Promise<unknown[]>((resolve) => {
      cache.set('key', value, 0, (...answer) => resolve(answer));
    });
    assert.match(String(error), /^IllegalInputError: the value cannot be stored/);
    assert.equal(stored, false);
  }
  cache.end();
});

test('options that are null are none', () => {
  const cache = new Memcached('127.0.0.1:1', null);
  assert.equal(cache.maxKeySize, 250);
  cache.end();
});

test('a list of no servers is localhost, as in npm memcached', () => {
  assert.deepEqual(new Memcached([]).servers, ['localhost:11211']);
});

test('Memcached.config is where every instance begins', () => {
  const { config } = Memcached;
  Memcached.config = { ...config, namespace: 'all:' };
  try {
    assert.equal(new Memcached('h:1').namespace, 'all:');
    assert.equal(new Memcached('h:1', { namespace: 'one:' }).namespace, 'one:');
  } finally {
    Memcached.config = config;
  }
});
