import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import type { Version } from '../../../src/protocol/version.ts';
import { demandsMarks, markOf, NO_MARK, ReadMarks, serials } from '../../../src/server/marks.ts';
import { metaRead } from '../../../src/server/read-form.ts';
import { Port } from '../../support/waiters.ts';

const { limits: unmarked } = new Port();
const { limits: marked } = new Port({ marks: true });

test('numbers are given to one answer each, and are never long', () => {
  const first = serials(3);
  assert.equal(serials(1), first + 3);
  assert.equal(serials(2), first + 4);
  const whole = 1_000_000_000;
  const next = serials(whole - 1000);
  assert.ok(next + whole - 1001 <= whole);
  assert.equal(serials(2000), 1, 'they begin anew before they run out');
  assert.equal(serials(1), 2001);
});

test('a mark is the next number where answers are to be marked, and always that of the caller', () => {
  assert.equal(markOf(unmarked), NO_MARK);
  const [first, second] = [markOf(marked), markOf(marked)];
  assert.equal(Number(second.text), Number(first.text) + 1);
  assert.equal(first.flag, ` O${first.text}`);
  assert.deepEqual(markOf(unmarked, 'mine'), { text: 'mine', flag: '', demanded: false });
  assert.deepEqual(markOf(marked, 'mine'), { text: 'mine', flag: '', demanded: true });
});

test('marks are demanded of releases that repeat them with a miss, and of servers that do not tell theirs', () => {
  const demanded = (version: Version | undefined, marks = true): boolean =>
    demandsMarks(new Port({ marks, version }).limits);
  assert.deepEqual(
    [demanded([1, 6, 17]), demanded([1, 6, 18]), demanded([1, 7, 0]), demanded(undefined)],
    [false, true, true, true],
  );
  assert.equal(demanded([1, 6, 18], false), false);
});

test('the reads of a request are numbered by place, those with a name only where all are to be', () => {
  const base64 = wireKey(Buffer.from('a b'), '');
  const marks = new ReadMarks();
  marks.begin(marked, 3);
  assert.deepEqual(
    ['a', 'b', base64].map((key, place) => marks.of(metaRead('v'), key, place)),
    [0, 1, 2].map((place) => String(marks.first + place)),
  );
  assert.equal(marks.of(metaRead('v Omine'), 'a', 0), 'mine');
  assert.equal(marks.demanded, true);
  marks.begin(unmarked, 2);
  assert.deepEqual(
    ['a', base64].map((key, place) => marks.of(metaRead('v'), key, place)),
    ['', String(marks.first + 1)],
  );
  assert.equal(marks.demanded, false);
});
