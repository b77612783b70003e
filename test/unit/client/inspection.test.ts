import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  inspecting,
  metaGetting,
  type MetaItem,
  readOptions,
} from '../../../src/client/inspection.ts';
import type { KeyCalls } from '../../../src/client/key-calls.ts';
import type { InspectOptions, MetaGetOptions } from '../../../src/client/meta-options.ts';
import { MetaFlags } from '../../../src/protocol/meta-flags.ts';
import type { ItemView } from '../../../src/protocol/reply.ts';
import { exptime } from '../../../src/protocol/ttl.ts';

const calls = { exptime: (ttl) => exptime(ttl) } as KeyCalls;
const FACTS = 's c f t l h';

const INSPECTED: [options: InspectOptions | undefined, flags: string, since: string][] = [
  [undefined, `u ${FACTS}`, '1.6.10'],
  [{}, `u ${FACTS}`, '1.6.10'],
  [{ value: false, bump: false }, `u ${FACTS}`, '1.6.10'],
  [{ value: true }, `u ${FACTS} v`, '1.6.10'],
  [{ bump: true }, FACTS, '1.6.10'],
  [{ touch: 60 }, `T60 u ${FACTS}`, '1.6.10'],
  [{ touch: -5 }, `T-1 u ${FACTS}`, '1.6.10'],
  [{ vivify: 30 }, `N30 u ${FACTS}`, '1.6.10'],
  [{ recache: 10 }, `R10 u ${FACTS}`, '1.6.10'],
  [{ vivify: 30, newCas: 5n }, `N30 E5 u ${FACTS}`, '1.6.27'],
  [{ value: true, unlessCas: '9' }, `C9 u ${FACTS} v`, '1.6.40'],
  [{ vivify: 30, recache: 10, touch: 60, value: true }, `R10 T60 N30 u ${FACTS} v`, '1.6.10'],
];

for (const [options, flags, since] of INSPECTED) {
  test(`inspect asks ${flags}`, () => {
    const { form, verb } = inspecting('inspect', calls, options);
    assert.deepEqual([form.flags, form.since?.join('.'), verb], [flags, since, 'inspect']);
    assert.deepEqual(
      [form.verb, form.metaOnly, form.withCas, form.valued],
      ['mg', true, true, options?.value === true],
    );
    assert.equal(form.conditional, options?.unlessCas !== undefined);
  });
}

const GOT: [options: MetaGetOptions, flags: string, since: string][] = [
  [{}, `${FACTS} v`, '1.6.10'],
  [{ bump: false }, `u ${FACTS} v`, '1.6.10'],
  [{ facts: [] }, '', '1.6.10'],
  [{ facts: ['value'] }, 'f v', '1.6.10'],
  [{ facts: ['hitBefore', 'size'] }, 's h', '1.6.10'],
  [{ facts: ['ttl', 'lastAccess', 'cas', 'flags'] }, 'c f t l', '1.6.10'],
  [{ facts: ['ttl'], opaque: 'o1', proxy: { P: 'p', L: 'l' } }, 't Oo1 Pp Ll', '1.6.14'],
];

for (const [options, flags, since] of GOT) {
  test(`meta.get asks ${flags === '' ? 'nothing' : flags}`, () => {
    const { form } = metaGetting(calls, options);
    assert.deepEqual([form.flags, form.since?.join('.')], [flags, since]);
    assert.equal(form.opaque, options.opaque);
  });
}

test('the same question is one form, so that it travels together', () => {
  const [first, second] = [1, 2].map(() => inspecting('inspect', calls, { touch: 60 }));
  assert.equal(first.form.name, second.form.name);
  assert.notEqual(first.form.name, inspecting('inspect', calls, { touch: 61 }).form.name);
});

test('what may not be done twice is not called a read', () => {
  const repeatsAs = (options: InspectOptions) =>
    inspecting('inspect', calls, options).form.repeatsAs;
  assert.deepEqual(
    [{}, { touch: 1 }, { vivify: 1 }, { recache: 1 }, { recache: 1, touch: 1 }].map(repeatsAs),
    ['mg', 'gat', 'lease', 'lease', 'lease'],
  );
});

test('options of the read itself stay, and no others', () => {
  const { signal } = new AbortController();
  const options: InspectOptions = { value: true, touch: 1, bump: true, signal, lane: 'bulk' };
  assert.deepEqual(
    Object.entries(readOptions(options) ?? {}).filter(([, value]) => value !== undefined),
    [
      ['signal', signal],
      ['lane', 'bulk'],
    ],
  );
  assert.equal(readOptions(undefined), undefined);
});

function viewOf(line: string, valued: boolean): ItemView {
  const facts = new MetaFlags(valued);
  const bytes = Buffer.from(` ${line}`, 'latin1');
  facts.read(bytes, 0, bytes.length, true);
  const { flags, cas } = facts;
  return { bytes, start: 0, end: 0, flags, cas, owned: false, facts };
}

test('an answer tells all that was asked for', () => {
  const { shape } = inspecting('inspect', calls, { value: true });
  assert.ok(shape !== undefined);
  const about = shape.about(viewOf('ka s5 c77 f16 t-1 l3 h1', true));
  assert.deepEqual(shape.answer('hello', about), {
    value: 'hello',
    size: 5,
    cas: '77',
    flags: 16,
    ttl: undefined,
    lastAccess: 3,
    hitBefore: true,
    won: false,
    lost: false,
    stale: false,
    unchanged: false,
  });
});

test('marks of a lease are told, and a value that was left out', () => {
  const { shape } = inspecting('inspect', calls, { value: true, unlessCas: '1' });
  assert.ok(shape !== undefined);
  const told = (line: string, valued = true) => {
    const about = shape.about(viewOf(line, valued)) as MetaItem;
    const { won, lost, stale, unchanged, ttl } = about;
    return { won, lost, stale, unchanged, ttl };
  };
  const none = { won: false, lost: false, stale: false, unchanged: false, ttl: 0 };
  assert.deepEqual(told('t0 W'), { ...none, won: true });
  assert.deepEqual(told('t0 Z'), { ...none, lost: true });
  assert.deepEqual(told('t0 Z X W'), { ...none, won: true, lost: true, stale: true });
  assert.deepEqual(told('t9', false), { ...none, unchanged: true, ttl: 9 });
});

test('what was not asked for is undefined', () => {
  const { shape } = metaGetting(calls, { facts: ['value'] });
  assert.ok(shape !== undefined);
  const { value, size, cas, flags, ttl, lastAccess, hitBefore } = shape.answer(
    'v',
    shape.about(viewOf('ka f16', true)),
  ) as Record<string, unknown>;
  assert.deepEqual(
    [value, size, cas, flags, ttl, lastAccess, hitBefore],
    ['v', undefined, undefined, undefined, undefined, undefined, undefined],
  );
});
