import type { Awaited, Call } from './reply-recorder.ts';

/** A stream of replies, what it answers, and what a parser is to make of it. */
export interface GoldenReply {
  readonly name: string;
  /** One character per byte. */
  readonly stream: string;
  readonly awaited: readonly Awaited[];
  readonly calls: readonly Call[];
  /** The stream ends with something that cannot be right. */
  readonly broken?: true;
}

const get = (...keys: string[]): Awaited => ({ grammar: 'items', keys });
const store: Awaited = {
  grammar: 'lines',
  lastLines: /^(?:STORED|NOT_STORED|EXISTS|NOT_FOUND)$/,
};
const count: Awaited = { grammar: 'lines', lastLines: /^\d+$/ };
const stats: Awaited = { grammar: 'lines', moreLines: /^STAT /, lastLines: /^(?:END|RESET)$/ };
const meta: Awaited = { grammar: 'meta', keys: [''], lastLines: /^(?:HD|EN|NF|NS|EX|MN)\b/ };

/** A command of a meta answer for each key. */
const metas = (...keys: string[]): Awaited => ({ ...meta, keys, several: true });

// oxlint-disable-next-line max-params -- a row of a table
const item = (key: string, value: string, flags = 0, cas = '', facts = ''): Call => [
  'item',
  key,
  value,
  flags,
  cas,
  facts,
];
const line = (text: string): Call => ['line', text];
const END: Call = ['end'];
const ANSWERED: Call = ['answered'];

const binary = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
/** Read to a buffer of its own, with a read buffer of 4096 bytes. */
const large = `${binary}${'large '.repeat(200)}\r\nEND\r\n`;

const items: GoldenReply[] = [
  {
    name: 'a hit',
    stream: 'VALUE key 5 5\r\nhello\r\nEND\r\n',
    awaited: [get('key')],
    calls: [item('key', 'hello', 5), END, ANSWERED],
  },
  { name: 'a miss', stream: 'END\r\n', awaited: [get('key')], calls: [END, ANSWERED] },
  {
    name: 'hits with misses before, between and behind them',
    stream: 'VALUE b 0 1\r\n2\r\nVALUE d 0 1\r\n4\r\nEND\r\n',
    awaited: [get('a', 'b', 'c', 'd', 'e')],
    calls: [item('b', '2'), item('d', '4'), END, ANSWERED],
  },
  {
    name: 'an empty value',
    stream: 'VALUE a 0 0\r\n\r\nVALUE b 7 0\r\n\r\nEND\r\n',
    awaited: [get('a', 'b')],
    calls: [item('a', ''), item('b', '', 7), END, ANSWERED],
  },
  {
    name: 'values that look like the protocol',
    stream:
      'VALUE a 0 7\r\n\r\nEND\r\n\r\nVALUE b 0 15\r\nVALUE c 0 1\r\nx\r\r\nVALUE c 0 7\r\nERROR\r\n\r\nEND\r\n',
    awaited: [get('a', 'b', 'c')],
    calls: [
      item('a', '\r\nEND\r\n'),
      item('b', 'VALUE c 0 1\r\nx\r'),
      item('c', 'ERROR\r\n'),
      END,
      ANSWERED,
    ],
  },
  {
    name: 'every byte in a value',
    stream: `VALUE a 0 256\r\n${binary}\r\nEND\r\n`,
    awaited: [get('a')],
    calls: [item('a', binary), END, ANSWERED],
  },
  {
    name: 'the largest flags, and a key of bytes over 0x7f',
    stream: 'VALUE \xc3\xa9\xff 4294967295 1\r\nx\r\nEND\r\n',
    awaited: [get('\xc3\xa9\xff')],
    calls: [item('\xc3\xa9\xff', 'x', 4_294_967_295), END, ANSWERED],
  },
  {
    name: 'items with cas tokens',
    stream: 'VALUE a 1 1 18446744073709551615\r\nx\r\nVALUE b 2 2 7\r\nyy\r\nEND\r\n',
    awaited: [get('a', 'b')],
    calls: [item('a', 'x', 1, '18446744073709551615'), item('b', 'yy', 2, '7'), END, ANSWERED],
  },
  {
    name: 'a large value between small ones',
    stream: `VALUE a 0 1\r\nx\r\nVALUE b 9 ${large.length} 3\r\n${large}\r\nVALUE c 0 1\r\ny\r\nEND\r\n`,
    awaited: [get('a', 'b', 'c')],
    calls: [item('a', 'x'), item('b', large, 9, '3'), item('c', 'y'), END, ANSWERED],
  },
  {
    name: 'a large value nobody waits for',
    stream: `VALUE a 9 ${large.length} 3\r\n${large}\r\nVALUE c 0 1\r\ny\r\nEND\r\n`,
    awaited: [{ ...get('a', 'c'), unwanted: ['a'] }],
    calls: [['unwanted', 'a', 9, '3', ''], item('c', 'y'), END, ANSWERED],
  },
  {
    name: 'large values one after the other',
    stream: ['a', 'b', 'c']
      .map((key) => `VALUE ${key} 0 ${large.length + 1}\r\n${key}${large}\r\n`)
      .join('')
      .concat('END\r\n'),
    awaited: [get('a', 'b', 'c')],
    calls: [item('a', `a${large}`), item('b', `b${large}`), item('c', `c${large}`), END, ANSWERED],
  },
  {
    name: 'a hundred items',
    stream: Array.from({ length: 100 }, (_, i) => `VALUE key:${i} ${i} 3\r\n${i + 100}\r\n`)
      .join('')
      .concat('END\r\n'),
    awaited: [get(...Array.from({ length: 100 }, (_, i) => `key:${i}`))],
    calls: [
      ...Array.from({ length: 100 }, (_, i) => item(`key:${i}`, String(i + 100), i)),
      END,
      ANSWERED,
    ],
  },
  {
    name: 'SERVER_ERROR for a get, in the middle of it, and the stream goes on',
    stream: 'VALUE a 0 1\r\nx\r\nSERVER_ERROR out of memory\r\nSERVER_ERROR\r\nEND\r\n',
    awaited: [get('a', 'b'), get('c'), get('d')],
    calls: [
      item('a', 'x'),
      ['refused', 'SERVER_ERROR', 'out of memory'],
      ['refused', 'SERVER_ERROR', ''],
      END,
      ANSWERED,
    ],
  },
];

