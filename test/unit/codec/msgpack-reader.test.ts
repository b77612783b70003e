import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GAVE_UP, readMsgpack } from '../../../src/codec/msgpack-reader.ts';
import { unpack } from '../../../src/codec/serializer.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { packed, reference, REFUSED } from '../../support/msgpack-reference.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (item: Buffer): unknown => readMsgpack(item, 0, item.length);

/** Read here, and with the same keys in the same order as by msgpackr. */
function isRead(item: Buffer): void {
  const value = read(item);
  const name = item.subarray(0, 20).toString('hex');
  assert.notEqual(value, GAVE_UP, name);
  const expected = reference(item);
  assert.deepEqual(value, expected, name);
  assert.equal(inspect(value, { depth: 9 }), inspect(expected, { depth: 9 }), name);
}

function isGivenUp(item: Buffer): void {
  assert.equal(read(item), GAVE_UP, item.subarray(0, 20).toString('hex'));
}

test('every kind of plain data at its borders', () => {
  const texts = [0, 1, 3, 4, 15, 16, 17, 31, 32, 33, 255, 256, 65_535, 65_536];
  const values: unknown[] = [
    ...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53],
    ...[-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53)],
    ...[0.5, -0.1, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 1e300],
    ...[2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 53n) - 1n, -(2n ** 63n)],
    ...[null, true, false, [], {}, '', Buffer.alloc(0)],
    ...texts.flatMap((length) => ['x'.repeat(length), 'ä\u{1f600}€'.repeat(length)]),
    ...[1, 255, 256, 65_535, 65_536].map((length) => Buffer.alloc(length, 7)),
    ...[1, 15, 16, 65_535, 65_536].map((length) => Array.from({ length }, (_, i) => i)),
    ...[1, 15, 16, 32, 33, 100, 65_536].map((size) =>
      Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i])),
    ),
  ];
  for (const value of values) isRead(packed(value));
});

test('integers and floats as other writers have them', () => {
  const edges = ['00', '01', '7f', '80', 'ff'];
  const limits = ['0020000000000000', '0020000000000001', '001fffffffffffff'];
  const negative = ['ffe0000000000000', 'ffdfffffffffffff', 'ffe0000000000001'];
  for (const token of ['cc', 'cd', 'ce', 'cf', 'd0', 'd1', 'd2', 'd3', 'ca', 'cb']) {
    const size = 1 << ((Number.parseInt(token, 16) - 0xcc) & 3);
    const length = token === 'ca' ? 4 : token === 'cb' ? 8 : size;
    for (const first of edges)
      for (const rest of edges) isRead(hex(token + first + rest.repeat(length - 1)));
  }
  for (const whole of [...limits, ...negative]) {
    isRead(hex(`cf ${whole}`));
    isRead(hex(`d3 ${whole}`));
  }
  isRead(hex('cb 8000000000000000'));
  isRead(hex('cb fff7ffffffffffff'));
});

test('the longer forms of what is short', () => {
  for (const item of ['d900', 'd90161', 'da000161', 'db0000000161', 'dc0000', 'dd00000000'])
    isRead(hex(item));
  for (const item of ['de0000', 'df00000000', 'de0001 a161 01', 'df00000001 d90161 c0'])
    isRead(hex(item));
});

test('what is not plain data is left to msgpackr, whole', () => {
  const values: unknown[] = [undefined, new Date(0), new Set([1]), /x/, new Error('x'), 2n ** 80n];
  for (const value of values) {
    isGivenUp(packed(value));
    isGivenUp(packed([1, { a: value }, 2]));
    isRead(packed([1, { a: 'after it' }, 2]));
    const item = packed({ a: [value] });
    assert.deepEqual(unpack(item, 0, item.length), reference(item));
  }
  for (const key of ['01', 'c0', 'c3', 'ca 00000000', '90', '80', 'c400', 'da 0001 61'])
    isGivenUp(hex(`81 ${key} 01`));
  isGivenUp(hex('c1'));
});

test('text that is not UTF-8, or that begins with a mark, is as msgpackr has it', () => {
  for (const text of ['ff', 'c080', 'eda080', 'e282', 'f4908080', 'efbfbd', 'efbbbf', 'efbbbf61']) {
    for (const before of ['', '61', '61'.repeat(15), '61'.repeat(40)]) {
      const body = hex(before + text);
      const item = Buffer.concat([
        hex('82 a16b'),
        hex('d9'),
        Buffer.of(body.length),
        body,
        hex('a16c 01'),
      ]);
      assert.deepEqual(unpack(item, 0, item.length), reference(item), body.toString('hex'));
      // msgpackr without its addon drops the mark.
      if (before === '' || !text.startsWith('efbbbf')) isGivenUp(item);
    }
  }
});

