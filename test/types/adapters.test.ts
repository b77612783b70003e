// What the adapters take, and that the libraries take them: the compiler is the test.
import { test } from 'node:test';
import type { FastifySessionOptions } from '@fastify/session';
import type { SessionOptions } from 'express-session';
import type { KeyvStoreAdapter } from 'keyv';
import type { Driver } from 'unstorage';
import { MemvolleyStore } from '../../src/adapters/express-session/index.ts';
import { type ClientSource, KeyvMemvolley } from '../../src/adapters/keyv/index.ts';
import { memvolleyDriver } from '../../src/adapters/unstorage/index.ts';
import { createClient, fallback, withRetry } from '../../src/index.ts';

test('every client is one for an adapter, and every adapter one for its library', async () => {
  await using cache = createClient('h');
  await using typed = createClient<{ [key: string]: string }>('h');
  const sources: ClientSource[] = [
    cache,
    typed,
    withRetry(cache),
    fallback([cache]),
    'h',
    new URL('memcached://h'),
    { servers: ['h'], timeoutMs: 5 },
  ];
  for (const source of sources) {
    const keyv: KeyvStoreAdapter = new KeyvMemvolley(source, { clearable: false });
    const store: NonNullable<SessionOptions['store']> = new MemvolleyStore(source);
    const same: NonNullable<FastifySessionOptions['store']> = new MemvolleyStore(source);
    const driver: Driver = memvolleyDriver({ client: source });
    const close = (made: unknown): unknown => (made as MemvolleyStore).close();
    await Promise.all([keyv.disconnect?.(), close(store), close(same), driver.dispose?.()]);
  }
});

/** Never called. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error -- a number
    new KeyvMemvolley(11_211),
    // @ts-expect-error -- a view
    new MemvolleyStore(createClient('h').namespace('n')),
    // @ts-expect-error -- no client
    memvolleyDriver({ base: 'b' }),
    // @ts-expect-error -- an option that is none
    new KeyvMemvolley('h', { prefix: 'x' }),
  ];
}
