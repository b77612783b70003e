import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import type { ItemFacts } from '../../../src/protocol/meta-flags.ts';
import type { ItemView } from '../../../src/protocol/reply.ts';
import { asMeta, GET, GETS, metaRead, type ReadForm } from '../../../src/server/read-form.ts';
import { ReadWaiter, wireText } from '../../support/waiters.ts';
import { formVolley, Host, reply, send } from './volleys.ts';
import { Volley } from '../../../src/server/volley.ts';

const READ = metaRead('v f c t');
const FACTS = metaRead('s t h l c f');
const LEASE = metaRead('v f c N30');
const BLANK = wireKey(Buffer.from('a b'), '');
const OTHER_BLANK = wireKey(Buffer.from('a c'), '');

/** The facts themselves are used again for the next answer. */
function factsOf({ facts }: ItemView): ItemFacts {
  const { size, ttl, idle, hit, won, stale, lost, opaque, flagged, valued } = facts;
  return { size, ttl, idle, hit, won, stale, lost, opaque, flagged, valued };
}

/** Keeps what an answer says beside the value. */
class FactsWaiter extends ReadWaiter {
  readonly facts: ItemFacts[] = [];
  readonly owned: boolean[] = [];

  override item(tag: number, item: ItemView): void {
    super.item(tag, item);
    this.facts.push(factsOf(item));
    this.owned.push(item.owned);
  }
}

function factsVolley(form: ReadForm, ...keys: string[]) {
  const { volley, host } = formVolley(form);
  const waiter = new FactsWaiter();
  keys.forEach((key, tag) => volley.join(key, waiter, tag));
  return { volley, host, waiter };
}

/** The numbers that a written request gave to its keys in base64. */
const opaques = (request: string): string[] => [...request.matchAll(/ O(\d+)/g)].map(([, n]) => n);

const WHOLE = { answered: true, refused: undefined, broken: undefined };
const BROKEN = { answered: false, refused: undefined, broken: 'ERR_MEMCACHE_PROTOCOL' };

test('each key has a line of its own, and is to be named by its answer', () => {
  const { volley } = formVolley(READ, 'b', 'a', 'b', '\xff');
  assert.equal(volley.grammar, 'meta');
  assert.deepEqual([volley.verb, volley.size, volley.operations], ['mg', 3, 4]);
  const request = wireText(volley);
  assert.equal(request, 'mg b k v f c t\r\nmg a k v f c t\r\nmg \xff k v f c t\r\n');
  assert.ok(volley.bytes >= request.length, 'its bytes are not told too few');
});

test('hits are told as they come, misses only with the end of the whole answer', () => {
  const { volley, waiter, host } = formVolley(READ, 'a', 'b', 'c', 'd');
  send(volley);
  assert.deepEqual(reply(volley, 'EN ka\r\nVA 1 kb f0 c1 t-1\r\n2\r\nEN\r\n'), {
    ...WHOLE,
    answered: false,
  });
  assert.deepEqual(waiter.told, [[1, '2']]);
  assert.deepEqual(host.counts, { hits: 0, misses: 0 });
  assert.equal(volley.complete, false);
  assert.deepEqual(reply(volley, 'VA 0 kd f0 c2 t5\r\n\r\n'), WHOLE);
  assert.deepEqual(waiter.told, [
    [1, '2'],
    [3, ''],
    [0, 'miss'],
    [2, 'miss'],
  ]);
  assert.deepEqual(host.counts, { hits: 2, misses: 2 });
  assert.deepEqual([volley.complete, volley.abandoned], [true, true]);
});

test('the last answer may be a miss', () => {
  const { volley, waiter } = formVolley(READ, 'a', 'b');
  send(volley);
  assert.deepEqual(reply(volley, 'EN\r\nEN kb\r\n'), WHOLE);
  assert.deepEqual(waiter.told, [
    [0, 'miss'],
    [1, 'miss'],
  ]);
});

