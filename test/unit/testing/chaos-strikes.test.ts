import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosPoint, ChaosStrike, ChaosTarget } from '../../../src/testing/index.ts';
import { until } from '../../support/fault-lab.ts';
import { type End, Wires } from './wires.ts';

const A = 'VALUE a 0 5\r\nhello\r\n';
const B = 'VALUE bb 16 3\r\nyou\r\n';
const END = 'END\r\n';
const VA = 'VA 4 f1 t-1\r\nabcd\r\n';
const GET = `${A}${B}${END}`;

/** What a client gets to see of these bytes after this strike. */
async function seen(
  t: TestContext,
  strike: ChaosStrike,
  bytes: string,
  { chunk = Infinity, ...target }: ChaosTarget & { chunk?: number } = {},
): Promise<{ text: string; client: End; server: End; struck: number }> {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  const pending = wires.proxy.strike(strike, target);
  const [from, to] = target.direction === 'toServer' ? [client, server] : [server, client];
  for (let at = 0; at < bytes.length; at += chunk) {
    if (!from.closed) from.send(bytes.slice(at, at + chunk));
    await sleep(chunk === Infinity ? 0 : 1);
  }
  if (!from.closed) from.socket.end();
  await until(() => to.ended || to.closed);
  return { text: to.text, client, server, struck: pending.struck };
}

const REST: Record<string, [ChaosPoint, string]> = {
  'byte 0': [{ byte: 0 }, ''],
  'byte 7': [{ byte: 7 }, A.slice(0, 7)],
  before: [{ value: 'before' }, ''],
  'before the second': [{ value: 'before', nth: 2 }, A],
  'in the header': [{ value: 'header', offset: 4 }, A.slice(0, 4)],
  'after the header': [{ value: 'after-header' }, A.slice(0, 13)],
  'in the data': [{ value: 'data', offset: 2 }, A.slice(0, 15)],
  'after the data': [{ value: 'after-data' }, A.slice(0, 18)],
  after: [{ value: 'after' }, A],
  'in the data of the second': [{ value: 'data', nth: 2, offset: 1 }, GET.slice(0, 36)],
};

for (const [place, [at, expected]] of Object.entries(REST)) {
  test(`reset and end ${place}: what stands before it arrives, nothing else`, async (t) => {
    for (const deed of ['reset', 'end'] as const) {
      for (const chunk of [Infinity, 1, 6]) {
        const { text, client, struck } = await seen(t, { do: deed, at }, GET, {
          chunk,
        });
        assert.equal(text, expected, `${deed} ${chunk}`);
        assert.equal(struck, 1);
        await until(() => client.closed);
        assert.equal(client.error, deed === 'reset' ? 'ECONNRESET' : undefined);
      }
    }
  });
}

test('drawn places lie truly inside, and come from the seed', async (t) => {
  const lengths = new Set<number>();
  for (let seed = 1; seed <= 12; seed++) {
    const wires = await Wires.lay(t, { seed });
    const { client, server } = await wires.connection();
    wires.proxy.strike({ do: 'end', at: { value: 'data' } });
    server.send(VA);
    await until(() => client.ended);
    assert.ok(client.text.length > 13 && client.text.length < 17, String(client.text.length));
    lengths.add(client.text.length);
  }
  assert.ok(lengths.size > 1);
});

test('a strike waits for its point and is not repeated', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  const strike = wires.proxy.strike({ do: 'insert', at: { value: 'before', nth: 2 }, bytes: '+' });
  server.send(`${END}${A}`);
  await client.got(5 + A.length);
  assert.equal(strike.struck, 0);
  server.send(`${VA}${VA}`);
  await strike.done;
  assert.equal(await client.got(6 + A.length + 2 * VA.length), `${END}${A}+${VA}${VA}`);
  assert.equal(strike.struck, 1);
});

test('times: as often as it says, over all connections', async (t) => {
  const wires = await Wires.lay(t);
  const [one, two] = [await wires.connection(), await wires.connection()];
  const strike = wires.proxy.strike({ do: 'drop', of: 'item', times: 3 });
  one.server.send('1\r\n2\r\n');
  await until(() => strike.struck === 2);
  two.server.send('3\r\n4\r\n');
  assert.equal(await two.client.got(3), '4\r\n');
  await strike.done;
  assert.equal(one.client.text, '');
});

test('pause, corrupt, insert and omit at a point', async (t) => {
  const cases: [ChaosStrike, string | ((text: string) => boolean)][] = [
    [{ do: 'insert', at: { value: 'after' }, bytes: 'junk\r\n' }, `${A}junk\r\n${B}${END}`],
    [{ do: 'insert', at: { byte: 0 }, bytes: END }, `${END}${GET}`],
    [{ do: 'omit', at: { value: 'after-data' }, bytes: 2 }, GET.replace('hello\r\n', 'hello')],
    [{ do: 'omit', at: { byte: 2 }, bytes: 11 }, `VA${GET.slice(13)}`],
    [{ do: 'pause', at: { value: 'data' }, ms: 5 }, GET],
    [
      { do: 'corrupt', at: { byte: 6 } },
      (text) => text !== GET && text.slice(0, 6) + text.slice(7) === GET.slice(0, 6) + GET.slice(7),
    ],
    [
      { do: 'corrupt', at: { value: 'data', offset: 0 } },
      (text) => text.slice(13, 14) !== 'h' && text.slice(14) === GET.slice(14),
    ],
  ];
  for (const [strike, expected] of cases) {
    for (const chunk of [Infinity, 1, 7]) {
      const { text } = await seen(t, strike, GET, { chunk });
      if (typeof expected === 'string') assert.equal(text, expected, JSON.stringify(strike));
      else assert.ok(expected(text), text);
    }
  }
});

