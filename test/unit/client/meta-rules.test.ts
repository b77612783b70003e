import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, type FleetClient } from '../../../src/index.ts';

/** Nobody listens there: what is refused is refused before that is known. */
const cache: FleetClient = createClient('127.0.0.1:1');
const { meta } = cache;

type Options = Record<string, unknown>;
const VERBS: Record<string, (options: Options) => Promise<unknown>> = {
  inspect: (options) => cache.inspect('k', options),
  inspectMany: (options) => cache.inspectMany(['k'], options),
  'meta.get': (options) => meta.get('k', options),
  'meta.set': (options) => meta.set('k', 'v', options),
  'meta.delete': (options) => meta.delete('k', options),
  'meta.arithmetic': (options) => meta.arithmetic('k', options),
  'meta.debug': (options) => meta.debug('k', options),
  'meta.noop': (options) => meta.noop(options),
  delete: (options) => cache.delete('k', options),
};

const OF = ['meta.get', 'meta.set', 'meta.delete', 'meta.arithmetic'];
const INSPECTS = ['inspect', 'inspectMany', 'meta.get'];

const REFUSED: [verbs: readonly string[], options: Options, message: RegExp][] = [
  [Object.keys(VERBS), { unknown: 1 }, /^unknown option 'unknown' of .*: allowed are .*signal/],
  [Object.keys(VERBS), { timeoutMs: 0 }, /^option 'timeoutMs' of /],
  [
    OF,
    { opaque: '' },
    /^option 'opaque' of .* must be text of 1 to 31 characters.*, not an empty string$/,
  ],
  [OF, { opaque: 'x'.repeat(32) }, /^option 'opaque'/],
  [OF, { opaque: 'a b' }, /^option 'opaque'/],
  [OF, { opaque: 'a\r\nmn' }, /^option 'opaque'/],
  [OF, { opaque: 'é' }, /^option 'opaque'/],
  [OF, { opaque: 7 }, /^option 'opaque' .* not a number$/],
  [OF, { proxy: 'P' }, /^option 'proxy'/],
  [OF, { proxy: null }, /^option 'proxy' .* not null$/],
  [OF, { proxy: { P: '' } }, /^option 'proxy'/],
  [OF, { proxy: { P: 'a b' } }, /^option 'proxy'/],
  [OF, { proxy: { L: 'x'.repeat(201) } }, /^option 'proxy'/],
  [OF, { proxy: { X: 'x' } }, /^option 'proxy'/],
  [OF, { proxy: Object.create({ P: 'a\r\nmn' }) as Options }, /^option 'proxy'/],
  [OF, Object.create({ opaque: 'a\r\nmn' }) as Options, /^option 'opaque'/],
  [['delete', 'meta.delete'], Object.create({ cas: '1\r\nmn' }) as Options, /^option 'cas'/],
  [INSPECTS, { vivify: 0 }, /^option 'vivify' of .* must be whole seconds from 1 to 2592000/],
  [INSPECTS, { vivify: 1.5 }, /^option 'vivify' .* not a fraction$/],
  [INSPECTS, { vivify: 2_592_001 }, /^option 'vivify'/],
  [INSPECTS, { vivify: '30' }, /^option 'vivify' .* not a string$/],
  [INSPECTS, { recache: -1 }, /^option 'recache' .* not a negative number$/],
  [INSPECTS, { recache: Number.NaN }, /^option 'recache' .* not NaN$/],
  [INSPECTS, { touch: '60' }, /^option 'touch' of .* must be whole seconds or a Date/],
  [INSPECTS, { touch: 1.5 }, /^option 'ttl' must be whole seconds or a Date/],
  [INSPECTS, { bump: 1 }, /^option 'bump' of .* must be true or false/],
  [['inspect', 'inspectMany'], { value: 'yes' }, /^option 'value'/],
  [['inspect', 'inspectMany'], { opaque: 'x' }, /^unknown option 'opaque'/],
  [
    ['inspect', 'inspectMany'],
    { unlessCas: '5' },
    /^option 'unlessCas' of .* where the value is not/,
  ],
  [
    ['meta.get'],
    { facts: ['ttl'], unlessCas: '5' },
    /^option 'unlessCas' of meta.get has no effect/,
  ],
  [['meta.get'], { facts: 'ttl' }, /^option 'facts' of meta.get must be an array of 'value'/],
  [['meta.get'], { facts: ['age'] }, /^option 'facts'/],
  [['meta.get'], { value: true }, /^unknown option 'value'/],
  [INSPECTS, { unlessCas: '0' }, /^option 'unlessCas' of .* must be a cas token other than 0/],
  [INSPECTS, { unlessCas: 5 }, /^option 'unlessCas'/],
  [INSPECTS, { newCas: 5n }, /^option 'newCas' of .* has no effect without 'vivify'$/],
  [['meta.set', 'meta.delete', 'meta.arithmetic'], { cas: '0' }, /^option 'cas'/],
  [['meta.set', 'meta.delete', 'meta.arithmetic'], { cas: '1 q' }, /^option 'cas'/],
  [['meta.set', 'meta.delete', 'meta.arithmetic'], { cas: 7 }, /^option 'cas' .* not a number$/],
  [
    ['meta.set', 'meta.delete', 'meta.arithmetic', 'delete'],
    { cas: String(2n ** 64n) },
    /^option 'cas'/,
  ],
  [['meta.set', 'meta.delete', 'meta.arithmetic', 'delete'], { cas: '-1' }, /^option 'cas'/],
  [
    ['meta.set', 'meta.arithmetic'],
    { newCas: 0n },
    /^option 'newCas' of .* must be a number of 64 bits/,
  ],
  [['meta.set', 'meta.arithmetic'], { newCas: 2n ** 64n }, /^option 'newCas'/],
  [['meta.set', 'meta.arithmetic'], { newCas: -1n }, /^option 'newCas'/],
  [['meta.set', 'meta.arithmetic'], { newCas: 5 }, /^option 'newCas' .* not a number$/],
  [['meta.set'], { mode: 'cas' }, /^option 'mode' of meta.set must be 'set' or 'add'/],
  [
    ['meta.set'],
    { flags: -1 },
    /^option 'flags' of meta.set must be a whole number from 0 to 4294967295/,
  ],
  [['meta.set'], { flags: 2 ** 32 }, /^option 'flags'/],
  [['meta.set'], { flags: 1.5 }, /^option 'flags'/],
  [['meta.set'], { ttl: 1.5 }, /^option 'ttl'/],
  [['meta.set'], { ttl: 'x' }, /^option 'ttl'/],
  [['meta.set'], { noreply: true }, /^unknown option 'noreply'/],
  [['meta.set'], { codec: 7 }, /^option 'codec'/],
  [['meta.set'], { returnCas: 1 }, /^option 'returnCas'/],
  [['meta.set'], { returnSize: 'x' }, /^option 'returnSize'/],
  [
    ['meta.set'],
    { invalidate: true },
    /^option 'invalidate' of meta.set has no effect without 'cas'$/,
  ],
  [
    ['meta.set'],
    { mode: 'add', cas: '1' },
    /^option 'cas' of meta.set has no effect with mode 'add'$/,
  ],
  [
    ['meta.set'],
    { mode: 'append', cas: '1', invalidate: true },
    /^option 'invalidate' .* with mode 'append'$/,
  ],
  [
    ['meta.set'],
    { mode: 'append', ttl: 5 },
    /^option 'ttl' of meta.set has no effect with mode 'append'$/,
  ],
  [['meta.set'], { mode: 'prepend', codec: 'json' }, /^option 'codec' .* with mode 'prepend'$/],
  [['meta.set'], { vivify: 5 }, /^option 'vivify' of meta.set has no effect with mode 'set'$/],
  [['meta.delete'], { invalidate: 1 }, /^option 'invalidate'/],
  [['meta.delete'], { keepItem: 'x' }, /^option 'keepItem'/],
  [
    ['meta.delete'],
    { ttl: 5 },
    /^option 'ttl' of meta.delete has no effect without 'invalidate' or 'keepItem'$/,
  ],
  [
    ['meta.delete'],
    { newCas: 5n, invalidate: false },
    /^option 'newCas' of meta.delete has no effect without/,
  ],
  [['meta.delete'], { ttl: 2 ** 40, invalidate: true }, /^option 'ttl' must end before 2038/],
  [
    ['meta.arithmetic'],
    { mode: '+' },
    /^option 'mode' of meta.arithmetic must be 'incr' or 'decr'/,
  ],
  [
    ['meta.arithmetic'],
    { delta: -1 },
    /^option 'delta' of meta.arithmetic must be a whole number from 0/,
  ],
  [['meta.arithmetic'], { delta: 0.5 }, /^option 'delta'/],
  [
    ['meta.arithmetic'],
    { initial: 5 },
    /^option 'initial' of meta.arithmetic has no effect without 'vivify'$/,
  ],
  [['meta.arithmetic'], { vivify: 'x' }, /^option 'vivify'/],
  [['meta.noop'], { server: 'h:1' }, /^option 'server' names h:1, which is none of the servers$/],
  [['delete'], { cas: 'x' }, /^option 'cas' of delete must be a cas token as gets answers it/],
  [
    ['delete'],
    { cas: '1', noreply: true },
    /^option 'noreply' of delete cannot be given together with 'cas'$/,
  ],
];

