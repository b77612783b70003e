import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, type FleetClient } from '../../src/index.ts';
import { isSince, type Version } from '../../src/protocol/version.ts';
import { startRelease } from '../support/release-server.ts';

const RELEASES = ['1.4.39', '1.6.6', '1.6.12', '1.6.18', '1.6.27', '1.6.40'];
const KEY = Buffer.from('a b');

type Verb = (cache: FleetClient) => Promise<unknown>;

/** What a verb puts on the wire, and the release it takes. */
const VERBS: [name: string, since: string, verb: Verb, ...lines: string[]][] = [
  ['get', '1.2.0', (c) => c.get('a'), 'get a'],
  ['get of a key in base64', '1.6.10', (c) => c.get(KEY), 'mg YSBi b O v f'],
  ['getAndTouch', '1.5.3', (c) => c.getAndTouch('a', 60), 'gat 60 a'],
  ['getAndTouch, base64', '1.6.10', (c) => c.getAndTouch(KEY, 60), 'mg YSBi b O T60 v f'],
  ['getAndTouchMany', '1.5.3', (c) => c.getAndTouchMany(['a', 'b'], 60), 'gat 60 a b'],
  ['inspect', '1.6.10', (c) => c.inspect('a'), 'mg a k u s c f t l h'],
  ['inspect, base64', '1.6.10', (c) => c.inspect(KEY), 'mg YSBi b O u s c f t l h'],
  [
    'inspect with value',
    '1.6.10',
    (c) => c.inspect('a', { value: true }),
    'mg a k u s c f t l h v',
  ],
  ['inspect with touch', '1.6.10', (c) => c.inspect('a', { touch: 5 }), 'mg a k T5 u s c f t l h'],
  [
    'inspect with vivify',
    '1.6.10',
    (c) => c.inspect('a', { vivify: 5 }),
    'mg a k N5 u s c f t l h',
  ],
  [
    'inspect with recache',
    '1.6.10',
    (c) => c.inspect('a', { recache: 5 }),
    'mg a k R5 u s c f t l h',
  ],
  ['inspect with bump', '1.6.10', (c) => c.inspect('a', { bump: true }), 'mg a k s c f t l h'],
  [
    'inspect with unlessCas',
    '1.6.40',
    (c) => c.inspect('a', { value: true, unlessCas: '5' }),
    'mg a k C5 u s c f t l h v',
  ],
  [
    'inspect with newCas',
    '1.6.27',
    (c) => c.inspect('a', { vivify: 5, newCas: 7n }),
    'mg a k N5 E7 u s c f t l h',
  ],
  [
    'inspectMany',
    '1.6.10',
    (c) => c.inspectMany(['a', 'b']),
    'mg a k u s c f t l h',
    'mg b k u s c f t l h',
  ],
  ['meta.get', '1.6.10', (c) => c.meta.get('a'), 'mg a k s c f t l h v'],
  ['meta.get with facts', '1.6.10', (c) => c.meta.get('a', { facts: ['ttl'] }), 'mg a k t'],
  [
    'meta.get with opaque',
    '1.6.10',
    (c) => c.meta.get('a', { facts: [], opaque: 'x' }),
    'mg a k Ox',
  ],
  [
    'meta.get with opaque, base64',
    '1.6.10',
    (c) => c.meta.get(KEY, { facts: [], opaque: 'x' }),
    'mg YSBi b Ox',
  ],
  [
    'meta.get with proxy',
    '1.6.14',
    (c) => c.meta.get('a', { facts: ['ttl'], proxy: { P: 'p', L: 'l' } }),
    'mg a k t Pp Ll',
  ],
  ['meta.set', '1.6.10', (c) => c.meta.set('a', 'v'), 'ms a 1 k F16 MS T0'],
  ['meta.set, base64', '1.6.10', (c) => c.meta.set(KEY, 'v'), 'ms YSBi 1 b k F16 MS T0'],
  ['meta.set with ttl', '1.6.10', (c) => c.meta.set('a', 'v', { ttl: 60 }), 'ms a 1 k F16 MS T60'],
  [
    'meta.set that adds',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { mode: 'add' }),
    'ms a 1 k F16 ME T0',
  ],
  [
    'meta.set that replaces',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { mode: 'replace', cas: '3' }),
    'ms a 1 k F16 MR T0 C3',
  ],
  [
    'meta.set that appends',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { mode: 'append', cas: '3' }),
    'ms a 1 k F0 MA C3',
  ],
  [
    'meta.set that prepends',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { mode: 'prepend' }),
    'ms a 1 k F0 MP',
  ],
  [
    'meta.set that compares',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { cas: '3' }),
    'ms a 1 k F16 MS T0 C3',
  ],
  [
    'meta.set with invalidate',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { cas: '3', invalidate: true }),
    'ms a 1 k F16 MS T0 C3 I',
  ],
  [
    'meta.set with returnCas',
    '1.6.13',
    (c) => c.meta.set('a', 'v', { returnCas: true }),
    'ms a 1 k F16 MS T0 c',
  ],
  [
    'meta.set with vivify',
    '1.6.20',
    (c) => c.meta.set('a', 'v', { mode: 'append', vivify: 9, flags: 16 }),
    'ms a 1 k F16 MA N9',
  ],
  [
    'meta.set with returnSize',
    '1.6.21',
    (c) => c.meta.set('a', 'v', { returnSize: true }),
    'ms a 1 k F16 MS T0 s',
  ],
  [
    'meta.set with newCas',
    '1.6.27',
    (c) => c.meta.set('a', 'v', { newCas: '9' }),
    'ms a 1 k F16 MS T0 E9',
  ],
  [
    'meta.set with flags',
    '1.6.10',
    (c) => c.meta.set('a', 'v', { flags: 4294967295 }),
    'ms a 1 k F4294967295 MS T0',
  ],
  [
    'meta.set with marks',
    '1.6.14',
    (c) => c.meta.set('a', 'v', { opaque: 'x', proxy: { L: 'l' } }),
    'ms a 1 k F16 MS T0 Ox Ll',
  ],
  ['meta.delete', '1.6.10', (c) => c.meta.delete('a'), 'md a k'],
  ['meta.delete, base64', '1.6.10', (c) => c.meta.delete(KEY), 'md YSBi b k'],
  ['meta.delete with cas', '1.6.10', (c) => c.meta.delete('a', { cas: '3' }), 'md a k C3'],
  [
    'meta.delete with invalidate',
    '1.6.10',
    (c) => c.meta.delete('a', { invalidate: true }),
    'md a k I',
  ],
  [
    'meta.delete with ttl',
    '1.6.10',
    (c) => c.meta.delete('a', { invalidate: true, ttl: 9 }),
    'md a k I T9',
  ],
  [
    'meta.delete with keepItem',
    '1.6.27',
    (c) => c.meta.delete('a', { keepItem: true }),
    'md a k T0 x',
  ],
  [
    'meta.delete with newCas',
    '1.6.27',
    (c) => c.meta.delete('a', { invalidate: true, newCas: 9n }),
    'md a k I E9',
  ],
  [
    'meta.delete with marks',
    '1.6.14',
    (c) => c.meta.delete('a', { opaque: 'x', proxy: { P: 'p' } }),
    'md a k Ox Pp',
  ],
  ['delete', '1.2.0', (c) => c.delete('a'), 'delete a'],
  ['delete with cas', '1.6.10', (c) => c.delete('a', { cas: '3' }), 'md a k C3'],
  ['meta.arithmetic', '1.6.10', (c) => c.meta.arithmetic('a'), 'ma a k MI D1 v c t'],
  ['meta.arithmetic, base64', '1.6.10', (c) => c.meta.arithmetic(KEY), 'ma YSBi b k MI D1 v c t'],
  [
    'meta.arithmetic down',
    '1.6.10',
    (c) => c.meta.arithmetic('a', { mode: 'decr', delta: 2n ** 64n - 1n }),
    'ma a k MD D18446744073709551615 v c t',
  ],
  [
    'meta.arithmetic with vivify',
    '1.6.10',
    (c) => c.meta.arithmetic('a', { vivify: 9, initial: 4, ttl: 8, cas: '3' }),
    'ma a k MI D1 C3 T8 N9 J4 v c t',
  ],
  [
    'meta.arithmetic with newCas',
    '1.6.27',
    (c) => c.meta.arithmetic('a', { newCas: 9n }),
    'ma a k MI D1 E9 v c t',
  ],
  [
    'meta.arithmetic with marks',
    '1.6.14',
    (c) => c.meta.arithmetic('a', { opaque: 'x', proxy: { P: 'p' } }),
    'ma a k MI D1 v c t Ox Pp',
  ],
  ['meta.debug', '1.6.10', (c) => c.meta.debug('a'), 'me a'],
  ['meta.debug, base64', '1.6.10', (c) => c.meta.debug(KEY), 'me YSBi b b'],
];