test('a swapped answer breaks the stream without having lied', () => {
  const wrong = [
    'EN ka\r\nEN kc\r\n',
    'EN ka\r\nVA 1 kc f0 c1 t0\r\n3\r\n',
    'EN kb\r\n',
    'VA 1 kb f0 c1 t0\r\n2\r\n',
    'EN ka\r\nEN ka\r\n',
    'EN\r\nVA 1 ka f0 c1 t0\r\n1\r\n',
  ];
  for (const text of wrong) {
    const { volley, waiter } = formVolley(READ, 'a', 'b', 'c');
    send(volley);
    assert.deepEqual(reply(volley, text), BROKEN, text);
    assert.deepEqual(waiter.told, [], text);
  }
});

test('an answer that does not name its key, or is none, breaks the stream', () => {
  const wrong = [
    'VA 1 f0 c1 t0\r\n1\r\n',
    'VA 1 k f0 c1 t0\r\n1\r\n',
    'VA 1 kA f0 c1 t0\r\n1\r\n',
    'VA 1 kab f0 c1 t0\r\n1\r\n',
    'VA 1 ka f0 c1 t0 O7\r\n1\r\n',
    'VA 1 ka f0 t0\r\n1\r\n',
    'VALUE a 0 1\r\n1\r\n',
    'HD ka c1 t0\r\n',
    'HD\r\n',
    'NF ka\r\n',
    'NS\r\n',
    'ENka\r\n',
    'ENX\r\n',
    'EN ka O7\r\n',
    'EN ka t\r\n',
    'END\r\n',
    'MN\r\n',
    'STORED\r\n',
    '\r\n',
  ];
  for (const text of wrong) {
    const { volley, waiter } = formVolley(READ, 'a');
    send(volley);
    assert.deepEqual(reply(volley, text), BROKEN, text);
    assert.deepEqual(waiter.told, [], text);
  }
});

test('more than was asked for breaks the stream', () => {
  const { volley, waiter } = formVolley(READ, 'a');
  send(volley);
  assert.deepEqual(reply(volley, 'EN\r\nEN\r\n'), { ...BROKEN, answered: true });
  assert.deepEqual(waiter.told, [[0, 'miss']]);
});

test('a plain key may be named in base64: the item was stored so by another client', () => {
  const { volley, waiter } = formVolley(READ, 'a', 'bc', 'bcd');
  send(volley);
  const text = 'VA 1 kYQ== f0 c1 t0 b\r\n1\r\nVA 1 kYmM= f0 c1 t0 b\r\n2\r\nEN kYmNk b\r\n';
  assert.deepEqual(reply(volley, text), WHOLE);
  assert.deepEqual(waiter.told, [
    [0, '1'],
    [1, '2'],
    [2, 'miss'],
  ]);
});

