import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FleetClient, IllegalInputError, type Namespace } from '../../src/index.ts';
import { freshVersion } from '../../src/namespace/version.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { type Backend, backend, overEveryTransport } from './backend.ts';

let names = 0;

/** A name that no other test uses. */
const newName = (): string => `name-${names++}`;

/** Views of one namespace by two clients. */
function two(server: Backend): { mine: Namespace; theirs: Namespace; name: string } {
  const name = newName();
  return { name, mine: server.cache.namespace(name), theirs: server.client().namespace(name) };
}

/** How often the version was asked for, beside items asked for. */
async function questions(client: FleetClient, reads: number, run: () => unknown): Promise<number> {
  const before = client.metrics().gets;
  await run();
  return client.metrics().gets - before - reads;
}

overEveryTransport((server) => {
  test('what one client has invalidated is gone at once for the other, and what is stored then is there', async () => {
    const { mine, theirs } = two(server);
    assert.equal(await mine.get('a'), undefined);
    assert.equal(await mine.set('a', { name: 'Ada' }), true);
    assert.deepEqual(await theirs.get('a'), { name: 'Ada' });
    for (let round = 1; round <= 3; round++) {
      await mine.invalidateNamespace();
      assert.equal(await theirs.get('a'), undefined);
      assert.equal(await mine.get('a'), undefined);
      assert.equal(await theirs.set('a', round), true);
      assert.equal(await mine.get('a'), round);
    }
  });

  test('what is stored by one who knows only the old version is seen by the other', async () => {
    const { mine, theirs } = two(server);
    await theirs.setMany({ a: 1, b: 2, n: 5 });
    await mine.invalidateNamespace();
    assert.equal(await theirs.incr('n'), undefined, 'what it counted is gone');
    await mine.invalidateNamespace();
    assert.equal(await theirs.setMany({ a: 3, b: 4 }), true);
    assert.deepEqual(await mine.getValues(['a', 'b', 'n']), [3, 4, undefined]);
    await mine.invalidateNamespace();
    assert.deepEqual(await theirs.deleteMany(['a']), new Map([['a', false]]));
    assert.equal(await theirs.add('a', 5), true);
    assert.equal(await mine.get('a'), 5);
  });
});

describe('the verbs of a view', () => {
  const server = backend();

  test('each goes to items of its own', async () => {
    const { mine, name } = two(server);
    const { cache } = server;
    const other = cache.namespace(newName());
    await Promise.all([cache.set('a', 'plain'), other.set('a', 'other'), mine.set('a', 'mine')]);
    assert.deepEqual(await Promise.all([cache, other, mine].map((view) => view.get('a'))), [
      'plain',
      'other',
      'mine',
    ]);
    await other.invalidateNamespace();
    assert.equal(await mine.get('a'), 'mine');
    assert.equal(await cache.get('a'), 'plain');
    await mine.invalidateNamespace();
    assert.equal(await cache.get('a'), 'plain');
    assert.equal(mine.name, name);
  });

  test('reads and stores', async () => {
    const { mine } = two(server);
    const bytes = Buffer.from([0, 1, 2]);
    assert.equal(await mine.setMany([['a', 1] as const, [bytes, 2] as const]), true);
    assert.deepEqual(
      await mine.getMany(['b', bytes, 'a']),
      new Map<unknown, unknown>([
        [bytes, 2],
        ['a', 1],
      ]),
    );
    assert.deepEqual(await mine.getValues(['a', 'b']), [1, undefined]);
    const { value, cas = '' } = (await mine.gets('a')) ?? {};
    assert.equal(value, 1);
    assert.deepEqual([...(await mine.getsMany(['a'])).keys()], ['a']);
    assert.equal(await mine.cas('a', 3, cas), 'stored');
    assert.equal(await mine.cas('a', 4, cas), 'exists');
    assert.equal(await mine.cas('none', 4, cas), 'missing');
    assert.equal(await mine.add('a', 5), false);
    assert.equal(await mine.replace('a', 'x'), true);
    assert.equal(await mine.append('a', 'y'), true);
    assert.equal(await mine.prepend('a', 'w'), true);
    assert.equal(await mine.get('a'), 'wxy');
    assert.equal(await mine.touch('a', 100), true);
    assert.equal(await mine.getAndTouch('a', 200), 'wxy');
    assert.equal(await mine.delete('a'), true);
    assert.deepEqual(
      await mine.deleteMany(['a', bytes]),
      new Map<unknown, boolean>([
        ['a', false],
        [bytes, true],
      ]),
    );
    assert.equal(await mine.set('a', 1, { noreply: true }), undefined);
    assert.equal(await mine.get('a'), 1);
  });

  test('counters', async () => {
    const { mine } = two(server);
    assert.equal(await mine.incr('n'), undefined);
    assert.equal(await mine.incr('n', 2, { initial: 40 }), 42);
    assert.equal(await mine.decr('n', 2n), 40n);
    assert.equal(await mine.get('n'), 40);
    await mine.invalidateNamespace();
    assert.equal(await mine.incr('n', 1, { initial: 0 }), 1);
  });

  test('fetches', async () => {
    const { mine, theirs } = two(server);
    let loads = 0;
    const load = (): number => ++loads;
    assert.equal(await mine.fetch('a', { ttl: 100 }, load), 1);
    assert.equal(await theirs.fetch('a', { ttl: 100 }, load), 1);
    await mine.invalidateNamespace();
    assert.equal(await theirs.fetch('a', { ttl: 100 }, load), 2);
    assert.equal(await mine.fetch('a', { ttl: 100 }, load), 2);
    assert.equal(await theirs.invalidate('a'), true);
    assert.equal(await mine.fetch('a', { ttl: 100 }, load), 3);
    const many = await theirs.fetchMany<number | string>(
      ['a', 'b'],
      { ttl: 100 },
      (keys) => new Map(keys.map((key) => [key, `loaded ${key}`])),
    );
    assert.deepEqual(
      many,
      new Map<string, unknown>([
        ['a', 3],
        ['b', 'loaded b'],
      ]),
    );
  });

  test('what was loaded while the namespace was invalidated is not stored', async () => {
    const { mine, theirs } = two(server);
    await theirs.get('a');
    const value = await mine.fetch('a', { ttl: 100 }, async () => {
      await theirs.invalidateNamespace();
      return 'old';
    });
    assert.equal(value, 'old');
    await sleep(50);
    assert.equal(await theirs.get('a'), undefined);
    assert.equal(await mine.get('a'), undefined);
  });

  test('inspections and meta commands', async () => {
    const { mine } = two(server);
    assert.equal(await mine.inspect('a'), undefined);
    await mine.set('a', 'x', { ttl: 100 });
    assert.equal((await mine.inspect('a'))?.size, 1);
    assert.equal((await mine.meta.get('a'))?.value, 'x');
  });
});