test('shapes of as many keys in all orders, and keys that are none of their own', () => {
  const sets = [
    ['id', 'name', 'price'],
    ['id', 'name', 'cost'],
    ['name', 'id', 'price'],
    ['id', 'nam', 'eprice'],
    ['constructor', 'toString', '__proto__'],
    ['__proto_', '__proto__', 'hasOwnProperty'],
    ['', '0', 'x'],
    ['2', 'b', '1'],
    ['ä', 'a key that is longer than those that are remembered', 'k\0'],
    ['twice', 'twice', 'once'],
  ];
  for (let round = 0; round < 30; round++) {
    for (const set of sets) {
      const entries = set.map((key, i) =>
        Buffer.concat([packed(key), packed([i, i + 0.5, 'x', null][(i + round) % 4])]),
      );
      isRead(Buffer.concat([hex('93 01'), hex('83'), ...entries, hex('83'), ...entries]));
    }
  }
  assert.equal(Object.getPrototypeOf(read(hex('81 a9 5f5f70726f746f5f5f 80'))), Object.prototype);
});

test('properties that are floats at one time and something else at another', () => {
  for (const value of [1, 1.5, 2 ** 40, -0.5, 'x', null, 3, 2.5]) {
    isRead(packed({ price: value, of: [value, value], mixed: [0.5, value, 1.5, 'y'] }));
  }
});

test('arrays of floats hold others too', () => {
  const floats: unknown[] = Array.from({ length: 3000 }, (_, i) => i + 0.5);
  isRead(packed(floats));
  for (const at of [0, 1, 2999])
    for (const odd of [7, 'x', null, [1.5]]) isRead(packed(floats.with(at, odd)));
});

test('nesting is followed so far, and then left to msgpackr', () => {
  const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x91), hex('01')]);
  assert.notEqual(read(nested(150)), GAVE_UP);
  isGivenUp(nested(1000));
  const deep = unpack(nested(1000), 0, 1001);
  assert.deepEqual(deep, reference(nested(1000)));
  isGivenUp(Buffer.alloc(1_000_000, 0x91));
  isGivenUp(Buffer.concat(Array.from({ length: 300_000 }, () => hex('81 a161'))));
});

test('what claims to be longer than the item is given up', () => {
  const claims = ['dd ffffffff', 'df ffffffff', 'db ffffffff 61', 'c6 ffffffff 61', 'dc ffff 01'];
  for (const item of [
    ...claims,
    'de ffff a161',
    'a2 61',
    'd9 02 61',
    'c4 02 61',
    '92 01',
    '81 a161',
  ])
    isGivenUp(hex(item));
  isGivenUp(hex('dc ffff'.repeat(20_000)));
  // Bytes behind the end are none of the item's.
  assert.equal(readMsgpack(hex('a2 6162'), 0, 2), GAVE_UP);
  assert.equal(readMsgpack(hex('cd 0102'), 0, 2), GAVE_UP);
  assert.equal(readMsgpack(hex('01 01'), 0, 2), GAVE_UP);
  assert.equal(readMsgpack(hex('ff 92 01 02 ff'), 1, 3), GAVE_UP);
  assert.deepEqual(readMsgpack(hex('ff 92 01 02 ff'), 1, 4), [1, 2]);
});

test('arrays in arrays that each claim all that is left get the memory of one', () => {
  const item = Buffer.alloc(60_000, 0xdc);
  for (let at = 0; at < 600; at += 3) item.writeUInt16BE(item.length - at - 3, at + 1);
  const before = process.memoryUsage().heapUsed;
  isGivenUp(item);
  assert.ok(process.memoryUsage().heapUsed - before < 4e6);
});

test('nothing aliases the item, nor keeps it', () => {
  const value = {
    bytes: Buffer.alloc(40, 1),
    text: 'some text of more than thirty-two bytes',
    short: 's',
  };
  const item = packed(value);
  const own = read(item);
  item.fill(0xc1);
  assert.deepEqual(own, value);
  collectGarbage();
  const before = process.memoryUsage();
  const small = Array.from({ length: 200 }, (_, i) => {
    const large = packed({ large: 'x'.repeat(100_000), small: `some small text, number ${i}` });
    return (unpack(large, 0, large.length) as { small: string }).small;
  });
  collectGarbage();
  const after = process.memoryUsage();
  assert.equal(small[199], 'some small text, number 199');
  assert.ok(after.heapUsed - before.heapUsed < 1e6, 'items are kept on the heap');
  assert.ok(after.arrayBuffers - before.arrayBuffers < 1e6, 'items are kept beside the heap');
});

test('a setter on Object.prototype that reads another item disturbs nothing', () => {
  const inner = packed({ a: 'inner' });
  const item = packed({ a: 1, trap: 2, b: ['outer'] });
  // oxlint-disable-next-line no-extend-native -- as others do
  Object.defineProperty(Object.prototype, 'trap', {
    configurable: true,
    set() {
      assert.deepEqual(unpack(inner, 0, inner.length), { a: 'inner' });
    },
  });
  try {
    assert.deepEqual(unpack(item, 0, item.length), { a: 1, b: ['outer'] });
  } finally {
    Reflect.deleteProperty(Object.prototype, 'trap');
  }
});

test('a refused item leaves nothing behind', () => {
  for (const item of ['92 01', 'c1', '81 a161', 'dd ffffffff']) {
    assert.equal(reference(hex(item)), REFUSED);
    isGivenUp(hex(item));
    isRead(packed({ a: [1.5, 'x'] }));
  }
});
