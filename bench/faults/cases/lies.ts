import type { ChaosStrike } from '../../../src/testing/index.ts';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';
import { hold } from './hold.ts';

const HOLD_MS = 700;
const TIMES = 40;

/** `mayMiss`: the lie says that there is nothing. */
const told = (label: string, strike: ChaosStrike, mayMiss = false): Fault => ({
  label,
  proxied: true,
  mayMiss,
  async happen({ proxies: [first] }) {
    const pending = first.strike({ ...strike, times: TIMES });
    await hold(HOLD_MS, () => pending.struck > 0);
    first.clear();
    return pending.struck;
  },
});

const rewritten = (label: string, as: (reply: string) => string, mayMiss = false): Fault =>
  told(
    label,
    {
      do: 'rewrite',
      of: 'item',
      as: (bytes) => Buffer.from(as(bytes.toString('latin1')), 'latin1'),
    },
    mayMiss,
  );

const HEADER = /^(VALUE \S+ )(\d+) (\d+)|^(VA )(\d+)/;

/** The item with another length in its header. */
const withLength = (change: (length: number) => string | number) => (item: string) =>
  item.replace(HEADER, (_, value = '', flags = '', length = '', meta = '', metaLength = '') =>
    meta === ''
      ? `${value}${flags} ${change(Number(length))}`
      : `${meta}${change(Number(metaLength))}`,
  );

/**
 * Another key of the same length, that exists as well most of the time. Where both were asked for in one request, nobody
 * can tell before the other one's own value comes; a checksum is made of the key, too.
 */
const otherKey = (item: string): string =>
  item.replace(
    /^(VALUE \S*?)(\d)( \d)/,
    (_, start, digit, end) => `${start}${(Number(digit) + 1) % 10}${end}`,
  );

const isItem = (item: string): boolean => HEADER.test(item);
const forItems = (as: (item: string) => string) => (item: string) =>
  isItem(item) ? as(item) : item;
const forWord = (words: RegExp, other: string) => (line: string) =>
  words.test(line) ? `${other}\r\n` : line;

const ABOUT_VALUES: readonly Fault[] = [
  rewritten(
    'a value too long by one',
    withLength((length) => length + 1),
  ),
  rewritten(
    'a value too short by one',
    withLength((length) => length - 1),
  ),
  rewritten(
    'a length of 99999999999',
    withLength(() => '99999999999'),
  ),
  rewritten(
    'a negative length',
    withLength(() => '-1'),
  ),
  rewritten(
    'a length that is no number',
    withLength(() => 'many'),
  ),
  rewritten(
    'a value without its end of line',
    forItems((item) => item.slice(0, -2)),
  ),
  rewritten(
    'junk before a value',
    forItems((item) => `#!\r\n${item}`),
  ),
  rewritten(
    'junk after a value',
    forItems((item) => `${item}#!\r\n`),
  ),
  rewritten(
    'an item that stops short',
    forItems((item) => item.slice(0, item.length >> 1)),
  ),
  rewritten(
    'STORED for a value',
    forItems(() => 'STORED\r\n'),
  ),
  rewritten(
    'NOT_FOUND for a value',
    forItems(() => 'NOT_FOUND\r\n'),
  ),
  rewritten(
    'a number for a value',
    forItems(() => '42\r\n'),
  ),
  rewritten(
    'ERROR for a value',
    forItems(() => 'ERROR\r\n'),
  ),
  rewritten(
    'CLIENT_ERROR for a value',
    forItems(() => 'CLIENT_ERROR bad\r\n'),
  ),
  rewritten(
    'an empty line for a value',
    forItems(() => '\r\n'),
  ),
  rewritten(
    'a header of 5000 bytes',
    forItems(() => `VALUE ${'k'.repeat(5000)} 0 1\r\na\r\n`),
  ),
  told('a byte too many in a value', { do: 'insert', at: { value: 'data' }, bytes: 'x' }),
  told('ten bytes missing in a value', { do: 'omit', at: { value: 'data' }, bytes: 10 }),
];

