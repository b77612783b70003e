import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import * as fc from 'fast-check';
import { isSound } from '../../../src/codec/v8-check.ts';
import { many, runs } from '../../support/runs.ts';

const KiB = 1024;
const cycle: unknown[] = [];
cycle.push(cycle, { cycle });

const VALUES: unknown[] = [
  [undefined, null, true, false, 0, -1, 2 ** 31, -0, Number.NaN, 1.5, 2n ** 700n, -5n, 0n],
  ['', 'latin1 é', '你好', '\ud800', new String('你'), new String('x'), Object(-5n)],
  [new Boolean(true), new Boolean(false), new Number(1.5), new Date(0), new Date(Number.NaN)],
  [/a"+é/giu, /你/, [], {}, { é: 1, 你: { deep: [[[]]] } }],
  [new Map([[{ a: 1 }, new Set([1, [2]])]]), new Set(), cycle],
  Object.assign(new Array(3), { 0: 1, 2: 3 }),
  Object.assign(new Array(100), { 5: 1, named: 2 }),
  Object.assign([1, 2], { named: [3] }),
  [new ArrayBuffer(0), new ArrayBuffer(9), Buffer.from('bytes'), new DataView(new ArrayBuffer(8))],
  [new Float64Array(3), new BigInt64Array(2), new Uint8ClampedArray(5), new Uint8Array(0)],
  new Error('plain'),
  new TypeError('caused', { cause: new RangeError('inner', { cause: [{ a: new Map() }] }) }),
  [new Error('x', { cause: 5 }), new Error('y', { cause: undefined }), 'and on'],
  { before: new Error('z', { cause: { a: [1, 2] } }), after: 1 },
];

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const item = (...parts: (string | number | number[])[]): Buffer =>
  Buffer.from([
    0xff,
    15,
    ...parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)),
  ]);

test('this Node.js writes what is known here', () => {
  for (const value of VALUES) {
    assert.equal(isSound(serialize(value), KiB), true, serialize(value).toString('latin1'));
  }
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
  });
  fc.assert(
    fc.property(anything, (value) => isSound(serialize(value), Number.MAX_SAFE_INTEGER)),
    runs(500),
  );
});

test('anything cut off, and anything behind the value, is refused', () => {
  for (const value of VALUES) {
    const bytes = serialize(value);
    for (let cut = 0; cut < bytes.length; cut++) {
      assert.equal(
        isSound(bytes.subarray(0, cut), KiB),
        false,
        `${cut} ${bytes.toString('latin1')}`,
      );
    }
    for (const more of [0, 0x30, 0x5f]) {
      assert.equal(isSound(Buffer.concat([bytes, Buffer.from([more])]), KiB), false);
    }
  }
});

test('what announces more than is there is refused before V8 makes room for it', () => {
  const sparse = (length: number): number[] => [97, ...varint(length), 64, 0, ...varint(length)];
  const bombs: Record<string, Buffer> = {
    'a sparse array': item(sparse(30_000_000)),
    'forty of them': item(
      'A',
      40,
      ...Array.from({ length: 40 }, () => sparse(1_000_000)),
      '$',
      0,
      40,
    ),
    'arrays in arrays': item(
      ...Array.from({ length: 1000 }, () => [65, ...varint(50_000)]),
      '0'.repeat(60_000),
    ),
    'a resizable buffer': item('~', 0, varint(4_000_000_000)),
  };
  for (const [name, bomb] of Object.entries(bombs))
    assert.equal(isSound(bomb, 64 * KiB), false, name);
});

test('holes count by the room they take', () => {
  const bytes = serialize(new Array(100));
  assert.equal(isSound(bytes, 800), true);
  assert.equal(isSound(bytes, 799), false);
  const two = serialize([new Array(100), new Array(100)]);
  assert.equal(isSound(two, 1600), true);
  assert.equal(isSound(two, 1599), false);
});

test('other versions, tags nobody writes, and numbers without end are refused', () => {
  const odd: Record<string, Buffer> = {
    'no header': Buffer.from('0'),
    'an older version': Buffer.from([0xff, 14, 0x30]),
    'a newer version': Buffer.from([0xff, 16, 0x30]),
    'a shared buffer': item('u', 0),
    'a WebAssembly module': item('w', 0),
    'a view without a type of its own': item('B', 1, 7, 'V', 1, 0, 1, 0),
    'an end without a beginning': item('{', 0),
    'a text that is none': item('s', '0'),
    'an error of no kind': item('r', 'X', '.'),
    'an endless number': item(
      'I',
      Array.from({ length: 50 }, () => 128),
      0,
    ),
    'a number of 33 bits': item('U', varint(2 ** 32)),
  };
  for (const [name, bytes] of Object.entries(odd)) assert.equal(isSound(bytes, KiB), false, name);
  assert.equal(isSound(item('U', varint(2 ** 32 - 1)), KiB), true);
});

test('hundreds of thousands of levels are gone through without recursion', () => {
  const levels = 300_000;
  const arrays = item(Buffer.alloc(2 * levels, 'A\u0001').toString('latin1'), '0');
  assert.equal(isSound(arrays, KiB), false);
  const causes = item('rc'.repeat(levels), '0', '.'.repeat(levels));
  assert.equal(isSound(causes, KiB), true);
  assert.throws(() => deserialize(causes) as unknown);
});

test('what is found sound costs V8 no more than its own size, whatever was done to it', () => {
  const seeds = VALUES.map((value) => serialize(value));
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 5,
  });
  let sound = 0;
  fc.assert(
    fc.property(fc.constantFrom(...seeds), changes, (seed, bytes) => {
      const changed = Buffer.from(seed);
      for (const [at, byte] of bytes) changed[2 + (at % (changed.length - 2))] = byte;
      if (!isSound(changed, KiB)) return;
      sound++;
      const before = process.memoryUsage();
      try {
        deserialize(changed);
      } catch {
        // An error is as good as a value.
      }
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      assert.ok(arrayBuffers - before.arrayBuffers < 64 * KiB);
      assert.ok(heapUsed - before.heapUsed < 4 * KiB * KiB);
    }),
    runs(3000),
  );
  assert.ok(sound > many(100));
});
