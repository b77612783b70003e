// Nest: its cache module takes a Keyv, and through it memvolley. Decorators are called as functions here, because the
// TypeScript of this project has only types to strip; elsewhere write them as such.
import { CACHE_MANAGER, CacheInterceptor, CacheModule, CacheTTL } from '@nestjs/cache-manager';
import { Controller, Get, Inject, Module, Param, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import { createClient } from 'memvolley';
import { KeyvMemvolley } from 'memvolley/keyv';

const client = createClient({
  servers: process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211',
  timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 200),
});

class Quotes {
  readonly #cache: Cache;
  #asked = 0;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** The interceptor caches whole answers, by URL. */
  all(): { asked: number } {
    return { asked: ++this.#asked };
  }

  /** By hand, under a key of its own. */
  one(id: string): Promise<{ id: string; asked: number }> {
    return this.#cache.wrap(`quote:${id}`, () => ({ id, asked: ++this.#asked }), 60_000);
  }
}

/** `@Get(path)` and so on, on a method. */
function decorate(name: keyof Quotes, ...decorators: MethodDecorator[]): void {
  const method = Object.getOwnPropertyDescriptor(Quotes.prototype, name);
  if (method === undefined) throw new Error(name);
  for (const decorator of decorators) decorator(Quotes.prototype, name, method);
}

Controller('quotes')(Quotes);
Inject(CACHE_MANAGER)(Quotes, undefined, 0);
decorate('all', Get(), UseInterceptors(CacheInterceptor), CacheTTL(60_000));
decorate('one', Get(':id'));
Param('id')(Quotes.prototype, 'one', 0);

// oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class with nothing in it
class App {}
Module({
  imports: [
    CacheModule.register({
      ttl: 60_000,
      stores: [new Keyv({ store: new KeyvMemvolley(client), namespace: 'quotes' })],
    }),
  ],
  controllers: [Quotes],
})(App);

const app = await NestFactory.create(App, { logger: ['error'] });
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log('listening');

process.once('SIGTERM', () => void app.close().then(() => client.close()));
