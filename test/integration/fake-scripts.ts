// What is said to a real memcached and to the fake one, to hear the same from both.
const x = (times: number): string => 'x'.repeat(times);
const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join('');
const set = (key: string, value: string, rest = ''): string =>
  `set ${key} 0 0 ${value.length}${rest}\r\n${value}\r\n`;
const ms = (key: string, value: string, flags = ''): string =>
  `ms ${key} ${value.length} ${flags}\r\n${value}\r\n`;

const TOO_LONG = x(251);
const LARGEST = 1_048_516;
const store = (head: string, bytes: number): string => `${head} ${bytes}\r\n${x(bytes)}\r\n`;

export const SCRIPTS: Readonly<Record<string, string>> = {
  'store and read':
    `get a\r\nset a 5 0 3\r\nabc\r\n${lines('get a', 'gets a b a', 'get  a   b ', ' get a')}get a\n` +
    'add a 0 0 1\r\nx\r\nreplace a 1 0 2\r\nyy\r\nreplace z 1 0 2\r\nyy\r\nappend a 9 0 2\r\nzz\r\n' +
    `prepend a 9 0 1\r\n-\r\nappend q 0 0 1\r\nx\r\n${lines('get a', 'delete a', 'delete a', 'get a')}`,
  cas:
    `cas a 0 0 1 5\r\nx\r\n${set('a', 'x')}gets a\r\ncas a 0 0 1 0\r\ny\r\ncas a 0 0 1 99999\r\ny\r\n` +
    'cas a 7 0 1 1\r\ny\r\ngets a\r\ncas a 7 0 1 2\r\ny\r\ngets a\r\ncas a 0 0 1 x\r\ny\r\n',
  counters:
    `incr n 1\r\n${set('n', '10')}${lines('incr n 5', 'decr n 6', 'get n', 'decr n 1000', 'get n')}` +
    lines('incr n 18446744073709551615', 'incr n 5', 'get n', 'incr n x', 'incr n -1') +
    lines('incr n -9223372036854775809', 'incr n 18446744073709551616') +
    `${set('s', 'abc')}incr s 1\r\n${set('e', '')}incr e 1\r\n${set('b', ' 12 3')}incr b 1\r\n` +
    `${set('m', '-5')}incr m 1\r\n${set('p', '+5')}incr p 1\r\nget p\r\n` +
    `${set('l', '18446744073709551616')}incr l 1\r\n${set('w', '18446744073709551615')}incr w 1\r\nget w\r\n`,
  ttl:
    `set a 0 -1 1\r\nx\r\nget a\r\nset a 0 100 1\r\nx\r\nmg a t\r\n${lines('touch a 50', 'mg a t')}` +
    lines('touch a x', 'touch b 5', 'gat 30 a b', 'gats 20 a', 'gat x a', 'gat 10', 'mg a t') +
    'set r 0 2592001 1\r\nx\r\nget r\r\nset a 0 1.5 1\r\nx\r\ntouch a -1\r\nget a\r\n' +
    'set a 0 4294967296 1\r\nx\r\nget a\r\nset a 0 4294967295 1\r\nx\r\nget a\r\n' +
    `set a 0 9223372036854775808 1\r\nx\r\n${lines('ma n N50 T-1 t', 'ma o N-1 t', 'ma n t')}` +
    `${set('l', '99')}${lines('ma l T40 t c', 'mg l t c v', 'ma l T40 t c', 'mg l t c v')}`,
  'lines that are none':
    lines(
      'foo',
      '',
      'x',
      'get',
      'gets',
      'gat',
      'set a',
      'set a 0 0',
      'set a 0 0 x',
      'set a 0 0 -1',
    ) +
    'set a x 0 1\r\nx\r\nset a 0 0 1 noreply x\r\nset a 0 0 4294967297\r\nx\r\n' +
    lines(
      'delete',
      'delete a 5',
      'delete a 0',
      'delete a 0 noreply',
      'delete a x noreply',
      'delete a 0 0 0',
    ) +
    lines(
      'incr',
      'incr a',
      'touch a',
      'verbosity',
      'verbosity x',
      'verbosity 1',
      'version a',
      'mx a',
    ) +
    lines(
      'flush_all x',
      'flush_all 0 noreply',
      'flush_all noreply',
      'flush_all 1 2 3',
      'quux a b c',
    ) +
    lines(
      'cache_memlimit',
      'cache_memlimit 7',
      'cache_memlimit 64',
      'cache_memlimit x',
      'shutdown',
    ) +
    lines(
      'cache_memlimit 1000000001',
      'lru_crawler',
      'lru_crawler foo',
      'stats foo',
      'stats reset',
    ),
  'data of another length': 'set a 0 0 3\r\nabcdef\r\nget a\r\nset a 0 0 3\r\nab\r\nget b\r\n',
  'a key that is too long, read': `get a ${TOO_LONG}\r\n`,
  'a key that is too long':
    `set ${TOO_LONG} 0 0 3\r\nabc\r\ndelete ${TOO_LONG}\r\nincr ${TOO_LONG} 1\r\ntouch ${TOO_LONG} 1\r\n` +
    `${set(x(250), 'abc')}get ${x(250)}\r\nmg ${TOO_LONG} v\r\nms ${TOO_LONG} 2\r\nab\r\nmd ${TOO_LONG}\r\n` +
    `ma ${TOO_LONG}\r\nme ${TOO_LONG}\r\n`,
  noreply:
    `${set('a', 'x', ' noreply')}get a\r\nadd a 0 0 1 noreply\r\nx\r\nincr a 1 noreply\r\nincr a x noreply\r\n` +
    `${lines('delete a noreply', 'delete a noreply')}set a x 0 1 noreply\r\nx\r\nset a 0 0 1 noreply\r\nxyz\r\n` +
    lines(
      'get a',
      'touch a 5 noreply',
      'verbosity 1 noreply',
      'cache_memlimit 64 noreply',
      'flush_all noreply',
    ),
  'bytes of zero': `${set('a', 'x')}get a\0b\r\nset a\0b 0 0 1\r\ny\r\nmg a\0b v k\r\n`,
  'values that are too large':
    `${set('a', 'abc')}${store('set a 0 0', LARGEST + 60)}get a\r\n${set('a', 'abc')}` +
    `${store('add a 0 0', LARGEST + 60)}get a\r\n${store('replace a 0 0', LARGEST + 60)}get a\r\n` +
    `${store('ms a', LARGEST + 60)}get a\r\n${store('set a 0 0', LARGEST)}mg a s\r\n` +
    `${store('set a 0 0', LARGEST + 1)}mg a s\r\n${store('set a 1 0', LARGEST - 4)}mg a s\r\n` +
    `${store('set a 1 0', LARGEST - 3)}mg a s\r\n${store('set a 0 0', 1_000_000)}` +
    `${store('append a 0 0', 100_000)}mg a s\r\n`,
  mg:
    `${lines('mg a', 'mg a v', 'mg a v q', 'mg a k O1', 'mg a q k O1')}set a 5 0 3\r\nabc\r\n` +
    lines('mg a', 'mg a v', 'mg a k f s t c v O12 q', 'mg a h l', 'mg a h u', 'mg a h', 'mg a h') +
    lines(
      'mg',
      'mg a v v',
      'mg a z',
      'mg a C5 v',
      'mg a E5',
      'mg a T30 t',
      'mg a t T-1',
      'mg a v',
    ) +
    lines(
      'mg a O',
      'mg a P1 L2 k',
      'mg a Tx',
      'mg a b',
      'mg YQ== b k v',
      'mg YQ b',
      'mg YQ== b q',
    ) +
    lines('mn', 'mn a', 'mg q v q', 'version'),
  'flags that renew, before and behind a new ttl': ['', 'T5', 'T100']
    .flatMap((ttl) =>
      ['R30 T-1', 'T-1 R30', 'R30 T5', 'T5 R30', 'R30 T100', 'T100 R30', 'R30 T0', 'T0 R30'].map(
        (flags) => `ms b 1 ${ttl}\r\nx\r\nmg b ${flags}\r\n`,
      ),
    )
    .join(''),
  leases:
    `${lines('mg a N30 v t k', 'mg a v t', 'mg a N30 v t h', 'get a')}add a 0 0 1\r\nx\r\n${ms('a', 'hi', 'T0')}` +
    lines('mg a v N30 t', 'mg b N30 T20 t', 'mg c T20 N30 t', 'mg d N0 t', 'mg e N-1', 'mg e') +
    `${lines('mg YmI= b N30 k', 'mg YmI= b k v', 'mg bb k v')}set r 0 30 1\r\nx\r\n` +
    `${lines('mg r R20 t', 'mg r R60 t', 'mg r R60 t', 'mg r v', 'touch r 100', 'mg r R200')}${set('r', 'x')}mg r R100\r\n`,
  'stale items':
    `${set('a', 'x')}md a I T30\r\nmg a v c t\r\nmg a v c t\r\n${ms('a', 'y', 'I C1')}mg a v c t\r\n` +
    `${ms('a', 'z', 'I C9999')}get a\r\nmd a I\r\n${ms('a', 'zz', 'C0')}` +
    lines('md a C1', 'md a', 'md a k O1', 'md a q k O1'),
  ms:
    `${lines('ms', 'ms a', 'ms a x', 'ms a -1')}ms a 2\r\nab\r\nmg a v f t\r\n${ms('a', 'ab', 'F5 T100 c k O9')}` +
    `mg a v f t\r\n${ms('a', 'cd', 'q')}${ms('a', 'cd', 'ME q k')}${ms('a', 'cd', 'ME k')}${ms('b', 'cd', 'MR')}` +
    `${ms('a', 'ef', 'MA')}${ms('a', 'gh', 'MP')}get a\r\n${ms('a', 'ab', 'MX')}${ms('a', 'ab', 'MAB')}` +
    `${ms('a', 'ab', 'Ma')}${ms('a', 'ab', 'Fx')}${ms('a', 'ab', 'F4294967297')}mg a f\r\n${ms('a', 'ab', 'Tx')}` +
    `${ms('a', 'ab', 's')}${ms('a', 'ab', 'N30 MA')}${ms('c', 'ab', 'N30 MA')}${ms('a', 'ab', 'C1')}` +
    `${ms('zz', 'ab', 'C1')}${ms('a', 'ab', 'v t f h l')}${ms('a', 'ab', 'E5')}${ms('a', 'ab', 'F1 F2')}` +
    `ms a 2\r\nabcd\r\nms a 2 q\r\nabcd\r\n${ms('YQ==', 'xx', 'b k')}get a\r\nmg a k v\r\n` +
    `${ms('YQ==', 'yy', 'b MA k')}mg a k v\r\n${ms('YQ', 'xx', 'b')}${ms('a', 'ab', 'T-1')}mg a\r\n`,
  opaques:
    `mg a O${x(31)}\r\nmg a O${x(32)}\r\n${ms('a', 'x', `O${x(31)}`)}${ms('a', 'x', `O${x(32)}`)}` +
    `mg a O${x(32)}\r\nmd a O${x(32)}\r\nmg a v\r\nma a O${x(32)}\r\n`,
  md:
    `${lines('md a', 'md a q')}${set('a', 'x')}${lines('md a x', 'md a q q', 'md a C5', 'md a Cx', 'md a', 'md')}` +
    `${ms('a', 'x')}${lines('md YQ== b k', 'md YQ== b k O1')}`,
  ma:
    lines(
      'ma n',
      'ma n q k O1',
      'ma n N0 J5 v t c',
      'ma n v',
      'ma n D10 v k O2 t',
      'ma n MD D3 v',
    ) +
    lines(
      'ma n M- D100 v',
      'get n',
      'ma n MI',
      'ma n M+ T30 t v',
      'ma n Mi',
      'ma n MX',
      'ma n q',
      'ma n q v',
    ) +
    `${lines('ma n C1', 'ma n C0 c')}${set('s', 'x')}${lines('ma s', 'ma s q', 'ma x N30 q')}` +
    lines(
      'ma y N30 J18446744073709551615 v',
      'ma y D18446744073709551615 v',
      'ma y Dx',
      'ma y Jx',
    ) +
    lines('ma eHg= b N30 k v', 'mg eHg= b k v', 'mg xx k v', 'ma xx v N10 t', 'ma'),
  me:
    `me a\r\nset a 5 0 1\r\nx\r\n${lines('me a', 'get a', 'me a', 'get a', 'me a', 'me YQ== b')}` +
    `${ms('YQ==', 'hi', 'b')}${lines('me a', 'me YQ== b', 'me YQ b', 'me')}`,
  'many flags':
    lines(
      'mg a v f t s c k O1 q h l u T1 N1 R1 P1 L1 F1',
      'mg a v f t s c k O1 q h l u T1 N1 R1 P1 L1 F1 I',
    ) +
    `${ms('a', 'x', 'f t s c k O1 q h l u T9 N9 R9 P1 L1 F1')}${ms('a', 'x', 'f t s c k O1 q h l u T9 N9 R9 P1 L1 F1 D1')}` +
    'md a k k O1 q h l u T1 N1 R1 P1 L1 F1 I C1 D1 J1 M1 b\r\n',
  quiet:
    `${set('a', 'x')}${lines('mg a q v', 'version', 'mg b q', 'version')}${ms('a', 'x', 'q')}` +
    lines(
      'verbosity 1',
      'md a q',
      'incr a 1',
      'ma n N0 q',
      'ma n q',
      'delete n',
      'mg a q',
      'touch z 1',
    ),
  flushes:
    `${set('a', 'x')}flush_all\r\nget a\r\n${set('a', 'x')}${lines('get a', 'gets a', 'flush_all 10', 'get a')}` +
    `flush_all -5\r\nget a\r\n${set('a', 'x')}get a\r\n`,
  'one line of many keys':
    `${set('k3', 'x')}${set('k40', 'y')}` +
    `get ${Array.from({ length: 60 }, (_, i) => `k${i}`).join(' ')}\r\n`,
};
