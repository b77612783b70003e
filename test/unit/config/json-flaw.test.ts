import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { flawOf } from '../../../src/config/json-flaw.ts';
import { runs } from '../../support/runs.ts';

test('the first flaw is found where it is', () => {
  const cases: [text: string, line: number, column: number, expected: string][] = [
    ['', 1, 1, 'a value'],
    ['{', 1, 2, 'a name in double quotes'],
    ['{\n  "a": 1,\n}', 3, 1, 'a name in double quotes'],
    ["{ 'a': 1 }", 1, 3, 'a name in double quotes'],
    ['{ "a" 1 }', 1, 7, "':'"],
    ['{ "a": 1 "b": 2 }', 1, 10, "',' or '}'"],
    ['[1, 2', 1, 6, "',' or ']'"],
    ['[1, ]', 1, 5, 'a value'],
    ['// no', 1, 1, 'a value'],
    ['{ "a": 01 }', 1, 9, "',' or '}'"],
    ['{ "a": "b\n" }', 1, 8, 'a string with its end on the same line'],
    ['{}\n{}', 2, 1, 'the end of the file'],
  ];
  for (const [text, line, column, expected] of cases)
    assert.deepEqual(flawOf(text), { line, column, expected }, text);
});

test('a flaw is found where JSON.parse finds one, and nowhere else', () => {
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', ':', ' ', 'x', '\\'))
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + 1);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      assert.equal(flawOf(text) === undefined, parses, text);
    }),
    runs(500),
  );
});