const lines: GoldenReply[] = [
  {
    name: 'answers to stores',
    stream: 'STORED\r\nNOT_STORED\r\nEXISTS\r\nNOT_FOUND\r\n',
    awaited: [store, store, store, store],
    calls: ['STORED', 'NOT_STORED', 'EXISTS', 'NOT_FOUND'].flatMap((word) => [
      line(word),
      ANSWERED,
    ]),
  },
  {
    name: 'stats up to END, and a RESET',
    stream: 'STAT pid 7\r\nSTAT version VALUE a 0 5\r\nEND\r\nRESET\r\n',
    awaited: [stats, stats],
    calls: [
      line('STAT pid 7'),
      line('STAT version VALUE a 0 5'),
      line('END'),
      ANSWERED,
      line('RESET'),
      ANSWERED,
    ],
  },
  {
    name: 'a refused count, which is an answer like any other',
    stream: 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n41\r\n',
    awaited: [count, count],
    calls: [
      ['refused', 'CLIENT_ERROR', 'cannot increment or decrement non-numeric value'],
      line('41'),
      ANSWERED,
    ],
  },
  {
    name: 'a value between lines',
    stream: 'STORED\r\nVALUE a 0 8\r\nSTORED\r\n\r\nEND\r\nSTORED\r\n',
    awaited: [store, get('a'), store],
    calls: [
      line('STORED'),
      ANSWERED,
      item('a', 'STORED\r\n'),
      END,
      ANSWERED,
      line('STORED'),
      ANSWERED,
    ],
  },
];

