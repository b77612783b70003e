import assert from 'node:assert/strict';
import { classicCommand } from '../../../src/testing/fake-classic.ts';
import { FakeClock } from '../../../src/testing/fake-clock.ts';
import { serverCommand } from '../../../src/testing/fake-facts.ts';
import { FakeItems } from '../../../src/testing/fake-items.ts';
import { metaCommand } from '../../../src/testing/fake-meta.ts';
import { EndlessLine, type ReadRequest, RequestReader } from '../../../src/testing/fake-request.ts';
import { assertNothingPolluted, cutsOf, Input } from './bytes.ts';

const MOST_VALUE_BYTES = 1024;
const FACTS = {
  version: '1.6.18',
  itemSizeMax: MOST_VALUE_BYTES,
  startedAt: 0,
  connections: 1,
  connectionsEver: 1,
};

interface Heard {
  readonly requests: ReadRequest[];
  /** A line did not end. */
  readonly endless: boolean;
}

function hear(stream: Buffer, cuts: readonly number[]): Heard {
  const reader = new RequestReader();
  const requests: ReadRequest[] = [];
  let from = 0;
  try {
    for (const cut of [...cuts, stream.length]) {
      for (const request of reader.read(stream.subarray(from, cut))) requests.push(request);
      from = cut;
    }
  } catch (error) {
    if (!(error instanceof EndlessLine)) throw error;
    return { requests, endless: true };
  }
  return { requests, endless: false };
}

/** Bytes: how the stream is cut, then the stream. It is taken apart the same however it is cut, and all is answered. */
export function fuzz(data: Buffer): void {
  const input = new Input(data);
  const choice = input.byte();
  const stream = input.rest();
  const whole = hear(stream, []);
  const split = hear(stream, cutsOf(choice, stream.length));
  // In pieces a line that does not end may be found out before its end comes.
  assert.ok(split.endless || !whole.endless);
  const heard = split.endless ? whole.requests.slice(0, split.requests.length) : whole.requests;
  assert.deepEqual(split.requests, heard);
  const taken = Buffer.concat(whole.requests.map(({ bytes }) => bytes));
  assert.ok(stream.subarray(0, taken.length).equals(taken), 'bytes are lost or made up');
  answerAll(whole.requests);
  assertNothingPolluted();
}

function answerAll(requests: readonly ReadRequest[]): void {
  const items = new FakeItems(new FakeClock(), MOST_VALUE_BYTES);
  for (const request of requests) {
    items.tick();
    const { reply } = classicCommand(items, request) ??
      metaCommand(items, request) ??
      serverCommand(items, request, FACTS) ?? { reply: 'ERROR\r\n' };
    assert.ok(
      reply === undefined || reply.length === 0 || reply.at(-1) === '\n' || reply.at(-1) === 10,
    );
  }
  for (const { key, data } of items.all()) {
    assert.ok(key.length > 0 && key.length <= 250);
    assert.ok(data.length <= MOST_VALUE_BYTES);
  }
}

const SESSIONS = [
  'set a 1 0 3\r\nabc\r\nget a b\r\ngets a\r\n',
  'set a 4294967295 -1 0\r\n\r\nadd a 0 0 1 noreply\r\nx\r\nreplace b 0 0 1\r\ny\r\n',
  'set n 0 0 2\r\n10\r\nincr n 5\r\ndecr n 18446744073709551615\r\nincr n x\r\nincr a 1 noreply\r\n',
  'set a 0 0 1\r\nx\r\nappend a 0 0 1\r\ny\r\nprepend a 0 0 1\r\nz\r\ncas a 0 0 1 1\r\nq\r\n',
  'gat 10 a b\r\ngats 0 a\r\ntouch a 100\r\ndelete a\r\ndelete a 0\r\ndelete a noreply\r\n',
  'ms a 2 T10 F5 c\r\nhi\r\nmg a v f t c k s h l O1\r\nmg b v N30 t\r\nmd a I T5\r\nmg a v\r\nmn\r\n',
  'ms YWI= 1 b I\r\nx\r\nmg YWI= b k v\r\nma n N0 J5 v\r\nma n MD D3 v t c q\r\nme a\r\nmd n q\r\nmn\r\n',
  'mg a R30 v q k\r\nms a S2 I\r\nhi\r\nms a 1 MA\r\nx\r\nms a 1 MZ\r\nx\r\nmg === b\r\nma a Dx\r\n',
  'set a 0 0 5\r\nabc\r\nget a\r\nset a 0 0 2\r\nabcdef\r\nset a 0 0 -1\r\nx\r\n',
  'version\r\nstats\r\nstats settings\r\nstats items\r\nstats nothing\r\nverbosity 1\r\nverbosity\r\n',
  'flush_all\r\nflush_all 10\r\nflush_all noreply\r\nflush_all -1\r\ncache_memlimit 64\r\nquit\r\n',
  'lru_crawler metadump all\r\nlru_crawler metadump hash\r\nmetadump\r\nwatch\r\nshutdown\r\n',
  'get\r\n\r\n\n get  a  \nset\r\nms\r\nmg\r\nma\r\nmd \0 a\r\nset \0 0 0 1\r\nx\r\n',
  `get ${'k'.repeat(251)}\r\nset ${'k'.repeat(251)} 0 0 1\r\nx\r\nget ${'k '.repeat(300)}\r\n`,
  `${'x'.repeat(2100)}\r\nversion\r\n`,
  'set a 0 0 99999999999\r\nms a 2147483646\r\n__proto__ a\r\nconstructor 1 2 3 4\r\ntoString\r\n',
  'constructor 1 2 3 4\r\n__proto__ 1 2 3 4\r\nhasOwnProperty a\r\n',
  'set __proto__ 0 0 1\r\nx\r\nget __proto__ constructor toString\r\nincr __proto__ 1\r\n',
];

export function seeds(): Buffer[] {
  return SESSIONS.map((session, i) =>
    Buffer.concat([Buffer.from([i % 5]), Buffer.from(session, 'latin1')]),
  );
}