describe('a version', () => {
  const server = backend();

  test('that was evicted revives nothing', async () => {
    const { mine, theirs, name } = two(server);
    await mine.setMany({ a: 1, b: 2 });
    assert.equal(await theirs.get('a'), 1);
    assert.equal(await server.cache.delete(`${name}~version`), true);
    assert.equal(await theirs.get('a'), undefined);
    assert.equal(await mine.get('a'), undefined);
    const newcomer = server.client().namespace(name);
    assert.equal(await newcomer.get('a'), undefined);
    await newcomer.set('a', 3);
    assert.deepEqual(await theirs.getValues(['a', 'b']), [3, undefined]);
  });

  test('that somebody has overwritten is put there again', async () => {
    const { mine, theirs, name } = two(server);
    await mine.set('a', 1);
    await theirs.get('a');
    await server.cache.set(`${name}~version`, { no: 'version' });
    assert.equal(await theirs.get('a'), undefined);
    await theirs.set('a', 2);
    assert.equal(await mine.get('a'), 2);
  });

  test('older than the known one brings nothing back for who knows better', async () => {
    const { mine, theirs, name } = two(server);
    await mine.set('a', 'old');
    const old = await server.cache.get<Buffer>(`${name}~version`);
    await mine.invalidateNamespace();
    await mine.set('a', 'new');
    // As a server does that was away.
    await server.cache.set(`${name}~version`, old);
    assert.equal(await mine.get('a'), undefined);
    assert.equal(await theirs.get('a'), undefined);
  });

  test('is plain text whatever the format and codec, and stays', async () => {
    const name = newName();
    const strange = server.client({ ttl: 1, codec: 'json', checksum: true, compressor: 'zlib' });
    await strange.namespace(name).set('a', 1);
    const stored = await server.cache.inspect(`${name}~version`, { value: true });
    assert.match(String(stored?.value), /^[0-9a-z]{18}$/);
    assert.equal(stored?.flags, 0);
    assert.equal(stored.ttl, undefined, 'no ttl');
    assert.equal(await server.client({ format: 'pymemcache' }).namespace(name).add('b', 1), true);
  });

  test('is asked for once in a moment, however much else is', async () => {
    const client = server.client();
    const view = client.namespace(newName());
    await view.set('a', 1);
    const hundred = Array.from({ length: 100 }, (_, i) => `k${i}`);
    const asked = await questions(client, 100, () =>
      Promise.all(hundred.map((key) => view.get(key))),
    );
    assert.equal(asked, 1);
    assert.equal(await questions(client, 0, () => view.setMany({ a: 1, b: 2 })), 1);
    assert.equal(await questions(client, 1, () => view.get('a', { timeoutMs: 500 })), 1);
    assert.equal(await questions(client, 0, () => view.getMany([])), 0);
  });

  test('is not asked for again before its time with versionCacheMs', async () => {
    const client = server.client();
    const name = newName();
    const view = client.namespace(name, { versionCacheMs: 60_000 });
    await view.set('a', 1);
    assert.equal(await questions(client, 2, () => view.getValues(['a', 'b'])), 0);
    const other = server.client().namespace(name);
    await other.invalidateNamespace();
    assert.equal(await view.get('a'), 1, 'that is what was asked for');
    assert.equal(await client.namespace(name, { versionCacheMs: 0 }).get('a'), undefined);
    assert.equal(await view.get('a'), undefined, 'views of one name know the same');
    await view.set('a', 2);
    const twin = client.namespace(name, { versionCacheMs: 60_000 });
    await twin.invalidateNamespace();
    assert.equal(await questions(client, 1, () => view.get('a')), 0);
    assert.equal(await view.get('a'), undefined, 'its own invalidations show at once');
  });

  test('is remembered for the latest thousand names, and for those that have a view', async () => {
    const client = server.client();
    const options = { versionCacheMs: 60_000 };
    const [seen, held] = [newName(), newName()];
    const view = client.namespace(held, options);
    await Promise.all([view.get('a'), client.namespace(seen, options).get('a')]);
    await sleep(5);
    collectGarbage();
    const again = (name: string) => () => client.namespace(name, options).get('a');
    assert.equal(await questions(client, 1, again(seen)), 0);
    for (let i = 0; i < 1000; i++) client.namespace(newName());
    await sleep(5);
    collectGarbage();
    assert.equal(await questions(client, 1, again(held)), 0);
    assert.equal(await questions(client, 1, again(seen)), 1);
    assert.equal(await view.get('a'), undefined);
  });

  test('is asked for again after that time', async () => {
    const name = newName();
    const view = server.cache.namespace(name, { versionCacheMs: 30 });
    await view.set('a', 1);
    await server.client().namespace(name).invalidateNamespace();
    await sleep(50);
    assert.equal(await view.get('a'), undefined);
  });
});

