// Where the adapter differs from npm memcached on purpose; the guide has a row for each.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Memcached } from '../../../../src/adapters/memcached/index.ts';
import { startFakeMemcached } from '../../../../src/testing/index.ts';
import { backend } from '../../backend.ts';
import {
  called,
  type CallbackClient,
  type CallbackClientClass,
  NpmMemcached,
} from './npm-memcached.ts';

const server = backend();

type Verb = (...args: unknown[]) => void;

/** Some of its verbs, to be called in ways the compiler would not have. */
const verbs = (client: CallbackClient): Record<string, Verb> =>
  client as unknown as Record<string, Verb>;

const ours = (options: object = {}): CallbackClient =>
  new Memcached(server.address, options) as unknown as CallbackClient;
const theirs = (options: object = {}): CallbackClient => new NpmMemcached(server.address, options);

async function withBoth(
  use: (ours: CallbackClient, theirs: CallbackClient) => Promise<void>,
  options: object = {},
): Promise<void> {
  const [one, other] = [ours(options), theirs(options)];
  await called(one, 'flush');
  try {
    await use(one, other);
  } finally {
    one.end();
    other.end();
  }
}

/** Whether it calls back before it returns. */
function isCalledInside(client: CallbackClient): boolean {
  let inside = false;
  verbs(client)['get']('a b', () => (inside = true));
  return inside;
}

test('what is wrong with a call is never told inside the call', () =>
  withBoth(async (one, other) => {
    assert.equal(isCalledInside(other), true);
    assert.equal(isCalledInside(one), false);
  }));

test('a call without a callback is carried out', () =>
  withBoth(async (one, other) => {
    verbs(other)['set']('a', 1, 10);
    assert.deepEqual((await called(other, 'get', 'a')).args, [undefined, undefined]);
    verbs(one)['set']('a', 1, 10);
    verbs(one)['incr']('a', 2);
    assert.deepEqual((await called(one, 'get', 'a')).args, [undefined, 3]);
    verbs(one)['set']('a b', 1, 10);
    verbs(one)['del']('a');
    assert.deepEqual((await called(one, 'get', 'a')).args, [undefined, undefined]);
  }));

test('an async function is a function', () =>
  withBoth(async (one, other) => {
    const tell = (client: CallbackClient): Promise<unknown> =>
      new Promise((resolve) => {
        verbs(client)['get']('a', async (error: unknown) => resolve(error));
      });
    assert.match(String(await tell(other)), /not a valid Function/);
    assert.equal(await tell(one), undefined);
  }));

test('getMulti of no keys calls back', () =>
  withBoth(async (one, other) => {
    const silence = sleep(100, 'silence');
    assert.equal(await Promise.race([called(other, 'getMulti', []), silence]), 'silence');
    assert.deepEqual((await called(one, 'getMulti', [])).args, [undefined, {}]);
  }));

test('getMulti of what is no list calls back with an error', () =>
  withBoth(async (one, other) => {
    assert.throws(() => verbs(other)['getMulti']('a', () => {}), TypeError);
    const { args } = await called(one, 'getMulti', 'a');
    assert.match(String(args[0]), /not a valid Array/);
    assert.deepEqual(args[1], {});
  }));

test('a long key is called what the caller calls it', () =>
  withBoth(async (one, other) => {
    const key = 'k'.repeat(300);
    await called(one, 'set', key, 'x', 10);
    const [, many] = (await called(other, 'getMulti', [key])).args;
    assert.match(Object.keys(many as object)[0], /^[0-9a-f]{32}$/);
    assert.deepEqual((await called(one, 'getMulti', [key])).args, [undefined, { [key]: 'x' }]);
    const [, found] = (await called(one, 'gets', key)).args;
    assert.deepEqual(Object.keys(found as object), [key, 'cas']);
  }));

test('a negative amount counts the other way', () =>
  withBoth(async (one, other) => {
    await called(one, 'set', 'a', 5, 10);
    assert.match(String((await called(other, 'incr', 'a', -2)).args[0]), /invalid numeric delta/);
    assert.deepEqual((await called(one, 'incr', 'a', -2)).args, [undefined, 3]);
    assert.deepEqual((await called(one, 'decr', 'a', -2)).args, [undefined, 5]);
    assert.match(String((await called(one, 'incr', 'a', 0.5)).args[0]), /invalid numeric delta/);
  }));

test('a value that cannot be stored is an error, not an exception', () =>
  withBoth(async (one, other) => {
    const circular: { self?: object } = {};
    circular.self = circular;
    for (const value of [undefined, () => {}, Symbol('a'), 1n, circular]) {
      assert.throws(() => verbs(other)['set']('a', value, 10, () => {}), TypeError);
      const { args } = await called(one, 'set', 'a', value, 10);
      assert.match(String(args[0]), /cannot be stored/);
      assert.equal(args[1], false);
    }
  }));

test('a lifetime that is no whole number is an error, and nobody gets its answers', () =>
  withBoth(async (one) => {
    const { args } = await called(one, 'set', 'a', 1, 1.5);
    assert.match(String(args[0]), /whole seconds/);
    assert.deepEqual((await called(one, 'get', 'a')).args, [undefined, undefined]);
  }));

test('a key the server does not take is an error by itself', () =>
  withBoth(async (one, other) => {
    const [list] = (await called(other, 'get', '')).args;
    assert.ok(Array.isArray(list));
    assert.ok((await called(one, 'get', '')).args[0] instanceof Error);
  }));

