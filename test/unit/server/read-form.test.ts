import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asMeta,
  capped,
  GET,
  getAndTouch,
  GETS,
  metaRead,
  MOST_GAT_BYTES,
  type ReadForm,
} from '../../../src/server/read-form.ts';

type Row = [
  form: ReadForm,
  name: string,
  verb: ReadForm['verb'],
  flags: string,
  what: Pick<ReadForm, 'valued' | 'withCas' | 'changes' | 'repeatsAs'>,
];

const PLAIN = { valued: true, withCas: false, changes: false } as const;

const TABLE: Row[] = [
  [GET, 'get', 'get', 'v f', { ...PLAIN, repeatsAs: 'get' }],
  [GETS, 'gets', 'gets', 'v f c', { ...PLAIN, withCas: true, repeatsAs: 'gets' }],
  [
    getAndTouch(60, false),
    'gat 60',
    'gat',
    'T60 v f',
    { ...PLAIN, changes: true, repeatsAs: 'gat' },
  ],
  [
    getAndTouch(-1, true),
    'gats -1',
    'gats',
    'T-1 v f c',
    { valued: true, withCas: true, changes: true, repeatsAs: 'gats' },
  ],
  [metaRead('v f t'), 'mg v f t', 'mg', 'v f t', { ...PLAIN, repeatsAs: 'mg' }],
  [metaRead('s t'), 'mg s t', 'mg', 's t', { ...PLAIN, valued: false, repeatsAs: 'mg' }],
  [
    metaRead('v f c T60'),
    'mg v f c T60',
    'mg',
    'v f c T60',
    { valued: true, withCas: true, changes: true, repeatsAs: 'gat' },
  ],
  [
    metaRead('N30 T60 c'),
    'mg N30 T60 c',
    'mg',
    'N30 T60 c',
    { valued: false, withCas: true, changes: true, repeatsAs: 'lease' },
  ],
  [
    metaRead('v f R10'),
    'mg v f R10',
    'mg',
    'v f R10',
    { ...PLAIN, changes: true, repeatsAs: 'lease' },
  ],
];

for (const [form, name, verb, flags, what] of TABLE) {
  test(`${name} says what it asks for and what it does`, () => {
    const { valued, withCas, changes, repeatsAs } = form;
    assert.deepEqual([form.name, form.verb, form.flags], [name, verb, flags]);
    assert.deepEqual({ valued, withCas, changes, repeatsAs }, what);
    assert.equal(form.metaOnly, verb === 'mg');
    assert.equal(form.conditional, false);
    assert.equal(form.opaque, undefined);
  });

  test(`${name} as a meta command asks the same`, () => {
    const meta = asMeta(form);
    assert.deepEqual(
      { ...meta, name: '', metaOnly: true, bytesBeside: 0, since: undefined },
      { ...form, name: '', metaOnly: true, bytesBeside: 0, since: undefined },
    );
    assert.equal(meta.name, `mg ${flags}`);
    assert.equal(asMeta(form), meta, 'it is made once');
    assert.equal(asMeta(meta), meta);
  });
}

test('only gat and gats carry an exptime in their line, and are younger than the rest', () => {
  assert.deepEqual(
    TABLE.map(([{ exptime, since }]) => [exptime, since]),
    TABLE.map(([{ verb }]) => {
      if (verb === 'gat') return [60, [1, 5, 3]];
      return verb === 'gats' ? [-1, [1, 5, 3]] : [undefined, undefined];
    }),
  );
});

test('the release of a meta read is its own', () => {
  assert.deepEqual(metaRead('v f C5', [1, 6, 40]).since, [1, 6, 40]);
  assert.equal(asMeta(getAndTouch(5, false)).since, undefined);
});

test('tokens are not taken for flags', () => {
  const form = metaRead('s Ovc PNTR LC');
  const { valued, withCas, changes, conditional, opaque } = form;
  assert.deepEqual(
    { valued, withCas, changes, conditional, opaque },
    { valued: false, withCas: false, changes: false, conditional: false, opaque: 'vc' },
  );
});

test('C makes a read conditional, and is no c', () => {
  const { conditional, withCas } = metaRead('v f C123');
  assert.deepEqual([conditional, withCas], [true, false]);
});

test('bytes beside a key are enough for its line', () => {
  assert.deepEqual(
    [GET.bytesBeside, GETS.bytesBeside, getAndTouch(5, true).bytesBeside],
    [1, 1, 1],
  );
  const form = metaRead('v f T100');
  const longest = `mg  b O1000000000 ${form.flags}\r\n`;
  assert.ok(form.bytesBeside >= longest.length);
  assert.ok(asMeta(GETS).bytesBeside >= `mg  b O1000000000 ${GETS.flags}\r\n`.length);
});

test('a line of gat ends within 2 KiB, whatever its exptime', () => {
  const { name } = getAndTouch(-2_147_483_647, true);
  assert.ok(`${name}\r\n`.length + MOST_GAT_BYTES <= 2048);
});

const LIMIT = 60;

test('where nothing lives longer, what sets an exptime is bounded', () => {
  for (const [given, bounded] of [
    [getAndTouch(3600, false), 'gat 60'],
    [getAndTouch(0, true), 'gats 60'],
    [getAndTouch(5, false), 'gat 5'],
    [getAndTouch(-1, false), 'gat -1'],
    [metaRead('v f T3600 c'), 'mg v f T60 c'],
    [metaRead('v f N3600 R7200 T0'), 'mg v f N60 R7200 T60'],
    [metaRead('T-1 OT9000 N5'), 'mg T-1 OT9000 N5'],
  ] as const) {
    const form = capped(given, LIMIT);
    assert.equal(form.name, bounded);
    const { name: _name, flags: _flags, exptime: _exptime, ...rest } = form;
    const { name: _given, flags: _before, exptime: _asked, ...before } = given;
    assert.deepEqual({ ...rest, bytesBeside: 0 }, { ...before, bytesBeside: 0 });
  }
  assert.deepEqual(capped(metaRead('v N3600', [1, 6, 40]), LIMIT).since, [1, 6, 40]);
});

test('where nothing lives longer, nothing is renewed because it ends soon', () => {
  const renewing = { ...metaRead('v N3600 R60'), renews: true };
  assert.equal(capped(renewing, LIMIT).name, 'mg v N60');
  assert.equal(capped({ ...metaRead('v N3600 R59'), renews: true }, LIMIT).name, 'mg v N60 R59');
});

test('what sets no exptime stays as it is', () => {
  for (const form of [GET, GETS, metaRead('v f t'), metaRead('v f C5 PT9 LN9')])
    assert.equal(capped(form, LIMIT), form);
});

test('what was bounded is asked by a meta command with the same bound', () => {
  assert.equal(asMeta(capped(getAndTouch(3600, true), LIMIT)).name, 'mg T60 v f c');
});
