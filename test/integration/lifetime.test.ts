import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../src/index.ts';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  test('connect connects, once', async () => {
    const cache = backend.client();
    assert.equal(cache.metrics().connects, 0);
    await cache.connect();
    await cache.connect();
    await cache.get('connect');
    assert.equal(cache.metrics().connects, 1);
  });

  test('close waits for what is under way and refuses what comes later', async () => {
    const cache = backend.client();
    await cache.set('close', 'x');
    const underWay = [cache.get('close'), cache.set('close:2', 'y'), cache.get('close:2')];
    const closing = cache.close();
    assert.equal(cache.close(), closing);
    await closing;
    assert.deepEqual(await Promise.all(underWay), ['x', true, 'y']);
    const refused = { code: 'ERR_MEMCACHE_CLOSED', sent: 'no' };
    await assert.rejects(cache.get('close'), refused);
    await assert.rejects(cache.set('close', 1), refused);
    await assert.rejects(cache.version(), refused);
    await assert.rejects(cache.incr('close'), refused);
    await assert.rejects(cache.getMany(['close']), refused);
  });

  test('a client that was never used closes', async () => {
    await backend.client().close();
  });

  test('a client is closed at the end of its scope', async () => {
    let outside;
    {
      await using cache = backend.client();
      await cache.set('dispose', 1);
      outside = cache;
    }
    await assert.rejects(outside.get('dispose'), { code: 'ERR_MEMCACHE_CLOSED' });
  });

  test('the server event tells of connections, until the listener is taken off', async () => {
    const cache = backend.client();
    const states: string[] = [];
    const listener = (event: { server: string; state: string }): void => {
      states.push(event.state);
      assert.equal(event.server, backend.address);
    };
    assert.equal(cache.on('server', listener), cache);
    await cache.connect();
    assert.deepEqual(states, ['ready']);
    assert.equal(cache.off('server', listener), cache);
    await cache.close();
    assert.deepEqual(states, ['ready']);
  });
});

test('connect rejects with what failed', async () => {
  await using cache = createClient('127.0.0.1:1');
  await assert.rejects(cache.connect(), {
    name: 'MemcacheConnectionError',
    code: 'ERR_MEMCACHE_CONNECT',
    server: '127.0.0.1:1',
    sent: 'no',
    retryable: true,
  });
});
