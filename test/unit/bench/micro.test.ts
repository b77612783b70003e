import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureCase } from '../../../bench/micro/measure.ts';
import { SUBJECT_NAMES, subjectsWith } from '../../../bench/micro/subjects.ts';

test('a micro bench has checked what it times, and can be run again and again', () => {
  const subjects = subjectsWith();
  assert.deepEqual(
    subjects.map(({ name }) => name),
    SUBJECT_NAMES,
  );
  for (const { name, cases } of subjects) {
    for (const each of cases) {
      for (let turn = 0; turn < 3; turn++) {
        each.prepare?.();
        assert.doesNotThrow(() => each.run(), `${name}: ${each.name}`);
      }
    }
  }
});

test('a word chooses cases by their name and by their subject', () => {
  const ketama = subjectsWith('KETAMA');
  assert.deepEqual(
    ketama.map(({ name }) => name),
    ['hasher'],
  );
  assert.ok(ketama[0].cases.length > 0);
  assert.ok(ketama[0].cases.every(({ name }) => name.startsWith('ketama')));
  assert.deepEqual(
    subjectsWith('ring').map(({ name }) => name),
    ['ring', 'hasher', 'codec'],
  );
  assert.deepEqual(subjectsWith('no such case'), []);
});

test('what an operation leaves on the heap is measured', async () => {
  const kept: unknown[] = [];
  const arrays = (length: number) => ({
    name: 'arrays',
    operations: 100,
    run: () => {
      kept.length = 0;
      for (let i = 0; i < 100; i++) kept.push(new Array(length).fill(i));
    },
  });
  const { bytes: none } = await measureCase({ ...arrays(0), run: () => kept.length }, 20);
  const { bytes } = await measureCase(arrays(1000), 20);
  assert.ok(none < 8, `${none} bytes of nothing`);
  assert.ok(bytes > 7000 && bytes < 9000, `${bytes} bytes of a thousand words`);
});

test('what is prepared before a run is neither timed nor counted', async () => {
  let prepared = 0;
  const ran: number[] = [];
  await measureCase(
    { name: 'pairs', operations: 1, prepare: () => void prepared++, run: () => ran.push(prepared) },
    5,
  );
  assert.ok(ran.length > 10);
  assert.deepEqual(
    ran,
    ran.map((_, at) => at + 1),
  );
});