describe('keys in base64', () => {
  test('are known by their number, whether they are named or not', () => {
    for (const named of [false, true]) {
      const { volley, waiter } = formVolley(asMeta(GETS), BLANK, 'plain', OTHER_BLANK);
      const [first, second] = opaques(send(volley));
      assert.equal(Number(second), Number(first) + 2);
      const [one, two] = named ? [' kYSBi', ' kYSBj'] : ['', ''];
      const text = `VA 1${one} O${first} f0 c1 b\r\n1\r\nVA 1 kplain f0 c2\r\n2\r\nEN${two} O${second} b\r\n`;
      assert.deepEqual(reply(volley, text), WHOLE);
      assert.deepEqual(waiter.told, [
        [0, '1'],
        [1, '2'],
        [2, 'miss'],
      ]);
    }
  });

  test('with the number of another, without one or with another name they break the stream', () => {
    const wrong = (mine: string, other: string): string[] => [
      `VA 1 O${other} f0 c1\r\n1\r\n`,
      'VA 1 f0 c1\r\n1\r\n',
      `VA 1 kYSBj O${mine} f0 c1\r\n1\r\n`,
      `VA 1 ka O${mine} f0 c1\r\n1\r\n`,
      `EN O${other}\r\n`,
      `EN kYSBj O${mine} b\r\n`,
    ];
    for (let i = 0; i < 6; i++) {
      const { volley, waiter } = formVolley(asMeta(GETS), BLANK, OTHER_BLANK);
      const [mine, other] = opaques(send(volley));
      const text = wrong(mine, other)[i];
      assert.deepEqual(reply(volley, text), BROKEN, text);
      assert.deepEqual(waiter.told, [], text);
    }
  });

  test('a miss of an older server names nothing', () => {
    const { volley, waiter } = formVolley(asMeta(GET), BLANK);
    send(volley);
    assert.deepEqual(reply(volley, 'EN\r\n'), WHOLE);
    assert.deepEqual(waiter.told, [[0, 'miss']]);
  });

  test('an opaque of the caller takes the place of the number', () => {
    const form = metaRead('v f Oq7');
    const { volley, waiter } = formVolley(form, BLANK, 'a');
    assert.equal(send(volley), 'mg YSBi b v f Oq7\r\nmg a k v f Oq7\r\n');
    assert.deepEqual(reply(volley, 'VA 1 f0 Oq7\r\n1\r\nVA 1 ka f0 Oq7\r\n2\r\n'), WHOLE);
    assert.deepEqual(waiter.told, [
      [0, '1'],
      [1, '2'],
    ]);
    const again = formVolley(form, 'a');
    send(again.volley);
    assert.deepEqual(reply(again.volley, 'VA 1 ka f0 Oq8\r\n2\r\n'), BROKEN);
  });
});

describe('without a value', () => {
  test('HD is a hit that says what was asked', () => {
    const { volley, waiter, host } = factsVolley(FACTS, 'a', 'b', 'c');
    host.bulk = true;
    send(volley);
    const text = 'HD ka s5 t-1 h1 l7 c99 f16\r\nEN kb\r\nHD kc s0 t3 h0 l0 c1 f0 W\r\n';
    assert.deepEqual(reply(volley, text), WHOLE);
    assert.deepEqual(waiter.told, [
      [0, ''],
      [2, ''],
      [1, 'miss'],
    ]);
    const [a, c] = waiter.facts;
    assert.deepEqual([a.size, a.ttl, a.hit, a.idle, a.won, a.valued], [5, -1, 1, 7, false, false]);
    assert.deepEqual([c.size, c.ttl, c.hit, c.idle, c.won, c.valued], [0, 3, 0, 0, true, false]);
    assert.deepEqual(host.counts, { hits: 2, misses: 1 });
    assert.deepEqual(host.misplacedKeys, [], 'its size has not been seen');
  });

  test('HD has to name its key, and hold the token that was asked for', () => {
    for (const text of ['HD s5 c1\r\n', 'HD kb s5 c1\r\n', 'HD ka s5\r\n', 'HD ka O1 s5 c1\r\n']) {
      const { volley, waiter } = formVolley(FACTS, 'a');
      send(volley);
      assert.deepEqual(reply(volley, text), BROKEN, text);
      assert.deepEqual(waiter.told, [], text);
    }
  });

  test('a value is foreign where none was asked for', () => {
    const { volley, waiter } = formVolley(FACTS, 'a');
    send(volley);
    assert.deepEqual(reply(volley, 'VA 1 ka s1 c1\r\n1\r\n'), BROKEN);
    assert.deepEqual(waiter.told, []);
  });

  test('a key in base64 is known by its number', () => {
    const { volley, waiter } = factsVolley(FACTS, BLANK, OTHER_BLANK);
    const [first, second] = opaques(send(volley));
    assert.deepEqual(reply(volley, `HD O${first} s5 c1\r\nHD O${second} s6 c1\r\n`), WHOLE);
    assert.deepEqual(
      waiter.facts.map(({ size }) => size),
      [5, 6],
    );
    const swapped = formVolley(FACTS, BLANK, OTHER_BLANK);
    const [, other] = opaques(send(swapped.volley));
    assert.deepEqual(reply(swapped.volley, `HD O${other} s5 c1\r\n`), BROKEN);
  });

  test('a conditional read is answered with or without one, and only the value tells the way', () => {
    const { volley, waiter, host } = factsVolley(metaRead('v f c C7'), 'a', 'b');
    host.bulk = true;
    send(volley);
    assert.deepEqual(reply(volley, 'HD ka f0 c7\r\nVA 1 kb f0 c8\r\n1\r\n'), WHOLE);
    assert.deepEqual(
      waiter.facts.map(({ valued }) => valued),
      [false, true],
    );
    assert.deepEqual(host.misplacedKeys, ['b']);
  });
});

