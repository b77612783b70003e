// Nest's CacheModule and CacheInterceptor on the adapter for Keyv, over HTTP. Decorators are called as functions: what
// runs here is TypeScript of which only the types have to be removed.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  type Cache,
  CACHE_MANAGER,
  CacheInterceptor,
  CacheModule,
  CacheTTL,
} from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  Param,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Keyv } from 'keyv';
import { KeyvMemvolley } from '../../../src/adapters/keyv/index.ts';
import { backend } from '../backend.ts';

const server = backend();

class Users {
  static loads = 0;

  find(id: string): object {
    Users.loads++;
    return { id, loads: Users.loads };
  }
}
const find = Object.getOwnPropertyDescriptor(Users.prototype, 'find') ?? {};
Get(':id')(Users.prototype, 'find', find);
Param('id')(Users.prototype, 'find', 0);
CacheTTL(30_000)(Users.prototype, 'find', find);
UseInterceptors(CacheInterceptor)(Users);
Controller('users')(Users);

class App {
  readonly name = 'app';
}
Module({
  imports: [
    CacheModule.registerAsync({
      useFactory: () => ({
        stores: [new Keyv({ store: new KeyvMemvolley(server.cache), namespace: 'nest' })],
      }),
    }),
  ],
  controllers: [Users],
})(App);

let made: Promise<INestApplication> | undefined;
after(async () => (await made)?.close());

const running = (): Promise<INestApplication> => {
  made ??= NestFactory.create(App, { logger: false }).then(async (app) => {
    await app.listen(0, '127.0.0.1');
    return app;
  });
  return made;
};

async function ask(path: string): Promise<{ cache: string | null; body: unknown }> {
  const app = await running();
  const response = await fetch(`${await app.getUrl()}${path}`);
  return { cache: response.headers.get('x-cache'), body: await response.json() };
}

test('an answer is loaded once and then comes from memcached', async () => {
  assert.deepEqual(await ask('/users/1?full=a%20b'), {
    cache: 'MISS',
    body: { id: '1', loads: 1 },
  });
  assert.deepEqual(await ask('/users/1?full=a%20b'), { cache: 'HIT', body: { id: '1', loads: 1 } });
  assert.deepEqual(await ask('/users/2'), { cache: 'MISS', body: { id: '2', loads: 2 } });
  const stored = new Keyv({ store: new KeyvMemvolley(server.cache), namespace: 'nest' });
  const raw = await stored.getRaw('/users/2');
  assert.deepEqual(raw?.value, { id: '2', loads: 2 });
  const left = (raw.expires ?? 0) - Date.now();
  assert.ok(left > 20_000 && left <= 30_000, `${left} ms`);
});

test('the cache that Nest injects is that one', async () => {
  const cache = (await running()).get<Cache>(CACHE_MANAGER);
  assert.equal(await cache.wrap('report', () => 'made'), 'made');
  assert.equal(await cache.get('report'), 'made');
  await cache.clear();
  assert.equal(await cache.get('report'), undefined);
  assert.equal((await ask('/users/2')).cache, 'MISS');
});