describe('order', () => {
  for (const connections of [1, 4]) {
    const server = backend();
    const large = 'x'.repeat(200_000);
    const client = (): FleetClient => server.client({ connections, compressor: 'none' });

    test(`is kept while the version is learned, over ${connections} connections`, async () => {
      const view = client().namespace(newName());
      const answers = await Promise.all([
        view.set('a', 1),
        view.get('a'),
        view.set('a', large),
        view.get<string>('a').then((value) => value?.length),
        view.delete('a'),
        view.get('a'),
        view.add('a', 5),
        view.incr('a', 1),
        view.get('a'),
      ]);
      assert.deepEqual(answers, [true, 1, true, large.length, true, undefined, true, 6, 6]);
    });

    test(`is kept where another version stood, over ${connections} connections`, async () => {
      const name = newName();
      const view = client().namespace(name);
      const other = server.client().namespace(name);
      await view.set('a', 'old');
      for (let round = 0; round < 20; round++) {
        await other.invalidateNamespace();
        const first = Promise.all([
          view.set('a', round % 2 === 0 ? large : 1),
          view.get('a'),
          view.set('a', 2),
          view.get('a'),
          view.incr('a', 1),
        ]);
        // Issued in a later moment, when the other version may be known and those above may not have been done again.
        const later = (async () => {
          for (let turn = 0; turn < round; turn++) await Promise.resolve();
          return Promise.all([view.get('a'), view.incr('a', 10), view.get('a')]);
        })();
        assert.deepEqual(await first, [true, round % 2 === 0 ? large : 1, true, 2, 3]);
        assert.deepEqual(await later, [3, 13, 13]);
        assert.equal(await other.get('a'), 13);
      }
    });
  }
});

