// msgpackr and lz4-napi are loaded when a value needs them. Here they are not to be had at first, and then they are.
import assert from 'node:assert/strict';
import Module from 'node:module';
import { after, test } from 'node:test';
import { backend } from './backend.ts';
import { rawSet } from './raw-server.ts';

const server = backend();
const MSGPACK = 32;

type Load = (request: string, ...rest: unknown[]) => unknown;
const loader = Module as unknown as Record<'_load', Load>;
const { ['_load']: load } = loader;
const absent = new Set(['msgpackr', 'lz4-napi']);
const loadPresent: Load = (request, ...rest) => {
  if (absent.has(request)) throw new Error(`Cannot find module '${request}'`);
  return load(request, ...rest);
};
Object.assign(loader, { ['_load']: loadPresent });
after(() => Object.assign(loader, { ['_load']: load }));

const refused = (name: string): object => ({
  name: 'MemcacheError',
  code: 'ERR_MEMCACHE_UNSUPPORTED',
  message: `the package ${name} cannot be loaded: it has to be installed beside memvolley, also where that is bundled`,
});

/** A date, which takes msgpackr. */
const DATE = Buffer.from([0xd6, 0xff, 0, 0, 0, 1]);

test('without its packages a client says so, and takes nothing for a miss', async () => {
  const cache = server.client({ compressFromBytes: 100 });
  await rawSet(server.server, 'date', MSGPACK, DATE);
  await assert.rejects(cache.connect(), refused('msgpackr'));
  await assert.rejects(cache.set('object', { a: 1 }), refused('msgpackr'));
  await assert.rejects(cache.get('date'), refused('msgpackr'));
  await assert.rejects(cache.set('long', 'x'.repeat(1000)), refused('lz4-napi'));
  assert.equal(await cache.set('text', 'short'), true);
  assert.equal(await cache.get('text'), 'short');
  assert.equal(await cache.get('object'), undefined);
});

test('once they are there it reads and stores', async () => {
  absent.clear();
  const cache = server.client({ compressFromBytes: 100, offload: 'never' });
  await cache.connect();
  assert.deepEqual(await cache.get('date'), new Date(1000));
  await cache.set('long', 'x'.repeat(1000));
  assert.equal(await cache.get('long'), 'x'.repeat(1000));
  absent.add('lz4-napi');
  assert.equal(await cache.get('long'), 'x'.repeat(1000), 'a package stays once it is loaded');
});