const metaAnswers: GoldenReply[] = [
  {
    name: 'meta statuses, bare and with flags',
    stream: 'HD\r\nHD Oab c7\r\nEN\r\nNF\r\nNS\r\nEX\r\nMN\r\n',
    awaited: [meta, meta, meta, meta, meta, meta, meta],
    calls: ['HD', 'HD Oab c7', 'EN', 'NF', 'NS', 'EX', 'MN'].flatMap((text) => [
      line(text),
      ANSWERED,
    ]),
  },
  {
    name: 'meta values: flags and cas among other flags, in any order, or none',
    stream:
      'VA 5 kfoo f12 t-1 c345 W\r\nhello\r\nVA 0\r\n\r\nVA 4 c9 s4 f4294967295\r\nEN\r\n\r\nEN\r\n',
    awaited: [meta, meta, meta, meta],
    calls: [
      item('', 'hello', 12, '345', 't-1 W'),
      ANSWERED,
      item('', ''),
      ANSWERED,
      item('', 'EN\r\n', 4_294_967_295, '9', 's4'),
      ANSWERED,
      line('EN'),
      ANSWERED,
    ],
  },
  {
    name: 'a large meta value',
    stream: `VA ${large.length} f3 c4\r\n${large}\r\nHD\r\n`,
    awaited: [meta, meta],
    calls: [item('', large, 3, '4'), ANSWERED, line('HD'), ANSWERED],
  },
  {
    name: 'every flag of a meta value, of small and large ones by turns, and of classic ones none',
    stream:
      `VA 1 s1 t5 l6 h1 W X Z Oq\r\nx\r\nVA ${large.length} t7 X Or\r\n${large}\r\n` +
      `VA 1 l0 h0\r\ny\r\nVALUE a 0 1\r\nz\r\nVALUE b 0 ${large.length}\r\n${large}\r\nEND\r\n`,
    awaited: [meta, meta, meta, get('a', 'b')],
    calls: [
      item('', 'x', 0, '', 's1 t5 l6 h1 W X Z Oq'),
      ANSWERED,
      item('', large, 0, '', 't7 X Or'),
      ANSWERED,
      item('', 'y', 0, '', 'l0 h0'),
      ANSWERED,
      item('a', 'z'),
      item('b', large),
      END,
      ANSWERED,
    ],
  },
  {
    name: 'several meta answers to one command',
    stream:
      `EN ka\r\nVA 4 kb f7 W\r\nEN\r\n\r\nHD kc t5\r\nVA ${large.length} kd c3 t-1\r\n${large}\r\nEN\r\n` +
      'VA 1 kf\r\nx\r\nVA 1 kg\r\ny\r\n',
    awaited: [metas('a', 'b', 'c', 'd', 'e'), metas('f'), meta],
    calls: [
      line('EN ka'),
      item('b', 'EN\r\n', 7, '', 'W'),
      line('HD kc t5'),
      item('d', large, 0, '3', 't-1'),
      line('EN'),
      ANSWERED,
      item('f', 'x'),
      ANSWERED,
      item('', 'y'),
      ANSWERED,
    ],
  },
  {
    name: 'SERVER_ERROR in the place of some of several meta answers',
    stream:
      'VA 1 ka\r\nx\r\nSERVER_ERROR out of memory\r\nEN\r\nSERVER_ERROR\r\nSERVER_ERROR busy\r\nHD\r\n',
    awaited: [metas('a', 'b', 'c', 'd'), meta, meta],
    calls: [
      item('a', 'x'),
      ['refused part', 'SERVER_ERROR', 'out of memory'],
      line('EN'),
      ['refused part', 'SERVER_ERROR', ''],
      ANSWERED,
      ['refused', 'SERVER_ERROR', 'busy'],
      line('HD'),
      ANSWERED,
    ],
  },
  {
    name: 'a large meta value nobody waits for, among several',
    stream: `VA ${large.length} ka f9 c3 W\r\n${large}\r\nVA 1 kb\r\ny\r\n`,
    awaited: [{ ...metas('a', 'b'), unwanted: ['a'] }],
    calls: [['unwanted', 'a', 9, '3', 'W'], item('b', 'y'), ANSWERED],
  },
  {
    name: 'SERVER_ERROR for a meta command',
    stream: 'SERVER_ERROR object too large for cache\r\nHD\r\n',
    awaited: [meta, meta],
    calls: [['refused', 'SERVER_ERROR', 'object too large for cache'], line('HD'), ANSWERED],
  },
];

/** Replies that are right. */
export const GOLDEN_REPLIES: readonly GoldenReply[] = [...items, ...lines, ...metaAnswers];

const broken = (
  name: string,
  stream: string,
  awaited: readonly Awaited[],
  ...calls: readonly Call[]
): GoldenReply => ({ name, stream, awaited, calls, broken: true });

const badHeader = (name: string, header: string): GoldenReply =>
  broken(`a header ${name}`, `${header}\r\nhello\r\nEND\r\n`, [get('a')]);

const badMeta = (name: string, header: string): GoldenReply =>
  broken(`a meta header ${name}`, `${header}\r\nhello\r\n`, [meta]);

