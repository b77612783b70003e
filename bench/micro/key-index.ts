import { KeyIndex } from '../../src/primitives/key-index.ts';
import { expect, type MicroCase } from './micro-case.ts';

const KEYS = 100;
const TURNS = 10;

/** The keys of a volley. Equal to those that were added, but other strings, as callers have them. */
const keys = (): string[] => Array.from({ length: KEYS }, (_, index) => `bench:${1000 + index}`);

export function keyIndexCases(): MicroCase[] {
  const index = new KeyIndex(KEYS);
  const full = new KeyIndex(KEYS);
  const added = keys();
  const wanted = keys();
  const missing = wanted.map((key) => `${key}x`);
  const add = (): number => {
    for (let turn = 0; turn < TURNS; turn++) {
      index.clear();
      for (const key of added) index.findOrAdd(key);
    }
    return index.size;
  };
  for (const key of added) full.findOrAdd(key);
  const find = (among: readonly string[]) => (): number => {
    let sum = 0;
    for (let turn = 0; turn < TURNS; turn++) for (const key of among) sum += full.find(key);
    return sum;
  };
  expect(add() === KEYS, 'how many keys an index has');
  expect(
    wanted.every((key, at) => full.find(key) === at),
    'the places of keys',
  );
  expect(find(missing)() === -KEYS * TURNS, 'keys that are not there');
  const operations = KEYS * TURNS;
  return [
    { name: 'add 100 keys and clear, per key', operations, run: add },
    { name: 'find a key of 100', operations, run: find(wanted) },
    { name: 'miss a key among 100', operations, run: find(missing) },
  ];
}
