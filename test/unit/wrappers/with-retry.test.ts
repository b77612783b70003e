import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { type RetryPolicy, withRetry } from '../../../src/wrappers/with-retry.ts';
import {
  IllegalInputError,
  ManyError,
  MemcacheConnectionError,
  MemcacheError,
  MemcacheServerError,
  TimeoutError,
} from '../../../src/errors.ts';
import { createClient } from '../../../src/index.ts';

const lost = new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', { sent: 'maybe' });
const late = new TimeoutError('ERR_MEMCACHE_TIMEOUT', 'late');
const illegal = new IllegalInputError('ERR_MEMCACHE_KEY', 'key must not be empty');
const closed = new MemcacheConnectionError('ERR_MEMCACHE_CLOSED', 'closed');
const aborted = new MemcacheError('ERR_MEMCACHE_ABORTED', 'aborted');

/** Fails with these errors, one a call, and then answers. It keeps what it knows in private fields. */
class Moody {
  readonly name = 'moody';
  readonly #errors: unknown[];
  readonly #calls: unknown[][] = [];
  depth = 1;

  constructor(...errors: unknown[]) {
    this.#errors = errors;
  }

  get calls(): readonly unknown[][] {
    return this.#calls;
  }

  async get(...given: unknown[]): Promise<string> {
    this.#calls.push(given);
    if (this.#errors.length > 0) throw this.#errors.shift();
    return 'answer';
  }

  where(): string {
    if (this.#calls.length > 0) throw late;
    this.#calls.push([]);
    return 'here';
  }

  on(_name: string): this {
    return this;
  }
}

/** How often a client is asked that fails with this error again and again. */
async function triesOf(error: unknown, policy: RetryPolicy): Promise<number> {
  const client = new Moody(...Array.from({ length: 10 }, () => error));
  await assert.rejects(withRetry(client, policy).get('k'), (rejection) => rejection === error);
  return client.calls.length;
}

describe('what is tried again', () => {
  test('a failed call is made again with the same arguments, twice in all', async () => {
    const client = new Moody(lost);
    const options = { timeoutMs: 5 };
    assert.equal(await withRetry(client).get('k', options), 'answer');
    assert.deepEqual(client.calls, [
      ['k', options],
      ['k', options],
    ]);
  });

  test('a call that succeeds is made once', async () => {
    const client = new Moody();
    assert.equal(await withRetry(client, { attempts: 9 }).get('k'), 'answer');
    assert.equal(client.calls.length, 1);
  });

  test('attempts counts every try; the last failure is the caller’s', async () => {
    assert.equal(await triesOf(lost, { attempts: 1 }), 1);
    assert.equal(await triesOf(lost, { attempts: 4 }), 4);
    const client = new Moody(late, lost);
    await assert.rejects(withRetry(client).get('k'), lost);
  });

  test('any failure is, of any class', async () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    for (const error of [lost, late, reset, 'text', undefined, null])
      assert.equal(await triesOf(error, {}), 2);
  });

  test('retryFor lets only these, by class or by code', async () => {
    const policy: RetryPolicy = { retryFor: [TimeoutError, 'ERR_MEMCACHE_CONNECTION_LOST'] };
    assert.equal(await triesOf(late, policy), 2);
    assert.equal(await triesOf(lost, policy), 2);
    assert.equal(await triesOf(new MemcacheServerError('ERR_MEMCACHE_SERVER', 'no'), policy), 1);
    assert.equal(await triesOf(new Error('ERR_MEMCACHE_CONNECTION_LOST'), policy), 1);
    assert.equal(await triesOf(late, { retryFor: new Set([MemcacheConnectionError]) }), 2);
    assert.equal(await triesOf(late, { retryFor: [] }), 2);
  });

  test('doNotRetryFor wins', async () => {
    assert.equal(await triesOf(late, { doNotRetryFor: [TimeoutError] }), 1);
    assert.equal(await triesOf(late, { doNotRetryFor: new Set(['ERR_MEMCACHE_TIMEOUT']) }), 1);
    assert.equal(await triesOf(lost, { doNotRetryFor: [TimeoutError] }), 2);
    const policy: RetryPolicy = {
      retryFor: [MemcacheConnectionError],
      doNotRetryFor: [TimeoutError],
    };
    assert.equal(await triesOf(late, policy), 1);
    assert.equal(await triesOf(lost, policy), 2);
  });

  test('what another try cannot mend is final, unless it is named itself', async () => {
    for (const error of [illegal, closed, aborted]) {
      assert.equal(await triesOf(error, {}), 1);
      assert.equal(await triesOf(error, { retryFor: [Error, MemcacheError] }), 1);
      assert.equal(await triesOf(error, { retryFor: [error.code] }), 2);
    }
    assert.equal(await triesOf(closed, { retryFor: [MemcacheConnectionError] }), 1);
    assert.equal(await triesOf(illegal, { retryFor: [IllegalInputError] }), 2);
    assert.equal(await triesOf(closed, { retryFor: [IllegalInputError] }), 1);
  });

  test('a ManyError is judged by what it holds', async () => {
    const many = (...errors: MemcacheError[]): ManyError =>
      new ManyError(new Map(), new Map(errors.map((error, i) => [String(i), error])));
    assert.equal(await triesOf(many(late, lost), { retryFor: [TimeoutError] }), 2);
    assert.equal(await triesOf(many(lost), { retryFor: [TimeoutError] }), 1);
    assert.equal(await triesOf(many(late, lost), { doNotRetryFor: [TimeoutError] }), 1);
    assert.equal(await triesOf(many(late, illegal), {}), 1);
    assert.equal(await triesOf(many(late), { doNotRetryFor: ['ERR_MEMCACHE_MANY'] }), 1);
  });
});

describe('a call that is given a function', () => {
  const failed = new Error('of the loader');
  const tries = async (error: unknown, policy: RetryPolicy = {}): Promise<number> => {
    const client = new Moody(...Array.from({ length: 10 }, () => error));
    const call = withRetry(client, policy).get('k', { ttl: 5 }, () => 1);
    await assert.rejects(call, (rejection) => rejection === error);
    return client.calls.length;
  };

  test('is made again for the cache’s failures only', async () => {
    assert.equal(await tries(failed), 1);
    assert.equal(await tries('text'), 1);
    assert.equal(await tries(lost), 2);
    assert.equal(await tries(new ManyError(new Map(), new Map([['k', late]]))), 2);
    assert.equal(await tries(illegal), 1);
  });

  test('or for what is named', async () => {
    assert.equal(await tries(failed, { retryFor: [Error] }), 2);
    assert.equal(await tries(failed, { retryFor: [TimeoutError] }), 1);
    assert.equal(await tries(late, { retryFor: [TypeError] }), 1);
    assert.equal(await tries(failed, { doNotRetryFor: [TypeError] }), 1);
  });

  test('fetch of our own client: its loader is not', async () => {
    await using cache = withRetry(createClient('127.0.0.1:1'), { attempts: 3 });
    let loads = 0;
    const fails = (): never => {
      loads++;
      throw failed;
    };
    await assert.rejects(cache.fetch('k', {}, fails), failed);
    assert.equal(loads, 1);
    await assert.rejects(withRetry(cache, { retryFor: [Error] }).fetch('k', {}, fails), failed);
    assert.equal(loads, 3);
  });
});

describe('the time between', () => {
  test('is waited before each further try', async () => {
    const client = new Moody(lost, lost);
    const began = performance.now();
    await withRetry(client, { attempts: 3, delayMs: 20 }).get('k');
    assert.ok(performance.now() - began >= 38);
    assert.equal(client.calls.length, 3);
  });

  test('ends when the signal of the call is aborted', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const clients = Array.from({ length: 12 }, () => new Moody(lost));
    const calls = clients.map((client) =>
      withRetry(client, { delayMs: 600_000 }).get('k', { signal }),
    );
    // Each has failed once when the promise jobs of this turn are done.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    const reason = new Error('enough');
    controller.abort(reason);
    for (const call of calls)
      await assert.rejects(call, { code: 'ERR_MEMCACHE_ABORTED', cause: reason, sent: 'maybe' });
    for (const client of clients) assert.equal(client.calls.length, 1);
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await withRetry(new Moody(lost), { delayMs: 1 }).get('k', { signal });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('after an abort there is no further try', async () => {
    const client = new Moody(lost);
    const signal = AbortSignal.abort();
    await assert.rejects(withRetry(client).get('k', { signal }), lost);
    assert.equal(client.calls.length, 1);
  });
});

describe('the wrapper is as the client', () => {
  test('properties stay what they are, and can be set', () => {
    const client = new Moody();
    const retrying = withRetry(client);
    assert.equal(retrying.name, 'moody');
    assert.deepEqual(retrying.calls, []);
    retrying.depth = 2;
    assert.equal(client.depth, 2);
    assert.deepEqual(Object.keys(retrying), ['name', 'depth']);
    assert.ok('get' in retrying && !('then' in retrying));
    assert.ok(retrying instanceof Moody);
    assert.equal(retrying.constructor, Moody);
    assert.equal(retrying.get, retrying.get);
  });

  test('synchronous methods stay synchronous, and their failures are final', () => {
    const client = new Moody();
    const retrying = withRetry(client);
    assert.equal(retrying.where(), 'here');
    assert.throws(() => retrying.where(), late);
    assert.equal(client.calls.length, 1);
  });

  test('a method that answers its client answers the wrapper', async () => {
    const client = new Moody(lost);
    const retrying = withRetry(client);
    assert.equal(retrying.on('retry'), retrying);
    assert.equal(await retrying.on('retry').get('k'), 'answer');
  });

  test('a frozen client works too, and so does one of another kind', async () => {
    let calls = 0;
    const frozen = Object.freeze({
      get: async () => {
        if (++calls === 1) throw lost;
        return calls;
      },
    });
    assert.equal(await withRetry(frozen).get(), 2);
    const bare = Object.assign(Object.create(null) as object, { get: frozen.get });
    calls = 0;
    assert.equal(await withRetry(bare).get(), 2);
  });

  test('a listing fails once; a namespace and meta are the client’s own', async () => {
    await using client = createClient('127.0.0.1:1');
    const cache = withRetry(client);
    let listings = 0;
    const failing = {
      async *keys(): AsyncGenerator<string> {
        listings++;
        yield await Promise.reject<string>(lost);
      },
    };
    await assert.rejects(async () => {
      for await (const _ of withRetry(failing).keys());
    }, lost);
    assert.equal(listings, 1);
    assert.equal(cache.meta, client.meta);
    const view = cache.namespace('user');
    assert.equal(view.get, client.namespace('user').get);
    const again = withRetry(view);
    assert.notEqual(again.get, view.get);
    assert.equal(again.name, 'user');
    await assert.rejects(again.get('k'), MemcacheConnectionError);
  });

  test('our own client works behind it, and ends', async () => {
    await using cache = withRetry(createClient('127.0.0.1:1'), { attempts: 3, delayMs: 1 });
    assert.deepEqual(cache.servers, ['127.0.0.1:1']);
    assert.equal(cache.serverFor('k'), '127.0.0.1:1');
    assert.equal(
      cache.on('server', () => {}),
      cache,
    );
    await assert.rejects(cache.get('k'), MemcacheConnectionError);
    await assert.rejects(cache.get(''), { code: 'ERR_MEMCACHE_KEY' });
    await cache.close();
    await assert.rejects(cache.get('k'), { code: 'ERR_MEMCACHE_CLOSED' });
  });
});

test('what it cannot work with is named', () => {
  const wrong: [string, unknown[]][] = [
    ['attempts', [0, -1, 1.5, '2', NaN, Infinity]],
    ['delayMs', [-1, 0.5, '5', Infinity]],
    ['retryFor', ['ERR_MEMCACHE_TIMEOUT', TimeoutError, [Map], [() => {}], [7], [''], ['oops']]],
    ['doNotRetryFor', [{}, new Map(), [null], [new Error('one')]]],
    ['tries', [2]],
  ];
  for (const [name, values] of wrong)
    for (const value of values)
      assert.throws(() => withRetry(new Moody(), { [name]: value }), {
        name: 'IllegalInputError',
        code: 'ERR_MEMCACHE_OPTION',
        message: new RegExp(`'${name}'`),
      });
  const both: RetryPolicy[] = [
    { retryFor: [TimeoutError], doNotRetryFor: [TimeoutError] },
    { retryFor: ['ERR_MEMCACHE_KEY'], doNotRetryFor: new Set(['ERR_MEMCACHE_KEY']) },
  ];
  for (const policy of both)
    assert.throws(() => withRetry(new Moody(), policy), /'doNotRetryFor' names \w+, which/);
  withRetry(new Moody(), { retryFor: [Error], doNotRetryFor: [TimeoutError] });
  for (const none of [undefined, null, 7, 'client'])
    assert.throws(() => withRetry(none as never), { code: 'ERR_MEMCACHE_OPTION' });
  for (const none of [null, 7, []])
    assert.throws(() => withRetry(new Moody(), none as never), { code: 'ERR_MEMCACHE_OPTION' });
});
