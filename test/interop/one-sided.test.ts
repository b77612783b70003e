// What one side writes in a way that the other has no way to read, or reads as something else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ClientOptions, createClient, type FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { type ForeignFleet, runForeign } from './foreign-fleet.ts';

let server: RunningMemcached;
before(async () => {
  server = await startMemcached();
});
after(() => server.stop());

async function withClient(
  options: ClientOptions,
  run: (cache: FleetClient) => Promise<void>,
): Promise<void> {
  const cache = createClient({ servers: server.address, timeoutMs: 20_000, ...options });
  try {
    await run(cache);
  } finally {
    await cache.close({ timeoutMs: 0 });
  }
}

const OBJECTS = [
  ['a float', 1.5],
  ['a list', [1, 'two']],
  ['an object', { one: 1 }],
  ['a boolean', true],
] as const;

type OneSided = Pick<ForeignFleet, 'program' | 'options'> & { readonly flags: number };

const ONE_SIDED: readonly OneSided[] = [
  { program: 'pymemcache', options: { serde: 'pickle' }, flags: 1 },
  { program: 'pylibmc', options: { behaviors: {} }, flags: 1 },
  { program: 'dalli', options: { serializer: 'Marshal' }, flags: 1 },
];

for (const { program, options, flags } of ONE_SIDED) {
  const profile = program as 'pymemcache' | 'pylibmc' | 'dalli';
  const skip = foreignProgramMissing(program);
  test(
    `objects that ${program} stores in its own way are misses and events, or errors`,
    { skip },
    async () => {
      // pylibmc stores a boolean as a number.
      const objects = OBJECTS.slice(0, 3).map(
        ([key, value]) => [`${program}-${key.replaceAll(' ', '-')}`, value] as const,
      );
      const keys = objects.map(([key]) => key);
      await runForeign({ program, options, servers: [server.address] }, { set: objects });
      await withClient({ profile }, async (cache) => {
        const seen: number[] = [];
        cache.on('unreadable', (event) => seen.push(event.flags));
        assert.deepEqual(await cache.getMany(keys), new Map());
        assert.deepEqual(seen, [flags, flags, flags]);
      });
      await withClient({ profile, onUnreadable: 'error' }, async (cache) => {
        for (const key of keys)
          await assert.rejects(cache.get(key), { code: 'ERR_MEMCACHE_DECODE' });
      });
    },
  );

  test(`an object that ${program} could not read is refused`, { skip }, async () => {
    await withClient({ profile }, async (cache) => {
      for (const [key, value] of OBJECTS) {
        await assert.rejects(cache.set(key.replaceAll(' ', '-'), value), {
          code: 'ERR_MEMCACHE_ENCODE',
          sent: 'no',
        });
      }
    });
  });
}

for (const { program, options } of ONE_SIDED.slice(0, 2)) {
  const profile = program as 'pymemcache' | 'pylibmc';
  test(
    `with codec 'json' ${program} reads objects as JSON text`,
    { skip: foreignProgramMissing(program) },
    async () => {
      await withClient({ profile, codec: 'json' }, async (cache) => {
        await cache.set('as-json', { one: [1, 'é'] });
        const fleet = { program, options, servers: [server.address] };
        assert.deepEqual(await runForeign(fleet, { get: ['as-json'] }), [
          [{ text: '{"one":[1,"é"]}' }],
        ]);
        assert.equal(await cache.get('as-json'), '{"one":[1,"é"]}');
      });
    },
  );
}

test(
  'a boolean of pylibmc is read as a number',
  { skip: foreignProgramMissing('pylibmc') },
  async () => {
    const fleet = {
      program: 'pylibmc',
      options: { behaviors: {} },
      servers: [server.address],
    } as const;
    await runForeign(fleet, {
      set: [
        ['yes', true],
        ['no', false],
      ],
    });
    await withClient({ profile: 'pylibmc' }, async (cache) => {
      assert.deepEqual(await cache.getValues(['yes', 'no']), [1, 0]);
    });
  },
);