const versionOf = (release: string): Version =>
  release.split('.').map(Number) as unknown as Version;

/** Keys in base64 are told apart by a number that counts up. */
const withoutSerial = (line: string): string => line.replace(/ b O\d+/, ' b O');

for (const release of RELEASES) {
  test(`what leaves for memcached ${release}, and what does not`, async (t) => {
    const server = await startRelease(t, release);
    await using cache = createClient({ servers: server.address, timeoutMs: 10_000 });
    for (const [name, since, verb, ...lines] of VERBS) {
      server.asked.length = 0;
      if (isSince(versionOf(release), versionOf(since))) {
        await verb(cache);
        assert.deepEqual(server.asked.map(withoutSerial), lines, name);
        continue;
      }
      const meta = !isSince(versionOf(release), [1, 6, 10]) && since !== '1.5.3';
      const needed = meta ? '1.6.10' : since;
      await assert.rejects(verb(cache), (failure: { errors?: Map<string, unknown> }) => {
        const [error] = failure.errors?.values() ?? [failure];
        const { code, sent, message, server: at } = error as Record<string, unknown>;
        assert.deepEqual(
          [code, sent, at],
          ['ERR_MEMCACHE_UNSUPPORTED', 'no', server.address],
          name,
        );
        assert.ok(String(message).includes(`memcached ${needed}`), `${name}: ${String(message)}`);
        return true;
      });
      assert.deepEqual(server.asked, [], name);
    }
    assert.equal(cache.metrics().reconnects, 0, 'no connection was lost over any of it');
  });
}

test('a server that names no release is tried', async (t) => {
  const server = await startRelease(t, 'nightly');
  await using cache = createClient({ servers: server.address, timeoutMs: 10_000 });
  await cache.meta.delete('a', { keepItem: true });
  assert.deepEqual(server.asked, ['md a k T0 x']);
});

test('meta.noop is refused by what speaks no meta', async (t) => {
  const server = await startRelease(t, '1.6.6');
  await using cache = createClient({ servers: server.address, timeoutMs: 10_000 });
  await assert.rejects(cache.meta.noop(), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    sent: 'no',
    message: /memcached 1\.6\.10/,
  });
});

test('as a classic client, the newest server is not spoken to in meta', async (t) => {
  const server = await startRelease(t, '1.6.40');
  await using cache = createClient({
    servers: server.address,
    dialect: 'classic',
    timeoutMs: 10_000,
  });
  await cache.getAndTouch('a', 9);
  await assert.rejects(cache.inspect('a'), { code: 'ERR_MEMCACHE_UNSUPPORTED', sent: 'no' });
  await assert.rejects(cache.meta.set('a', 'v'), { code: 'ERR_MEMCACHE_UNSUPPORTED', sent: 'no' });
  assert.deepEqual(server.asked, ['gat 9 a']);
});