describe('an error line', () => {
  test('SERVER_ERROR for one key fails only that key, and is an answer in time', () => {
    const { volley, waiter, host } = formVolley(READ, 'a', 'b', 'c');
    send(volley);
    const text = 'VA 1 ka f0 c1 t0\r\n1\r\nSERVER_ERROR out of memory\r\nEN kc\r\n';
    assert.deepEqual(reply(volley, text), WHOLE);
    assert.deepEqual(waiter.told, [
      [0, '1'],
      [1, 'ERR_MEMCACHE_SERVER'],
      [2, 'miss'],
    ]);
    const [{ server, command, sent, retryable }] = waiter.errors;
    assert.deepEqual(
      { server, command, sent, retryable },
      { server: 'a:1', command: 'mg', sent: 'yes', retryable: true },
    );
    assert.deepEqual(host.counts, { hits: 1, misses: 1 });
    assert.deepEqual([host.halves, host.answers, host.repeats], [[], 1, Infinity]);
  });

  test('also for the only key, and for the last one', () => {
    for (const keys of [['a'], ['b', 'a']]) {
      const { volley, waiter, host } = formVolley(READ, ...keys);
      send(volley);
      const text = `${keys.length > 1 ? 'EN\r\n' : ''}SERVER_ERROR busy\r\n`;
      assert.deepEqual(reply(volley, text), WHOLE);
      assert.deepEqual(waiter.told[0], [keys.length - 1, 'ERR_MEMCACHE_SERVER']);
      assert.equal(waiter.told.length, keys.length);
      assert.deepEqual([host.halves, host.answers], [[], 1]);
    }
  });

  test('for a key nobody waits for any more, it is none in time', () => {
    const { volley, waiter, host } = formVolley(READ, 'a');
    send(volley);
    waiter.settled = true;
    assert.deepEqual(reply(volley, 'SERVER_ERROR busy\r\n'), WHOLE);
    assert.deepEqual([waiter.told, host.answers], [[], 0]);
  });

  test('CLIENT_ERROR and ERROR fail what is not answered, and the stream', () => {
    for (const [line, code] of [
      ['CLIENT_ERROR invalid flag', 'ERR_MEMCACHE_CLIENT'],
      ['ERROR', 'ERR_MEMCACHE_UNKNOWN_COMMAND'],
    ]) {
      const { volley, waiter, host } = formVolley(READ, 'a', 'b', 'c');
      send(volley);
      const fate = reply(volley, `VA 1 ka f0 c1 t0\r\n1\r\n${line}\r\n`);
      assert.deepEqual(fate, { ...BROKEN, refused: line.split(' ')[0] });
      assert.deepEqual(waiter.told, [
        [0, '1'],
        [1, code],
        [2, code],
      ]);
      assert.deepEqual(host.halves, []);
    }
  });
});

