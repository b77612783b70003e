import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import type { Version } from '../../../src/protocol/version.ts';
import {
  asMeta,
  GET,
  getAndTouch,
  GETS,
  metaRead,
  type ReadForm,
} from '../../../src/server/read-form.ts';
import { checkForm, writeGet, writeMetaGets } from '../../../src/server/read-request.ts';
import { ReadMarks } from '../../../src/server/marks.ts';
import { askedFor } from '../../support/reply-recorder.ts';
import { Port } from '../../support/waiters.ts';

const BLANK = wireKey(Buffer.from('a b'), '');
const NUL = wireKey(Buffer.from('\0'), 'p:');

const sent = (writer: RequestWriter): string =>
  Buffer.concat(writer.take().chunks).toString('latin1');

function lineOf(form: ReadForm, ...keys: string[]): string {
  const writer = new RequestWriter();
  const bytes = keys.reduce((sum, key) => sum + key.length + 1, 0);
  writeGet(writer, form, askedFor(keys), bytes);
  return sent(writer);
}

function marksFrom(first: number, marks = false): ReadMarks {
  const numbers = new ReadMarks();
  numbers.begin(new Port({ marks }).limits, 1);
  numbers.first = first;
  return numbers;
}

function linesOf(
  form: ReadForm,
  keys: string[],
  marks = marksFrom(1),
): [text: string, written: number] {
  const writer = new RequestWriter();
  const written = writeMetaGets(writer, form, keys, keys.length, marks);
  return [sent(writer), written];
}

test('classic reads are one line', () => {
  assert.equal(lineOf(GET, 'a', 'b'), 'get a b\r\n');
  assert.equal(lineOf(GETS, 'a'), 'gets a\r\n');
  assert.equal(lineOf(getAndTouch(60, false), 'a', '\xff'), 'gat 60 a \xff\r\n');
  assert.equal(lineOf(getAndTouch(-1, true), 'a', 'b', 'c'), 'gats -1 a b c\r\n');
});

test('only the first so many keys are asked for', () => {
  const writer = new RequestWriter();
  assert.equal(writeMetaGets(writer, metaRead('v'), ['a', 'b', 'old'], 2, marksFrom(1)), 2);
  assert.equal(sent(writer), 'mg a k v\r\nmg b k v\r\n');
});

test('meta reads are a line for each key, which is to be named by the answer', () => {
  assert.deepEqual(linesOf(metaRead('v f t'), ['a', '\xc3\xa9']), [
    'mg a k v f t\r\nmg \xc3\xa9 k v f t\r\n',
    2,
  ]);
});

test('keys in base64 are numbered in place of being named, by their place', () => {
  assert.deepEqual(linesOf(asMeta(GETS), [BLANK, 'plain', '', NUL], marksFrom(41)), [
    'mg YSBi b O41 v f c\r\nmg plain k v f c\r\nmg cDoA b O44 v f c\r\n',
    3,
  ]);
});

test('with an opaque of the caller there is no other', () => {
  assert.deepEqual(linesOf(metaRead('v Oq7'), [BLANK, 'a'], marksFrom(41, true)), [
    'mg YSBi b v Oq7\r\nmg a k v Oq7\r\n',
    2,
  ]);
});

test('with marks every key is numbered and named', () => {
  assert.deepEqual(linesOf(metaRead('v'), ['a', '', BLANK], marksFrom(41, true)), [
    'mg a k O41 v\r\nmg YSBi b O43 v\r\n',
    2,
  ]);
});

test('of dropped keys only nothing is written', () => {
  assert.deepEqual(linesOf(metaRead('v'), ['', '']), ['', 0]);
});

test('keys of the greatest length fit the room that is made for them', () => {
  const keys = Array.from({ length: 300 }, (_, i) => `${i}:`.padEnd(250, 'k'));
  const form = metaRead(`v f ${'P'.padEnd(200, 'p')}`);
  const [text, written] = linesOf(form, keys);
  assert.equal(text, keys.map((key) => `mg ${key} k ${form.flags}\r\n`).join(''));
  assert.equal(written, 300);
});

test('a line takes no more bytes than its form says', () => {
  const form = metaRead('v f T100');
  for (const key of ['k'.repeat(250), BLANK, NUL]) {
    const [text] = linesOf(form, [key], marksFrom(1_000_000_000, true));
    assert.ok(text.length <= key.length + form.bytesBeside, text);
  }
});

type Speaks = 'meta' | 'classic' | 'proxy';

const SERVERS: Record<Speaks, { speaksMeta: boolean; administration: boolean }> = {
  meta: { speaksMeta: true, administration: true },
  classic: { speaksMeta: false, administration: true },
  proxy: { speaksMeta: false, administration: false },
};

const RELEASES: (Version | undefined)[] = [
  undefined,
  [1, 4, 39],
  [1, 5, 2],
  [1, 5, 3],
  [1, 6, 18],
  [1, 6, 39],
  [1, 6, 40],
];

const OLD = /too old for .* it needs memcached/;
const NO_META = /does not speak the meta commands/;
const PROXY = /does not take/;

/** For each form what a server of each kind is asked: true, or why not; an array by RELEASES. */
const FORMS: [ReadForm, Record<Speaks, RegExp | true | (RegExp | true)[]>][] = [
  [asMeta(GET), { meta: true, classic: NO_META, proxy: NO_META }],
  [asMeta(getAndTouch(5, true)), { meta: true, classic: NO_META, proxy: NO_META }],
  [
    getAndTouch(5, false),
    {
      meta: [true, OLD, OLD, true, true, true, true],
      classic: [true, OLD, OLD, true, true, true, true],
      proxy: PROXY,
    },
  ],
  [
    getAndTouch(5, true),
    {
      meta: [true, OLD, OLD, true, true, true, true],
      classic: [true, OLD, OLD, true, true, true, true],
      proxy: PROXY,
    },
  ],
  [metaRead('v f'), { meta: true, classic: NO_META, proxy: NO_META }],
  [
    metaRead('v f C5', [1, 6, 40]),
    {
      meta: [true, OLD, OLD, OLD, OLD, OLD, true],
      classic: NO_META,
      proxy: NO_META,
    },
  ],
];

for (const [form, expected] of FORMS) {
  for (const speaks of Object.keys(SERVERS) as Speaks[]) {
    test(`${form.verb} as ${form.name} and a server of the kind ${speaks}, by its release`, () => {
      for (const [i, version] of RELEASES.entries()) {
        const { limits } = new Port({ ...SERVERS[speaks], version });
        const row = expected[speaks];
        const message = Array.isArray(row) ? row[i] : row;
        const check = (): void => checkForm(form, limits, 'a:1');
        if (message === true) check();
        else {
          assert.throws(check, {
            name: 'IllegalInputError',
            code: 'ERR_MEMCACHE_UNSUPPORTED',
            server: 'a:1',
            command: form.verb,
            sent: 'no',
            message,
          });
        }
      }
    });
  }
}

test('the message names the release that is needed', () => {
  const { limits } = new Port({ speaksMeta: true, version: [1, 6, 18] });
  assert.throws(
    () => checkForm(metaRead('v C5', [1, 6, 40]), limits, 'a:1'),
    /memcached 1\.6\.40$/,
  );
  const older = new Port({ version: [1, 4, 39] }).limits;
  assert.throws(() => checkForm(getAndTouch(5, false), older, 'a:1'), /memcached 1\.5\.3$/);
});
