import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from '../../../src/codec/serializer.ts';

const refused = { code: 'ERR_MEMCACHE_DECODE' };
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (bytes: Uint8Array): unknown => unpack(bytes, 0, bytes.length);

test('plain data is plain msgpack, readable by any other library', () => {
  assert.equal(Buffer.from(pack({ a: 1 })).toString('hex'), '81a16101');
  assert.equal(Buffer.from(pack([null, true, 1.5])).toString('hex'), '93c0c3cb3ff8000000000000');
  assert.equal(Buffer.from(pack({ b: Buffer.from([9]) })).toString('hex'), '81a162c40109');
  assert.equal(Buffer.from(pack(-0)).toString('hex'), 'cb8000000000000000');
});

test('what msgpack has no place for is refused with its place, wherever it stands', () => {
  const cycle: { list: unknown[] } = { list: [1] };
  cycle.list.push(cycle);
  class Hooked {
    toJSON(): unknown {
      return { inner: () => 1 };
    }
  }
  let deep: unknown = 1;
  for (let depth = 0; depth < 50_000; depth++) deep = [deep];
  const paths: [unknown, string][] = [
    [{ user: { callbacks: [1, 2, () => 'canary'] } }, 'a function at .user.callbacks[2]'],
    [[Symbol('canary')], 'a symbol at [0]'],
    [new Map([['k', { f: () => 1 }]]), 'a function at .k.f'],
    [{ s: new Set([() => 1]) }, 'a function at .s[…]'],
    [new Error('x', { cause: () => 1 }), 'a function at .cause'],
    [{ h: new Hooked() }, 'a function at .h.inner'],
    [cycle, 'a cycle at .list[1]'],
    [deep, 'it is nested too deeply'],
  ];
  for (const [value, place] of paths) {
    assert.throws(() => pack(value), {
      code: 'ERR_MEMCACHE_ENCODE',
      message: `the value cannot be stored: ${place}`,
    });
  }
  assert.deepEqual(read(pack({ still: ['works'] })), { still: ['works'] });
});

test('a function that has a toJSON is what that says', () => {
  const told = Object.assign(() => 1, { toJSON: () => 'told' });
  assert.deepEqual(read(pack({ told })), { told: 'told' });
});

test('a Map whose keys would make it unreadable is refused; others are objects', () => {
  for (const key of [{}, [1], new Date(0), Buffer.from('k')]) {
    assert.throws(() => pack({ a: [new Map([[key, 1]])] }), {
      code: 'ERR_MEMCACHE_ENCODE',
      message: 'the value cannot be stored: a Map with objects for keys at .a[0]',
    });
  }
  const map = new Map<unknown, unknown>([
    ['text', 1],
    [2, new Map([['inner', 3n]])],
    [true, null],
    [null, 5],
  ]);
  assert.deepEqual(read(pack([map])), [{ text: 1, 2: { inner: 3 }, true: null, null: 5 }]);
});

test('integers of other writers are numbers while they are safe', () => {
  assert.equal(read(hex('cf 0000 018b cfe5 6800')), 1_700_000_000_000);
  assert.equal(read(hex('cf ffff ffff ffff ffff')), 2n ** 64n - 1n);
});

test('results of earlier calls stay what they were', () => {
  const packed = Array.from({ length: 5000 }, (_, id) => pack({ id, text: 't'.repeat(id % 50) }));
  packed.forEach((bytes, id) => {
    assert.deepEqual(read(bytes), { id, text: 't'.repeat(id % 50) });
  });
});

test('a large value does not make later small ones heavy', () => {
  const large = pack({ text: 'x'.repeat(1_000_000) });
  assert.equal(large.buffer.byteLength, large.length);
  assert.ok(pack({ a: 1 }).buffer.byteLength <= 8192);
});

test('an error leaves packer and reader usable', () => {
  assert.throws(() => pack({ long: 'x'.repeat(100_000), bad: Symbol('s') }), {
    code: 'ERR_MEMCACHE_ENCODE',
  });
  assert.throws(() => read(hex('a5 61')), refused);
  assert.deepEqual(read(pack({ a: 1 })), { a: 1 });
  assert.ok(pack({ a: 1 }).buffer.byteLength <= 8192);
});

test('hostile bytes are errors, in little time and memory', () => {
  const beganAt = performance.now();
  const deep = Buffer.alloc(200_000, 0x91);
  for (const bytes of [
    deep,
    hex('dd ffff ffff'),
    hex('df ffff ffff'),
    hex('db ffff ffff 61'),
    hex('c6 ffff ffff 61'),
    hex('c9 ffff ffff 42 61'),
    hex('dc ffff dc ffff dc ffff 01'),
    hex('d4 70 01'),
    hex('c7 01 74 63'),
    hex('a5 6162'),
  ]) {
    assert.throws(() => read(bytes), refused, bytes.subarray(0, 6).toString('hex'));
  }
  assert.ok(performance.now() - beganAt < 2000);
});

test('the byte that msgpack never uses is damage where a value begins, and data elsewhere', () => {
  // d6 ff begins a date: msgpackr reads what has one in it.
  for (const damaged of [
    'c1',
    '92 c1 d6ff 00000001',
    '81 a161 c1',
    '81 c1 01',
    '92 d6ff c1c1c1c1 c1',
  ])
    assert.throws(() => read(hex(damaged)), refused, damaged);
  assert.deepEqual(read(hex('92 cc c1 d6ff 000000c1')), [0xc1, new Date(0xc1 * 1000)]);
});

test('no stored bytes change Object.prototype', () => {
  // { "__proto__": { "polluted": 1 } }
  const value = read(hex('81 a9 5f5f70726f746f5f5f 81 a8 706f6c6c75746564 01'));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});