test('too many calls are told by an Error', () =>
  withBoth(
    async (one, other) => {
      const flood = async (client: CallbackClient): Promise<readonly unknown[]> => {
        const all = await Promise.all([1, 2, 3].map(() => called(client, 'get', 'a')));
        return all[2].args;
      };
      assert.deepEqual(await flood(other), ['over queue limit', null]);
      const [error, data] = await flood(one);
      assert.ok(error instanceof Error);
      assert.equal(error.message, 'over queue limit');
      assert.equal(data, null);
      assert.deepEqual((await called(one, 'get', 'a')).args, [undefined, undefined]);
    },
    { maxQueueSize: 2 },
  ));

test('too many calls about many keys or all servers are told where their errors are', () =>
  withBoth(
    async (one, other) => {
      const flood = async (
        client: CallbackClient,
        verb: string,
        ...rest: readonly unknown[]
      ): Promise<readonly unknown[]> => {
        const before = [1, 2].map(() => called(client, 'get', 'a'));
        const { args } = await called(client, verb, ...rest);
        await Promise.all(before);
        return args;
      };
      for (const verb of ['getMulti', 'get']) {
        assert.deepEqual(await flood(other, verb, ['a']), [['over queue limit'], {}]);
        const [errors, data] = await flood(one, verb, ['a']);
        assert.deepEqual((errors as Error[]).map(String), [
          'MemcacheConnectionError: over queue limit',
        ]);
        assert.deepEqual(data, {});
      }
      for (const verb of ['version', 'stats', 'flush']) {
        assert.deepEqual(await flood(other, verb), ['over queue limit', []]);
        const [error, data] = await flood(one, verb);
        assert.equal(String(error), 'MemcacheConnectionError: over queue limit');
        assert.deepEqual(data, []);
      }
    },
    { maxQueueSize: 2 },
  ));

test('what a server refuses is an error, and the server stays in use', () =>
  withBoth(
    async (one, other) => {
      const value = 'x'.repeat(1_048_576);
      assert.deepEqual((await called(other, 'set', 'a', value, 10)).args, [undefined, false]);
      assert.match(String((await called(other, 'get', 'a')).args[0]), /not available/);
      const { args } = await called(one, 'set', 'a', value, 10);
      assert.ok(args[0] instanceof Error);
      assert.equal(args[1], false);
      assert.deepEqual((await called(one, 'get', 'a')).args, [undefined, undefined]);
    },
    // Its timers keep the process.
    { retry: 2000, failuresTimeout: 100 },
  ));

test('an item that says it is JSON and is not is an error, not an exception', async () => {
  await server.cache.meta.set('broken', Buffer.from('{"a'), { flags: 2, codec: 'buffer' });
  const client = ours();
  const { args } = await called(client, 'get', 'broken');
  assert.ok(args[0] instanceof Error);
  assert.equal(args[1], false);
  client.end();
});

test('as there, an item of another client is read as text', () =>
  withBoth(async (one, other) => {
    await server.cache.meta.set('foreign', Buffer.from('héllo'), { flags: 16, codec: 'buffer' });
    for (const client of [one, other])
      assert.deepEqual((await called(client, 'get', 'foreign')).args, [undefined, 'héllo']);
  }));

test('a server that answers nothing fails the call', async () => {
  await using silent = await startFakeMemcached();
  silent.pause();
  const client = new Memcached(silent.address, { timeout: 100 }) as unknown as CallbackClient;
  const { self, args } = await called(client, 'get', 'a');
  assert.match((args[0] as { code: string }).code, /ERR_MEMCACHE_(TIMEOUT|CONNECT)/);
  assert.equal(args.length, 1);
  assert.equal(self, client);
  client.end();
});

test('after end another call connects again', async () => {
  const client = ours();
  assert.deepEqual((await called(client, 'set', 'a', 1, 10)).args, [undefined, true]);
  client.end();
  assert.deepEqual((await called(client, 'get', 'a')).args, [undefined, 1]);
  client.end();
});

test('what a callback throws is uncaught, and nobody else suffers', () => {
  const adapter = new URL('../../../../src/adapters/memcached/index.js', import.meta.url).href;
  const program = `
    import { Memcached } from '${adapter}';
    const client = new Memcached('${server.address}');
    process.once('uncaughtException', (error) => console.log(error.message));
    let calls = 0;
    client.get('none', () => {
      calls++;
      throw new Error('mine');
    });
    client.get('none', (error, data) => {
      console.log(calls, error, data);
      client.end();
    });`;
  const args = ['--input-type=module', '--eval', program];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(output, 'mine\n1 undefined undefined\n');
});

test('util.promisify makes promises of its verbs', async () => {
  const client = new Memcached(server.address);
  type Promising = (key: string, value: unknown, lifetime: number) => Promise<unknown>;
  const set = promisify(client.set.bind(client) as Verb) as Promising;
  const add = promisify(client.add.bind(client) as Verb) as Promising;
  assert.equal(await set('p', 1, 10), true);
  await assert.rejects(add('p', 1, 10), /Item is not stored/);
  client.end();
});

const CLASSES: readonly CallbackClientClass[] = [
  Memcached as unknown as CallbackClientClass,
  NpmMemcached,
];

test('multi tells the servers of keys', async () => {
  const told = CLASSES.map((Client) => {
    const client = new Client(['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3']);
    const calls: unknown[][] = [];
    verbs(client)['multi'](['a', 'b', 'c', 'd', 'e'], (...args: unknown[]) => calls.push(args));
    verbs(client)['multi'](false, (...args: unknown[]) => calls.push(args));
    return calls;
  });
  assert.deepEqual(told[0], told[1]);
});