test('a pause keeps the rest back, and clear ends one without end', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  wires.proxy.strike({ do: 'pause', at: { byte: 3 }, ms: Infinity });
  server.send('abcdef');
  await client.got(3);
  await sleep(50);
  assert.equal(client.text, 'abc');
  wires.proxy.clear();
  assert.equal(await client.got(6), 'abcdef');
});

test('duplicate, drop, swap and rewrite of items and replies', async (t) => {
  const two = `${GET}${END}`;
  const cases: [ChaosStrike, string][] = [
    [{ do: 'duplicate' }, `${GET}${GET}${END}`],
    [{ do: 'duplicate', of: 'item', nth: 2 }, `${A}${B}${B}${END}${END}`],
    [{ do: 'drop' }, END],
    [{ do: 'drop', nth: 2 }, GET],
    [{ do: 'drop', of: 'item', nth: 3 }, `${A}${B}${END}`],
    [{ do: 'swap' }, `${END}${GET}`],
    [{ do: 'swap', of: 'item' }, `${B}${A}${END}${END}`],
    [{ do: 'swap', of: 'item', nth: 2 }, `${A}${END}${B}${END}`],
    [
      { do: 'rewrite', of: 'item', as: (bytes) => bytes.toString().replace(' 5', ' 6') },
      `${A.replace(' 5', ' 6')}${B}${END}${END}`,
    ],
  ];
  for (const [strike, expected] of cases) {
    for (const chunk of [Infinity, 1, 11]) {
      const { text } = await seen(t, strike, two, { chunk });
      assert.equal(text, expected, `${JSON.stringify(strike)} ${chunk}`);
    }
  }
});

test('replies of meta commands, lines, stats and lists of keys are told apart', async (t) => {
  const replies = [
    VA,
    'HD\r\n',
    'VERSION 1.6.18\r\n',
    'STAT a 1\r\nSTAT b 2\r\nEND\r\n',
    'key=a exp=-1\r\nkey=b exp=-1\r\nEND\r\n',
    'CONFIG cluster 0 5\r\n1\na|b\r\nEND\r\n',
    GET,
    'SERVER_ERROR out\r\n',
    `${A}SERVER_ERROR out\r\n`,
    'EN\r\n',
  ];
  for (const [i, reply] of replies.entries()) {
    const { text } = await seen(t, { do: 'drop', nth: i + 1 }, replies.join(''), { chunk: 9 });
    assert.equal(text, replies.filter((one) => one !== reply).join(''));
  }
});

test('requests have values, too', async (t) => {
  const requests = ['get a b c\r\n', 'set a 0 0 4\r\nset \r\n', 'ms b 2 T0\r\nxy\r\n', 'mn\r\n'];
  const direction = 'toServer';
  const dropped = await seen(t, { do: 'drop', nth: 2 }, requests.join(''), { direction, chunk: 3 });
  assert.equal(dropped.text, [requests[0], requests[2], requests[3]].join(''));
  const cut = await seen(
    t,
    { do: 'reset', at: { value: 'data', nth: 2, offset: 1 } },
    requests.join(''),
    {
      direction,
    },
  );
  assert.equal(cut.text, `${requests[0]}${requests[1]}ms b 2 T0\r\nx`);
  await until(() => cut.client.closed);
  assert.equal(cut.client.error, 'ECONNRESET');
});

test('a strike that comes in the middle of a line counts from the next one', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  server.send(A.slice(0, 4));
  await client.got(4);
  wires.proxy.strike({ do: 'drop', of: 'item' });
  server.send(GET.slice(4));
  await client.got(A.length + END.length);
  assert.equal(client.text, `${A}${END}`);
});

test('what a strike holds goes on when it is cleared or the stream ends', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  const strike = wires.proxy.strike({ do: 'swap' });
  server.send(`${VA}HD`);
  await sleep(30);
  assert.equal(client.text, '');
  wires.proxy.clear();
  assert.equal(await client.got(VA.length + 2), `${VA}HD`);
  assert.equal(strike.struck, 0);
  const { text } = await seen(t, { do: 'swap' }, `${VA}HD`);
  assert.equal(text, `${VA}HD`);
});

test('a strike that is cancelled or unknown does nothing', async (t) => {
  const wires = await Wires.lay(t);
  const { client, server } = await wires.connection();
  wires.proxy.strike({ do: 'drop' }).cancel();
  server.send(END);
  assert.equal(await client.got(5), END);
  assert.throws(() => wires.proxy.strike({ do: 'explode' } as never), {
    code: 'ERR_MEMCACHE_OPTION',
  });
});