test('keys whose waiters are gone are not asked for, and no answer is due for them', () => {
  const { volley, host, waiter } = formVolley(READ);
  const gone = new ReadWaiter();
  for (const [tag, key] of ['x', 'a', 'y', 'b', 'z'].entries())
    volley.join(key, key === 'a' || key === 'b' ? waiter : gone, tag);
  gone.settled = true;
  assert.equal(send(volley), 'mg a k v f c t\r\nmg b k v f c t\r\n');
  assert.deepEqual(host.droppedKeys, ['x', 'y', 'z']);
  assert.deepEqual(reply(volley, 'EN ka\r\nVA 1 kb f0 c1 t0\r\n2\r\n'), WHOLE);
  assert.deepEqual(waiter.told, [
    [3, '2'],
    [1, 'miss'],
  ]);
  assert.deepEqual(gone.told, []);
});

test('waiters that settle meanwhile hear nothing more, and the stream goes on', () => {
  const { volley, waiter } = formVolley(READ, 'a', 'b');
  const other = new ReadWaiter();
  volley.join('b', other, 9);
  send(volley);
  waiter.settled = true;
  assert.deepEqual([volley.wants(0), volley.wants(1)], [false, true]);
  const large = 'x'.repeat(50_000);
  const text = `VA ${large.length} ka f0 c1 t0\r\n${large}\r\nVA 1 kb f0 c1 t0\r\n2\r\n`;
  assert.deepEqual(reply(volley, text, 1000), WHOLE);
  assert.deepEqual([waiter.told, other.told], [[], [[9, '2']]]);
});

describe('callers of one key', () => {
  test('share its line, its item and its miss', () => {
    const { volley, host } = formVolley(READ);
    const waiters = Array.from({ length: 6 }, () => new ReadWaiter());
    waiters.forEach((waiter, i) => volley.join(i % 2 === 0 ? 'a' : 'b', waiter, i));
    assert.equal(send(volley), 'mg a k v f c t\r\nmg b k v f c t\r\n');
    assert.deepEqual(reply(volley, 'VA 1 ka f0 c1 t0\r\nx\r\nEN\r\n'), WHOLE);
    waiters.forEach(({ told }, i) => assert.deepEqual(told, [[i, i % 2 === 0 ? 'x' : 'miss']]));
    assert.deepEqual(host.counts, { hits: 3, misses: 3 });
  });

  test('fail together', () => {
    const { volley, waiter } = formVolley(READ, 'a');
    const other = new ReadWaiter();
    volley.join('a', other, 1);
    send(volley);
    assert.deepEqual(reply(volley, 'SERVER_ERROR busy\r\n'), WHOLE);
    assert.deepEqual(waiter.told, [[0, 'ERR_MEMCACHE_SERVER']]);
    assert.deepEqual(other.told, [[1, 'ERR_MEMCACHE_SERVER']]);
  });

  test('one of them wins a lease, as if each had asked for itself', () => {
    for (const [text, won] of [
      ['VA 0 ka f0 c1 W\r\n\r\n', [true, false, false]],
      ['VA 1 ka f0 c1 X W\r\n1\r\n', [true, false, false]],
      ['VA 0 ka f0 c1 Z\r\n\r\n', [false, false, false]],
    ] as const) {
      const { volley } = formVolley(LEASE);
      const waiters = won.map(() => new FactsWaiter());
      waiters.forEach((waiter, tag) => volley.join('a', waiter, tag));
      send(volley);
      assert.deepEqual(reply(volley, text), WHOLE);
      const facts = waiters.map((waiter) => waiter.facts[0]);
      assert.deepEqual(
        facts.map((one) => [one.won, one.lost]),
        won.map((one) => [one, !one]),
      );
      assert.ok(facts.every(({ stale }) => stale === text.includes('X')));
    }
  });

  test('a lease goes to the first who still waits', () => {
    const { volley } = formVolley(LEASE);
    const waiters = [0, 1, 2, 3].map(() => new FactsWaiter());
    waiters.forEach((waiter, tag) => volley.join('a', waiter, tag));
    send(volley);
    waiters[0].settled = true;
    waiters[1].settled = true;
    assert.deepEqual(reply(volley, 'VA 0 ka f0 c1 W\r\n\r\n'), WHOLE);
    assert.deepEqual(
      waiters.map(({ facts }) => facts.map(({ won, lost }) => [won, lost])),
      [[], [], [[true, false]], [[false, true]]],
    );
  });
});

