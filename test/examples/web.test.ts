// The examples that serve HTTP run, against a real memcached, and do what they say.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { freePort } from '../../src/testing/free-port.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { Example } from '../support/example.ts';

/** A browser: it keeps the cookie that it was given last. */
class Visitor {
  readonly #origin: string;
  cookie = '';

  constructor(port: string) {
    this.#origin = `http://127.0.0.1:${port}`;
  }

  async ask<Answer>(path: string, method = 'GET'): Promise<Answer | undefined> {
    const headers = { cookie: this.cookie, connection: 'close' };
    const response = await fetch(`${this.#origin}${path}`, { method, headers });
    const given = response.headers.get('set-cookie');
    if (given !== null) this.cookie = given.split(';')[0];
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.status === 204 ? undefined : ((await response.json()) as Answer);
  }
}

interface Site {
  readonly example: Example;
  readonly visitor: () => Visitor;
}

async function serve(t: TestContext, name: string, cache: RunningMemcached): Promise<Site> {
  const port = String(await freePort());
  const example = new Example(t, name, { MEMCACHE_SERVERS: cache.address, PORT: port });
  await example.says(/^listening$/m);
  return { example, visitor: () => new Visitor(port) };
}

async function ends({ example }: Site): Promise<void> {
  example.process.kill('SIGTERM');
  await example.ends();
}

test('express: a session outlives the server, and a slow query is made once', async (t) => {
  await using cache = await startMemcached();
  const first = await serve(t, 'express', cache);
  const ada = first.visitor();
  await ada.ask('/login/ada', 'POST');
  assert.deepEqual(await ada.ask('/me'), { user: 'ada' });
  assert.deepEqual(await first.visitor().ask('/me'), { user: null });
  const asked = Array.from({ length: 10 }, () => first.visitor().ask('/products/7'));
  for (const product of await Promise.all(asked))
    assert.deepEqual(product, { id: '7', queries: 1 });
  await ends(first);

  const second = await serve(t, 'express', cache);
  const again = second.visitor();
  again.cookie = ada.cookie;
  assert.deepEqual(await again.ask('/me'), { user: 'ada' });
  assert.deepEqual(await again.ask('/products/7'), { id: '7', queries: 1 });
  await ends(second);
});

test('express: a session ends with its logout', async (t) => {
  await using cache = await startMemcached();
  const site = await serve(t, 'express', cache);
  const ada = site.visitor();
  await ada.ask('/login/ada', 'POST');
  await ada.ask('/logout', 'POST');
  assert.deepEqual(await ada.ask('/me'), { user: null });
  await ends(site);
});

test('fastify: visits are counted by session, and an answer is kept', async (t) => {
  await using cache = await startMemcached();
  const site = await serve(t, 'fastify', cache);
  const [ada, bob] = [site.visitor(), site.visitor()];
  for (const visits of [1, 2, 3]) assert.deepEqual(await ada.ask('/visits'), { visits });
  assert.deepEqual(await bob.ask('/visits'), { visits: 1 });
  assert.deepEqual(await ada.ask('/weather/oslo'), await bob.ask('/weather/oslo'));
  await ends(site);
});

test('nest: answers are kept by its interceptor and by hand', async (t) => {
  await using cache = await startMemcached();
  const site = await serve(t, 'nest', cache);
  const visitor = site.visitor();
  assert.deepEqual(await visitor.ask('/quotes'), { asked: 1 });
  assert.deepEqual(await visitor.ask('/quotes'), { asked: 1 });
  assert.deepEqual(await visitor.ask('/quotes/5'), { id: '5', asked: 2 });
  assert.deepEqual(await visitor.ask('/quotes/5'), { id: '5', asked: 2 });
  await ends(site);
});