/** Replies that cannot be right: everything before the mistake is told, nothing behind it. */
export const BROKEN_REPLIES: readonly GoldenReply[] = [
  badHeader('without a key', 'VALUE  0 5'),
  badHeader('of nothing else', 'VALUE'),
  badHeader('with two blanks before the key', 'VALUE  a 0 5'),
  badHeader('with two blanks before the flags', 'VALUE a  0 5'),
  badHeader('with two blanks before the length', 'VALUE a 0  5'),
  badHeader('with two blanks before the cas', 'VALUE a 0 5  9'),
  badHeader('with a blank at its end', 'VALUE a 0 5 '),
  badHeader('with a blank behind the cas', 'VALUE a 0 5 9 '),
  badHeader('with a fifth field', 'VALUE a 0 5 9 9'),
  badHeader('without a length', 'VALUE a 0'),
  badHeader('without flags and length', 'VALUE a'),
  badHeader('with negative flags', 'VALUE a -1 5'),
  badHeader('with hexadecimal flags', 'VALUE a 0x1 5'),
  badHeader('with flags over 32 bits', 'VALUE a 4294967296 5'),
  badHeader('with flags of forty digits', `VALUE a ${'9'.repeat(40)} 5`),
  badHeader('with a negative length', 'VALUE a 0 -5'),
  badHeader('with a signed length', 'VALUE a 0 +5'),
  badHeader('with a hexadecimal length', 'VALUE a 0 0x5'),
  badHeader('with a fraction of a length', 'VALUE a 0 5.0'),
  badHeader('with a length that is a word', 'VALUE a 0 five'),
  badHeader('with a length over the maximum', 'VALUE a 0 1048577'),
  badHeader('with a length of forty digits', `VALUE a 0 ${'9'.repeat(40)}`),
  badHeader('with a length that is taken for 5 by 32 bits', 'VALUE a 0 4294967301'),
  badHeader('with a negative cas', 'VALUE a 0 5 -9'),
  badHeader('with a cas that is a word', 'VALUE a 0 5 x'),
  badHeader('with a tab for a blank', 'VALUE\ta 0 5'),
  badHeader('with a tab in its key', 'VALUE a\t 0 5'),
  badHeader('with a tab behind its key', 'VALUE a\t0 5'),
  badHeader('with a NUL in its key', 'VALUE a\0 0 5'),
  badHeader('in lower case', 'value a 0 5'),
  badHeader('with a carriage return of its own', 'VALUE a 0 5\r'),
  badHeader('of a meta command', 'VA 5'),
  badMeta('without a length', 'VA'),
  badMeta('with two blanks before the length', 'VA  5'),
  badMeta('with a negative length', 'VA -5'),
  badMeta('with a length that goes on', 'VA 5x'),
  badMeta('with a length over the maximum', 'VA 99999999999'),
  badMeta('with flags without a number', 'VA 5 f'),
  badMeta('with negative flags', 'VA 5 f-1'),
  badMeta('with hexadecimal flags', 'VA 5 f0x10'),
  badMeta('with flags over 32 bits', 'VA 5 f4294967296'),
  badMeta('with a cas without a number', 'VA 5 c'),
  badMeta('with a cas that is no number', 'VA 5 c12x'),
  badMeta('of a get', 'VALUE a 0 5'),
  badMeta('with a size that is no number', 'VA 5 sx'),
  badMeta('with a time left without a number', 'VA 5 t-'),
  badMeta('with a time of access before now', 'VA 5 l-1'),
  badMeta('with a hit that is no number', 'VA 5 hW'),
  broken('a value one byte longer than it says', 'VALUE a 0 5\r\nhello!\r\nEND\r\n', [get('a')]),
  broken('a value one byte shorter than it says', 'VALUE a 0 5\r\nhell\r\nEND\r\n', [get('a')]),
  broken('a value without its CRLF', 'VALUE a 0 5\r\nhelloEND\r\n', [get('a')]),
  broken('a value that ends with LF only', 'VALUE a 0 5\r\nhello\nEND\r\n', [get('a')]),
  broken('a value that ends with CR only', 'VALUE a 0 5\r\nhello\rEND\r\n', [get('a')]),
  broken(
    'a large value one byte longer than it says',
    `VALUE a 0 ${large.length}\r\n${large}!\r\nEND\r\n`,
    [get('a')],
  ),
  broken(
    'a large value one byte shorter than it says',
    `VALUE a 0 ${large.length}\r\n${large.slice(1)}\r\nEND\r\n`,
    [get('a')],
  ),
  broken(
    'a large value nobody waits for, longer than it says',
    `VALUE a 0 ${large.length}\r\n${large}!\r\nEND\r\n`,
    [{ ...get('a'), unwanted: ['a'] }],
  ),
  broken('a header that ends with LF only', 'VALUE a 0 5\nhello\r\nEND\r\n', [get('a')]),
  broken('END with LF only', 'END\n', [get('a')]),
  broken('an empty line with LF only', '\n', [get('a')]),
  broken('an empty line', '\r\n', [get('a')]),
  broken('an empty line for a store', '\r\n', [store], line('')),
  broken('a key that was not asked for', 'VALUE b 0 5\r\nhello\r\nEND\r\n', [get('a')]),
  broken('a key that only begins as one asked for', 'VALUE a 0 1\r\nx\r\n', [get('ab')]),
  broken('a key that begins with one asked for', 'VALUE ab 0 1\r\nx\r\n', [get('a')]),
  broken(
    'a large value under a key that was not asked for',
    `VALUE b 0 ${large.length}\r\n${large}\r\nEND\r\n`,
    [get('a')],
  ),
  broken(
    'items in swapped order',
    'VALUE b 0 1\r\n2\r\nVALUE a 0 1\r\n1\r\nEND\r\n',
    [get('a', 'b')],
    item('b', '2'),
  ),
  broken(
    'an item twice',
    'VALUE a 0 1\r\n1\r\nVALUE a 0 1\r\n1\r\nEND\r\n',
    [get('a', 'b')],
    item('a', '1'),
  ),
  broken('END twice', 'END\r\nEND\r\n', [get('a')], END, ANSWERED),
  broken(
    'END twice before a store',
    'END\r\nEND\r\n',
    [get('a'), store],
    END,
    ANSWERED,
    line('END'),
  ),
  broken('a reply to nothing', 'STORED\r\n', []),
  broken('an error to nothing', 'ERROR\r\n', []),
  broken('one byte to nothing', 'x', []),
  broken('STORED for a get', 'STORED\r\n', [get('a')]),
  broken('END with more behind it', 'ENDS\r\n', [get('a')]),
  broken('a number for a store', '12\r\n', [store], line('12')),
  broken('an item for a store', 'VALUE a 0 1\r\nx\r\n', [store], line('VALUE a 0 1')),
  broken('a meta value for a store', 'VA 1\r\nx\r\n', [store], line('VA 1')),
  broken('a classic answer to a meta command', 'STORED\r\n', [meta], line('STORED')),
  broken('VERSION for a meta command', 'VERSION 1\r\n', [meta], line('VERSION 1')),
  broken('ERROR', 'ERROR\r\nEND\r\n', [get('a'), get('b')], ['refused', 'ERROR', '']),
  broken(
    'CLIENT_ERROR',
    'CLIENT_ERROR line too long\r\nEND\r\n',
    [get('a'), get('b')],
    ['refused', 'CLIENT_ERROR', 'line too long'],
  ),
  broken(
    'CLIENT_ERROR for a store, with the second answer it brings',
    'CLIENT_ERROR bad data chunk\r\nERROR\r\n',
    [store, store],
    ['refused', 'CLIENT_ERROR', 'bad data chunk'],
  ),
  broken(
    'CLIENT_ERROR for a meta command',
    'CLIENT_ERROR invalid flag\r\nHD\r\n',
    [meta, meta],
    ['refused', 'CLIENT_ERROR', 'invalid flag'],
  ),
  broken('a line without an end', 'x'.repeat(3000), [store]),
  broken('a line with a late end', `SERVER_ERROR ${'x'.repeat(3000)}\r\n`, [store]),
  broken('a header without an end', `VALUE ${'a'.repeat(3000)}`, [get('a')]),
  broken('a header with a late end', `VALUE a ${'0'.repeat(3000)} 5\r\nhello\r\n`, [get('a')]),
  broken('a meta header with a late end', `VA 5 k${'a'.repeat(3000)}\r\nhello\r\n`, [meta]),
  broken(
    'CLIENT_ERROR in the place of one of several meta answers',
    'EN ka\r\nCLIENT_ERROR invalid flag\r\nEN kc\r\n',
    [metas('a', 'b', 'c')],
    line('EN ka'),
    ['refused', 'CLIENT_ERROR', 'invalid flag'],
  ),
  broken(
    'ERROR in the place of one of several meta answers',
    'EN ka\r\nERROR\r\nEN kc\r\n',
    [metas('a', 'b', 'c')],
    line('EN ka'),
    ['refused', 'ERROR', ''],
  ),
  broken('a meta value of another key than is due', 'VA 1 kb\r\nx\r\nVA 1 ka\r\ny\r\n', [
    metas('a', 'b'),
  ]),
  broken(
    'a large meta value of another key than is due',
    `EN ka\r\nVA ${large.length} kc\r\n${large}\r\n`,
    [metas('a', 'b', 'c')],
    line('EN ka'),
  ),
  broken(
    'one meta answer more than was asked for',
    'EN\r\nEN\r\n',
    [metas('a')],
    line('EN'),
    ANSWERED,
  ),
  broken('END for several meta answers', 'END\r\n', [metas('a', 'b')], line('END')),
];
