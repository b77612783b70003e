import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ItemFacts, MetaFlags } from '../../../src/protocol/meta-flags.ts';

/** Stale bytes of an earlier read stand behind what has been received. */
const STALE = ['', 'f9 c9 0\r\n', '\r\n\r\n', '0', ' W X Z\r\n', '9', 'x'];

/** Reads flags that stand behind other bytes; where it stopped is told from their begin, -1 stays. */
function read(text: string, stale = '', whole = false): [stopped: number, flags: MetaFlags] {
  const before = 'VA 5';
  const bytes = Buffer.from(`${before}${text}${stale}`, 'latin1');
  const flags = new MetaFlags();
  const at = flags.read(bytes, before.length, before.length + text.length, whole);
  return [at < 0 ? at : at - before.length, flags];
}

interface Said extends ItemFacts {
  readonly flags: number;
  readonly cas: string;
  readonly key: string;
}

const NOTHING: Said = {
  flags: 0,
  cas: '',
  key: '',
  opaque: '',
  size: Number.NaN,
  ttl: Number.NaN,
  idle: Number.NaN,
  hit: Number.NaN,
  won: false,
  stale: false,
  lost: false,
  flagged: false,
  valued: true,
};

function said(text: string, flags: MetaFlags): Said {
  const { keyStart, keyEnd, ...rest } = flags;
  return { ...rest, key: `VA 5${text}`.slice(keyStart, keyEnd) };
}

/** Each flag that is looked at, and what it says. */
const FLAGS: [string, Partial<Said>][] = [
  ['f4294967295', { flags: 4_294_967_295, flagged: true }],
  ['c18446744073709551615', { cas: '18446744073709551615' }],
  ['kfoo', { key: 'foo' }],
  ['Oabc', { opaque: 'abc' }],
  ['s1048576', { size: 1_048_576 }],
  ['t-1', { ttl: -1 }],
  ['t2592000', { ttl: 2_592_000 }],
  ['t0', { ttl: 0 }],
  ['l86400', { idle: 86_400 }],
  ['h0', { hit: 0 }],
  ['h1', { hit: 1 }],
  ['W', { won: true }],
  ['X', { stale: true }],
  ['Z', { lost: true }],
  ['b', {}],
  ['q', {}],
  ['N30', {}],
  ['@x', {}],
];

for (const [flag, expected] of FLAGS) {
  test(`the flag ${flag} by itself`, () => {
    const text = ` ${flag}\r\n`;
    const [stopped, flags] = read(text);
    assert.equal(stopped, text.length - 2);
    assert.deepEqual(said(text, flags), { ...NOTHING, ...expected });
  });
}

const ALL = ['kfoo', 'f12', 'c345', 's5', 't-1', 'l7', 'h1', 'W', 'X', 'Z', 'Oq1', 'b'];
const ALL_SAID: Said = {
  flags: 12,
  cas: '345',
  key: 'foo',
  opaque: 'q1',
  size: 5,
  ttl: -1,
  idle: 7,
  hit: 1,
  won: true,
  stale: true,
  lost: true,
  flagged: true,
  valued: true,
};

test('all of them together, in any order', () => {
  for (let turn = 0; turn < ALL.length; turn++) {
    const turned = [...ALL.slice(turn), ...ALL.slice(0, turn)];
    for (const order of [turned, turned.toReversed()]) {
      const text = ` ${order.join(' ')}\r\n`;
      const [stopped, flags] = read(text);
      assert.equal(stopped, text.length - 2, text);
      assert.deepEqual(said(text, flags), ALL_SAID, text);
    }
  }
});

test('no flags at all say nothing', () => {
  assert.deepEqual(read('\r\n')[0], 0);
  assert.deepEqual(said('', read('\r\n')[1]), NOTHING);
  assert.equal(read('', '', true)[0], 0);
});

test('tokens look like other flags, and are none', () => {
  const text = ' kW OX@ s1';
  const [, flags] = read(`${text}\r\n`);
  assert.deepEqual(said(text, flags), { ...NOTHING, key: 'W', opaque: 'X@', size: 1 });
});

test('a key and an opaque are taken byte by byte, whatever bytes over 0x20 they hold', () => {
  const text = ' k\xff\x80\x7f! O\xe9~\r\n';
  const [stopped, flags] = read(text);
  assert.equal(stopped, text.length - 2);
  assert.deepEqual([said(text, flags).key, flags.opaque], ['\xff\x80\x7f!', '\xe9~']);
});

test('of a part of a line nothing is wrong, and what it says is not made up', () => {
  const text = ` ${ALL.join(' ')}\r\n`;
  for (let length = 0; length < text.length; length++) {
    for (const stale of STALE) {
      const part = text.slice(0, length);
      const [stopped, flags] = read(part, stale);
      assert.equal(stopped, Math.min(length, text.length - 2), JSON.stringify([part, stale]));
      const heard = said(text, flags);
      for (const name of Object.keys(ALL_SAID) as (keyof Said)[]) {
        const may = [NOTHING[name], ALL_SAID[name]];
        assert.ok(
          may.some((one) => Object.is(one, heard[name])),
          `${name} of ${part}`,
        );
      }
    }
  }
});

test('a part ends its last flag only where the line does', () => {
  const [, part] = read(' f12 s5 t10');
  assert.deepEqual([part.flags, part.size, part.ttl], [12, 5, Number.NaN]);
  const [stopped, whole] = read(' f12 s5 t10', '', true);
  assert.deepEqual([stopped, whole.flags, whole.size, whole.ttl], [11, 12, 5, 10]);
});

test('what should be a number and is none is refused, wherever it stands', () => {
  const numbers = ['f', 'c', 's', 't', 'l', 'h'];
  const none = ['', 'x', '1x', 'x1', '+1', '0x1', '1.0', '1,0', '--1', '-', '\xb2', '1-'];
  for (const letter of numbers) {
    // Only a time may lie before now.
    for (const token of letter === 't' ? none : [...none, '-1', '-0']) {
      for (const text of [` ${letter}${token}`, ` k1 ${letter}${token} W`]) {
        assert.equal(read(`${text}\r\n`)[0], -1, `${text} in a buffer`);
        assert.equal(read(text, '', true)[0], -1, `${text} as a line`);
      }
    }
  }
});

test('a number that is none is refused before the rest of its line has come', () => {
  for (const part of [' fx ', ' s-1 ', ' c1x ', ' l \r', ' h\r']) assert.equal(read(part)[0], -1);
});

test('what is no blank does not stand between flags', () => {
  for (const text of ['x', 'f1', '\t f1\r\n', ' f1\ts5\r\n', ' f1\0\r\n', ' f1\n']) {
    assert.equal(read(text)[0], -1, JSON.stringify(text));
  }
});

test('a line that goes on behind its carriage return is not read to its end', () => {
  const text = ' W\rX';
  const [stopped] = read(text, '', true);
  assert.equal(stopped, 2);
});

test('what one answer said does not stay for the next', () => {
  const flags = new MetaFlags(false);
  const first = Buffer.from(` ${ALL.join(' ')}`);
  assert.equal(flags.read(first, 0, first.length, true), first.length);
  assert.equal(flags.won, true);
  assert.equal(flags.read(Buffer.alloc(0), 0, 0, true), 0);
  assert.deepEqual(said('', flags), { ...NOTHING, valued: false });
});