describe('what is given', () => {
  const server = backend();

  test('ttl and codec are those of the namespace, then those of the call', async () => {
    const name = newName();
    const view = server.cache.namespace(name, { ttl: 100, codec: 'json' });
    await view.set('a', { x: 1 });
    await view.set('b', { x: 1 }, { ttl: 200, codec: 'msgpack' });
    await view.incr('n', 1, { initial: 1 });
    await view.fetch('f', {}, () => ({ y: 1 }));
    const plain = server.cache.namespace(name, { codec: { deserialize: String } });
    assert.equal(await plain.get('a'), '{"x":1}');
    assert.equal(await plain.get('f'), '{"y":1}');
    assert.notEqual(await plain.get('b'), '{"x":1}');
    assert.deepEqual(
      await view.getMany(['a', 'f']),
      new Map([
        ['a', { x: 1 }],
        ['f', { y: 1 }],
      ]),
    );
    const ttls = await Promise.all(
      ['a', 'b', 'n', 'f'].map(async (key) => (await view.inspect(key))?.ttl ?? 0),
    );
    for (const [at, least] of [99, 199, 99, 99].entries())
      assert.ok(ttls[at] >= least - 5 && ttls[at] <= least + 1, String(ttls));
  });

  test('names and options are checked at once', () => {
    const refusals: [unknown, unknown, RegExp][] = [
      ['a~b', undefined, /may not hold '~'/],
      ['', undefined, /1 to 64 bytes/],
      [
        'a',
        { versionCacheMs: -1 },
        /'versionCacheMs' of namespace must be a number of milliseconds/,
      ],
      ['a', { versionCacheMs: '5' }, /not a string/],
      ['a', { ttl: 0.5 }, /'ttl' must be whole seconds or a Date, not the number 0.5/],
      ['a', { codec: 'xml' }, /'codec'/],
      ['a', { timeoutMs: 5 }, /unknown option 'timeoutMs' of namespace/],
      ['a', null, /must be an object/],
    ];
    for (const [name, options, message] of refusals)
      assert.throws(
        () => server.cache.namespace(name as string, options as object),
        (error) => error instanceof IllegalInputError && message.test(error.message),
        String(message),
      );
    const crowded = server.client({ keyPrefix: 'p'.repeat(245) });
    assert.throws(() => crowded.namespace('a'), { code: 'ERR_MEMCACHE_KEY' });
  });

  test('what is wrong with a call rejects it before anything is asked', async () => {
    const client = server.client();
    const view = client.namespace(newName());
    const wrong: [Promise<unknown>, string][] = [
      [view.get('a b'), 'ERR_MEMCACHE_KEY'],
      [view.get('x'.repeat(225)), 'ERR_MEMCACHE_KEY'],
      [view.getMany('abc'), 'ERR_MEMCACHE_KEY'],
      [view.getMany(['a', '']), 'ERR_MEMCACHE_KEY'],
      [view.set('a b', 1), 'ERR_MEMCACHE_KEY'],
      [view.setMany({ '': 1 }), 'ERR_MEMCACHE_KEY'],
      [view.setMany(7 as never), 'ERR_MEMCACHE_VALUE'],
      [view.deleteMany(['a b']), 'ERR_MEMCACHE_KEY'],
      [view.get('a', { timeout: 5 } as never), 'ERR_MEMCACHE_OPTION'],
      [view.get('a', 7 as never), 'ERR_MEMCACHE_OPTION'],
      [view.set('a', 1, { onError: 'never' } as never), 'ERR_MEMCACHE_OPTION'],
      [view.incr('a', -1), 'ERR_MEMCACHE_VALUE'],
      [view.invalidateNamespace({ routeBy: 'a' } as never), 'ERR_MEMCACHE_OPTION'],
      [view.invalidateNamespace({ timeoutMs: -1 }), 'ERR_MEMCACHE_OPTION'],
    ];
    for (const [call, code] of wrong) await assert.rejects(call, { code, sent: 'no' });
    assert.equal(client.metrics().gets, 0);
  });

  test('a key may be as long as name and version leave room', async () => {
    const view = server.cache.namespace('n'.repeat(64));
    const key = 'k'.repeat(250 - 64 - 20);
    await view.set(key, 1);
    assert.equal(await view.get(key), 1);
    await assert.rejects(view.get(`${key}k`), { code: 'ERR_MEMCACHE_KEY' });
    await assert.rejects(view.get('k b'), { code: 'ERR_MEMCACHE_KEY' });
  });

  test('a key that no server could be found for is refused', async () => {
    const dalli = server
      .client({ profile: 'dalli' })
      .namespace(newName(), { versionCacheMs: 1000 });
    const key = `${'k'.repeat(215)}${'ü'.repeat(20)}`;
    for (let round = 0; round < 2; round++) {
      await assert.rejects(dalli.get(key), { code: 'ERR_MEMCACHE_KEY' });
      assert.equal(await dalli.set('a', 'x'), true);
    }
  });

  test('what is stored must not be what a version that nobody knows would be', async () => {
    // A client without a namespace can write any key, but not by chance one of a namespace.
    const { mine, name } = two(server);
    const guess = `${name}~${freshVersion(undefined)}~a`;
    await server.cache.set(guess, 'guessed');
    assert.equal(await mine.get('a'), undefined);
  });
});
