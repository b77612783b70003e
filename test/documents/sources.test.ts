// The runner of documents sees what a reader sees: every comment behind a console.log, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instrument, parseProblem } from '../support/document-sources.ts';
import { blocksOf, DOCUMENTS } from '../support/documents.ts';

test('each comment behind a console.log is expected of its line', () => {
  const { code, expected } = instrument(
    [
      "console.log('a'); // a",
      'list.forEach((each) => console.log(each)); // 1',
      'console.log(',
      '  { b: 2 },',
      '); // { b: 2 }',
      'console.log(Date.now()); // such as 7',
      "console.log('//'); ",
      'run(); // no output',
    ].join('\n'),
    'js',
  );
  assert.deepEqual(expected, [
    { line: 1, text: 'a' },
    { line: 2, text: '1' },
    { line: 5, text: '{ b: 2 }' },
  ]);
  assert.equal(
    code,
    [
      "__said(1, 'a'); // a",
      'list.forEach((each) => __said(2, each)); // 1',
      '__said(5, ',
      '  { b: 2 },',
      '); // { b: 2 }',
      'console.log(Date.now()); // such as 7',
      "console.log('//'); ",
      'run(); // no output',
    ].join('\n'),
  );
});

test('a fragment has to be code', () => {
  assert.equal(parseProblem('await x;', 'js'), undefined);
  assert.match(parseProblem('const = 1', 'js') ?? '', /^line 1: /);
});

test('almost everything that is code runs', () => {
  const blocks = DOCUMENTS.flatMap(blocksOf).filter(({ language }) => language !== '');
  assert.ok(blocks.length > 10);
  const fragments = blocks.filter(({ isFragment }) => isFragment);
  assert.ok(fragments.length <= blocks.length / 10, fragments.map(({ line }) => line).join());
});
