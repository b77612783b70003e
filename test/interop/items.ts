import type { Key } from '../../src/index.ts';

const ITEMS = 500;

/** Keys by number; `mark` keeps those of one test apart from those of another. */
export type MakeKey = (mark: string, i: number) => Key;

export const textKey: MakeKey = (mark, i) =>
  [`${mark}:${i}`, `${mark}:clé:${i}`, `${mark}:日本:${i}`, `😀${mark}/${i}`, `${mark}'"\\${i}`][
    i % 5
  ];

/** With what a text of the bytes would escape or quote. */
export const bytesKey: MakeKey = (mark, i) => {
  const odd = [[], [0xff, 0x80], [0x27], [0x27, 0x22], [0x5c, 0xc3, 0xa9], [0x7e, 0xa0]][i % 6];
  return Buffer.concat([Buffer.from(`${mark}:${i}:`), Buffer.from(odd)]);
};

/** Up to 450 characters; dalli shortens what is longer than 250 with its namespace. */
export const longKey: MakeKey = (mark, i) =>
  i % 2 === 0 ? textKey(mark, i) : `${mark}:${i}:`.padEnd(200 + (i % 250), 'long');

/** Keys no server would take as they are. */
export const anyKey: MakeKey = (mark, i) =>
  [textKey(mark, i), `${mark} with blanks ${i}\n`, `${mark}:${i}:`.padEnd(1000, 'ü')][i % 3];

/** Values by number. */
export type MakeValue = (i: number) => unknown;

const LONG = 'many words that are said again, ';

const TEXTS: MakeValue[] = [
  (i) => `value ${i}`,
  (i) => `été ${i} 日本 😀`,
  () => '',
  (i) => LONG.repeat(20 + (i % 200)),
];
const INTEGERS: MakeValue[] = [
  (i) => i,
  (i) => -i - 1,
  (i) => 2n ** 53n + BigInt(i),
  () => Number.MAX_SAFE_INTEGER,
];
const BYTES: MakeValue[] = [
  (i) => Buffer.from([i & 255, 0, 255, 13, 10]),
  () => Buffer.alloc(0),
  (i) => Buffer.from(LONG.repeat(20 + (i % 100))),
];
const OBJECTS: MakeValue[] = [
  (i) => ({ id: i, name: `é ${i}`, tags: ['a', 'b'], deep: { is: true } }),
  (i) => [i, 'two', 3.5, null, false],
  (i) => ({ text: LONG.repeat(20 + (i % 50)) }),
];

const inTurn =
  (kinds: readonly MakeValue[]): MakeValue =>
  (i) =>
    kinds[i % kinds.length](i);

export const plainValue: MakeValue = inTurn([...TEXTS, ...INTEGERS, ...BYTES]);
export const anyValue: MakeValue = inTurn([...TEXTS, ...INTEGERS, ...BYTES, ...OBJECTS]);
/** For a format in which integers past 2^53 are JSON. */
export const jsonValue: MakeValue = inTurn([
  ...TEXTS,
  INTEGERS[0],
  INTEGERS[1],
  ...BYTES,
  ...OBJECTS,
]);

export function items(mark: string, key: MakeKey, value: MakeValue): [Key, unknown][] {
  return Array.from({ length: ITEMS }, (_, i) => [key(mark, i), value(i)]);
}
