import { arenaCases } from './arena.ts';
import { codecCases } from './codecs.ts';
import { hasherCases } from './hashers.ts';
import { keyIndexCases } from './key-index.ts';
import type { Subject } from './micro-case.ts';
import { parserCases } from './parser.ts';
import { ringCases } from './ring.ts';
import { writerCases } from './writer.ts';

const SUBJECTS: readonly (readonly [name: string, make: () => Subject['cases']])[] = [
  ['parser', parserCases],
  ['writer', writerCases],
  ['ring', ringCases],
  ['index', keyIndexCases],
  ['hasher', hasherCases],
  ['codec', codecCases],
  ['arena', arenaCases],
];

export const SUBJECT_NAMES: readonly string[] = SUBJECTS.map(([name]) => name);

/** The cases whose subject and name together hold the word; all of them without one. */
export function subjectsWith(word = ''): Subject[] {
  const wanted = word.toLowerCase();
  return SUBJECTS.map(([name, make]) => {
    const cases = make().filter((each) => `${name} ${each.name}`.toLowerCase().includes(wanted));
    return { name, cases };
  }).filter(({ cases }) => cases.length > 0);
}