test('large values come in buffers of their own, each with what its answer says', () => {
  const { volley, waiter } = factsVolley(READ, 'a', 'b', 'c');
  const sharer = new FactsWaiter();
  volley.join('b', sharer, 9);
  send(volley);
  const large = (fill: string): string => fill.repeat(50_000);
  const text =
    `VA 50000 ka f1 c1 t7 X W\r\n${large('1')}\r\n` +
    `VA 50000 kb f0 c2 t-1\r\n${large('2')}\r\nVA 1 kc f0 c3 t9 Z\r\n3\r\n`;
  assert.deepEqual(reply(volley, text, 1000), WHOLE);
  assert.deepEqual(waiter.told, [
    [0, large('1')],
    [1, large('2')],
    [2, '3'],
  ]);
  assert.deepEqual(sharer.told, [[9, large('2')]]);
  assert.deepEqual([waiter.owned, sharer.owned], [[true, true, false], [false]]);
  assert.deepEqual(
    waiter.facts.map(({ ttl, won, stale, lost }) => [ttl, won, stale, lost]),
    [
      [7, true, true, false],
      [-1, false, false, false],
      [9, false, false, true],
    ],
  );
});

test('every split of an answer comes to the same', () => {
  const text =
    'EN ka\r\nVA 7 kb f16 c2 t-1 h0 W\r\nVA 1 kc\r\nSERVER_ERROR busy\r\nHD kd c7 f0\r\nEN\r\n';
  const told = (pieceBytes: number) => {
    const { volley, waiter, host } = factsVolley(metaRead('v f c t C7'), 'a', 'b', 'c', 'd', 'e');
    send(volley);
    assert.deepEqual(reply(volley, text, pieceBytes), WHOLE, `pieces of ${pieceBytes}`);
    return { told: waiter.told, facts: waiter.facts, counts: host.counts };
  };
  const whole = told(Infinity);
  assert.deepEqual(whole.told, [
    [1, 'VA 1 kc'],
    [2, 'ERR_MEMCACHE_SERVER'],
    [3, ''],
    [0, 'miss'],
    [4, 'miss'],
  ]);
  for (let pieceBytes = 1; pieceBytes < text.length; pieceBytes++)
    assert.deepEqual(told(pieceBytes), whole);
});

test('a server that does not speak meta is not asked', () => {
  for (const form of [READ, asMeta(GET)]) {
    const volley = new Volley(10, new Host({ speaksMeta: false }));
    volley.form = form;
    volley.join('a', new ReadWaiter(), 0);
    assert.throws(() => wireText(volley), {
      code: 'ERR_MEMCACHE_UNSUPPORTED',
      command: form.verb,
      sent: 'no',
    });
  }
});

test('it is used again for another form, and holds nothing of its earlier use', () => {
  const { volley, host, waiter } = formVolley(READ, 'a', 'b');
  send(volley);
  assert.deepEqual(reply(volley, 'EN\r\n').answered, false);
  volley.fail(new Error('lost') as never);
  volley.reset();
  volley.form = GET;
  volley.join('c', waiter, 7);
  assert.deepEqual([volley.grammar, volley.bytes, send(volley)], ['items', 2, 'get c\r\n']);
  assert.deepEqual(reply(volley, 'VALUE c 0 1\r\nx\r\nEND\r\n'), WHOLE);
  volley.reset();
  volley.form = FACTS;
  volley.join('d', waiter, 8);
  assert.equal(send(volley), 'mg d k s t h l c f\r\n');
  assert.deepEqual(reply(volley, 'HD kd c1\r\n'), WHOLE);
  assert.deepEqual(waiter.told.slice(2), [
    [7, 'x'],
    [8, ''],
  ]);
  assert.deepEqual(host.counts, { hits: 2, misses: 0 });
});