const ABOUT_CLASSIC_VALUES: readonly Fault[] = [
  rewritten('a name nobody asked for on a value', (item) => item.replace(/^VALUE \S/, 'VALUE #')),
  rewritten('flags that are no number', (item) => item.replace(HEADER, '$1x $3')),
  rewritten(
    'the same value twice',
    forItems((item) => item + item),
  ),
  told('items that swap places', { do: 'swap', of: 'item' }, true),
  told('an item that is left out', { do: 'drop', of: 'item' }, true),
  told('END before the reply', { do: 'insert', at: { value: 'before' }, bytes: 'END\r\n' }, true),
];

/** Whole replies in the wrong place. What says "nothing" in place of another such reply looks like it. */
const ABOUT_REPLIES: readonly Fault[] = [
  told('replies that come twice', { do: 'duplicate' }, true),
  told('replies that never come', { do: 'drop' }, true),
  told('replies that swap places', { do: 'swap' }, true),
];

const ABOUT_STORES: readonly Fault[] = [
  rewritten('END for STORED', forWord(/^(STORED|HD)/, 'END')),
  rewritten('EN for STORED', forWord(/^(STORED|HD)/, 'EN')),
  rewritten('a number for STORED', forWord(/^(STORED|HD)/, '42')),
  rewritten('a value for STORED', forWord(/^(STORED|HD)/, 'VALUE k 0 1\r\na\r\nEND')),
  rewritten('ERROR for STORED', forWord(/^(STORED|HD)/, 'ERROR')),
  rewritten(
    'SERVER_ERROR for STORED',
    forWord(/^(STORED|HD)/, 'SERVER_ERROR out of memory storing object'),
  ),
  rewritten('STORED in lower case', forWord(/^(STORED|HD)/, 'stored')),
];

const ABOUT_COUNTS: readonly Fault[] = [
  rewritten('STORED for a count', forWord(/^\d+\r/, 'STORED')),
  rewritten('a count of 30 digits', forWord(/^\d+\r/, '9'.repeat(30))),
  rewritten('a negative count', forWord(/^\d+\r/, '-1')),
  rewritten('a count with letters', forWord(/^\d+\r/, '4x2')),
  rewritten('END for a count', forWord(/^\d+\r/, 'END')),
];

const MISNAMED: Fault = rewritten("another key's name on a value", otherKey);

const CHANGED_BYTES: readonly Fault[] = [
  told('a byte changed inside a value', { do: 'corrupt', at: { value: 'data' } }),
  told('bytes missing at the end of a value', {
    do: 'omit',
    at: { value: 'after-data' },
    bytes: 1,
  }),
];

/** Answers that are not the truth. */
export const LIES: readonly FaultCase[] = [
  ...everyOf('lies about values', ABOUT_VALUES, ['getMany']),
  ...everyOf('lies about values', ABOUT_VALUES.slice(0, 9), ['meta']),
  ...everyOf('lies about values', ABOUT_CLASSIC_VALUES, ['getMany']),
  ...everyOf('lies about values', ABOUT_CLASSIC_VALUES.slice(0, 2), ['get']),
  ...everyOf(
    'lies about values',
    ABOUT_CLASSIC_VALUES.slice(0, 1),
    ['mixed'],
    ['pool', 'fleet', 'classic', 'quiet'],
  ),
  ...everyOf('replies out of place', ABOUT_REPLIES, ['getMany', 'set', 'mixed', 'meta']),
  ...everyOf('replies out of place', ABOUT_REPLIES, ['incr', 'mixed', 'meta'], ['opaque']),
  ...everyOf('lies about stores', ABOUT_STORES, ['set']),
  ...everyOf('lies about stores', ABOUT_STORES.slice(0, 2), ['mixed'], ['classic', 'pool']),
  ...everyOf('lies about counts', ABOUT_COUNTS, ['incr']),
  ...everyOf('changed bytes', [MISNAMED], ['get', 'getMany', 'mixed'], ['checksum']),
  ...everyOf('changed bytes', CHANGED_BYTES, ['get', 'getMany', 'large'], ['checksum']),
];
