import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import {
  FlagLine,
  metaCount,
  metaDelete,
  metaLine,
  type MetaRequest,
  type MetaSet,
  metaSetLine,
  metaStore,
  metaTouch,
} from '../../../src/protocol/meta-requests.ts';

const KEY = wireKey(Buffer.from('a b'), 'p:');
const TEXT = 'cDphIGI=';

test('requests hold the key in base64 and say so', () => {
  assert.equal(metaDelete(KEY), `md ${TEXT} b`);
  assert.equal(metaTouch(KEY, 60), `mg ${TEXT} b T60`);
  assert.equal(metaTouch(KEY, -1), `mg ${TEXT} b T-1`);
  assert.equal(metaCount('incr', KEY, 2n ** 64n - 1n), `ma ${TEXT} b MI D18446744073709551615 v k`);
  assert.equal(metaCount('decr', KEY, 1n), `ma ${TEXT} b MD D1 v k`);
});

test('each store has its mode, and a cas its token', () => {
  const modes = { set: 'S', add: 'E', replace: 'R', append: 'A', prepend: 'P' } as const;
  for (const verb of ['set', 'add', 'replace', 'append', 'prepend'] as const) {
    assert.equal(
      metaStore(KEY, { verb, flags: 32, exptime: 60, length: 5, cas: undefined }),
      `ms ${TEXT} 5 b F32 T60 M${modes[verb]}`,
    );
  }
  assert.equal(
    metaStore(KEY, { verb: 'cas', flags: 0, exptime: 0, length: 0, cas: '77' }),
    `ms ${TEXT} 0 b F0 T0 MS C77`,
  );
});

const STABLE = '1.6.10';

/** Each flag alone: what it adds to the line, and since when the server knows it. */
const DELETES: [
  flags: Omit<MetaRequest & { verb: 'md' }, 'verb' | 'key'>,
  text: string,
  since: string,
][] = [
  [{}, '', STABLE],
  [{ cas: '18446744073709551615' }, ' C18446744073709551615', STABLE],
  [{ invalidate: true }, ' I', STABLE],
  [{ invalidate: false }, '', STABLE],
  [{ exptime: 0 }, ' T0', STABLE],
  [{ exptime: -1 }, ' T-1', STABLE],
  [{ keepItem: true }, ' x', '1.6.27'],
  [{ newCas: '5' }, ' E5', '1.6.27'],
  [{ opaque: 'ab' }, ' Oab', STABLE],
  [{ proxy: { P: 'p' } }, ' Pp', '1.6.14'],
  [{ proxy: { L: 'l' } }, ' Ll', '1.6.14'],
  [
    {
      cas: '7',
      invalidate: true,
      exptime: 30,
      keepItem: true,
      newCas: '8',
      opaque: 'o',
      proxy: { P: '1', L: '2' },
    },
    ' C7 I T30 x E8 Oo P1 L2',
    '1.6.27',
  ],
];

for (const [flags, text, since] of DELETES) {
  test(`md with${text === '' ? ' nothing' : text}`, () => {
    const line = metaLine({ verb: 'md', key: 'a', ...flags });
    assert.deepEqual([line.text, line.since.join('.')], [`md a k${text}`, since]);
    assert.equal(metaLine({ verb: 'md', key: KEY, ...flags }).text, `md ${TEXT} b k${text}`);
  });
}

const STEPS: [flags: Partial<MetaRequest & { verb: 'ma' }>, text: string, since: string][] = [
  [{}, 'MI D1', STABLE],
  [{ mode: 'decr', delta: 2n ** 64n - 1n }, 'MD D18446744073709551615', STABLE],
  [{ cas: '7' }, 'MI D1 C7', STABLE],
  [{ vivify: 0 }, 'MI D1 N0', STABLE],
  [{ vivify: 60, initial: 5n }, 'MI D1 N60 J5', STABLE],
  [{ exptime: 60 }, 'MI D1 T60', STABLE],
  [{ newCas: '9' }, 'MI D1 E9', '1.6.27'],
];

for (const [flags, text, since] of STEPS) {
  test(`ma with ${text}`, () => {
    const request = { verb: 'ma', key: 'a', mode: 'incr', delta: 1n, ...flags } as const;
    const line = metaLine(request);
    assert.deepEqual([line.text, line.since.join('.')], [`ma a k ${text} v c t`, since]);
    assert.equal(
      metaLine({ ...request, opaque: 'o', proxy: { P: 'p' } }).text,
      `ma a k ${text} v c t Oo Pp`,
    );
  });
}

test('a counter that is made takes the exptime of N, one that is there that of T', () => {
  const request = { verb: 'ma', key: 'a', mode: 'incr', delta: 1n, vivify: 9, exptime: 8 } as const;
  assert.ok(metaLine(request).text.includes('T8 N9'), 'the server does one after the other');
});

const STORES: [flags: Partial<MetaSet>, text: string, since: string][] = [
  [{}, 'F3 MS', STABLE],
  [{ mode: 'add' }, 'F3 ME', STABLE],
  [{ mode: 'append' }, 'F3 MA', STABLE],
  [{ mode: 'prepend' }, 'F3 MP', STABLE],
  [{ mode: 'replace' }, 'F3 MR', STABLE],
  [{ exptime: 60 }, 'F3 MS T60', STABLE],
  [{ cas: '7', invalidate: true }, 'F3 MS C7 I', STABLE],
  [{ vivify: 60 }, 'F3 MS N60', '1.6.20'],
  [{ newCas: '9' }, 'F3 MS E9', '1.6.27'],
  [{ returnCas: true }, 'F3 MS c', '1.6.13'],
  [{ returnSize: true }, 'F3 MS s', '1.6.21'],
  [{ opaque: 'o', proxy: { P: 'p', L: 'l' } }, 'F3 MS Oo Pp Ll', '1.6.14'],
];

for (const [flags, text, since] of STORES) {
  test(`ms with ${text}`, () => {
    const meta = { mode: 'set', ...flags } as const;
    const line = metaSetLine('a', 5, 3, meta);
    assert.deepEqual([line.text, line.since.join('.')], [`ms a 5 k ${text}`, since]);
    assert.equal(metaSetLine(KEY, 5, 3, meta).text, `ms ${TEXT} 5 b k ${text}`);
  });
}

test('of several flags the latest says the release', () => {
  const since = (first: string, second: string): string =>
    new FlagLine('')
      .token('a', first, [1, 6, Number(first)])
      .token('b', second, [1, 6, Number(second)])
      .since.join('.');
  assert.deepEqual(
    [since('27', '14'), since('14', '27'), since('1', '2')],
    ['1.6.27', '1.6.27', STABLE],
  );
});
