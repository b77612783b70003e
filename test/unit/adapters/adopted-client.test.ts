import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdaptedClient, AdoptedClient } from '../../../src/adapters/adopted-client.ts';
import { createClient, fallback, withRetry } from '../../../src/index.ts';

const adopt = (source: unknown): AdoptedClient =>
  new AdoptedClient(source as AdaptedClient, 'Adapter');

test('a client, and what wraps clients, is taken as it is and stays open', async () => {
  await using cache = createClient('h');
  for (const given of [cache, withRetry(cache), fallback([cache])]) {
    const adopted = adopt(given);
    assert.equal(adopted.client, given);
    await adopted.close();
  }
  await assert.rejects(cache.get('a b'), { code: 'ERR_MEMCACHE_KEY' }, 'it is not closed');
});

test('of everything that createClient takes a client is made, which is closed', async () => {
  for (const source of ['h:1', new URL('memcached://h:1'), { servers: 'h:1' }]) {
    const adopted = adopt(source);
    await adopted.close();
    await assert.rejects(adopted.client.get('key'), { code: 'ERR_MEMCACHE_CLOSED' });
  }
});

test('what is neither is refused in one sentence', async () => {
  const refused = (message: RegExp | string): object => ({ code: 'ERR_MEMCACHE_OPTION', message });
  assert.throws(
    () => adopt(undefined),
    refused('Adapter takes a client, or what createClient takes; got undefined'),
  );
  assert.throws(() => adopt(null), refused(/got null$/));
  assert.throws(() => adopt(11211), refused(/got a number$/));
  assert.throws(() => adopt({ serverz: 'h' }), refused(/serverz/));
  await using cache = createClient('h');
  assert.throws(
    () => adopt(new Map()),
    refused(/without getValues, version; a view that namespace\(\) answers is none$/),
  );
  assert.throws(
    () => adopt(cache.namespace('n')),
    refused(/a client, not an object without version/),
  );
});

test('a client without namespaces is refused where one is needed', () => {
  const both = adopt(fallback([createClient('h')]));
  assert.throws(() => both.namespace('n', {}, 'Adapter'), {
    code: 'ERR_MEMCACHE_OPTION',
    message: 'Adapter takes a client that has namespaces, as createClient makes it',
  });
});