for (const [verbs, options, message] of REFUSED) {
  const shown = Object.entries(options).map(([name, value]) =>
    `${name}: ${String(value)}`.slice(0, 40),
  );
  test(`${verbs.length > 4 ? 'every verb' : verbs.join(', ')} refuses { ${shown.join(', ')} }`, async () => {
    for (const verb of verbs) {
      await assert.rejects(VERBS[verb](options), {
        name: 'IllegalInputError',
        code: 'ERR_MEMCACHE_OPTION',
        sent: 'no',
        message,
      });
    }
  });
}

test('a delta beyond 64 bits is refused as that of incr is', async () => {
  const refused = { code: 'ERR_MEMCACHE_VALUE', sent: 'no', message: /2\^64 - 1/ };
  for (const options of [{ delta: 2n ** 64n }, { delta: -1n }, { vivify: 0, initial: 2n ** 64n }])
    await assert.rejects(meta.arithmetic('k', options), refused);
});

test('options that are no object are refused', async () => {
  for (const [verb, call] of Object.entries(VERBS)) {
    for (const options of [null, 7, 'x'])
      await assert.rejects(call(options as never), { code: 'ERR_MEMCACHE_OPTION' }, verb);
  }
});

test('a token of cas that the server would not read is refused', async () => {
  const refused = { code: 'ERR_MEMCACHE_VALUE', sent: 'no' };
  for (const token of ['', 'x', '-1', '1.5', '99999999999999999999', String(2n ** 64n), 7])
    await assert.rejects(cache.cas('k', 'v', token as string), refused);
});

test('what would be appended is text or bytes', async () => {
  await assert.rejects(meta.set('k', { a: 1 }, { mode: 'append' }), {
    code: 'ERR_MEMCACHE_VALUE',
    sent: 'no',
  });
  const checked = createClient({ servers: '127.0.0.1:1', checksum: true });
  await assert.rejects(checked.meta.set('k', 'v', { mode: 'append' }), {
    code: 'ERR_MEMCACHE_UNSUPPORTED',
    sent: 'no',
  });
});
