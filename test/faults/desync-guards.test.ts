// Each guard by itself: what trips it costs the connection, is told once and counted once, and answers nobody.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type ClientEvents, type Guard, type MemcacheClient } from '../../src/index.ts';
import { GUARDS } from '../../src/errors.ts';
import { assertInStep, hit, lab, type LabOptions, rejection, until } from '../support/fault-lab.ts';
import { type Peer, type ScriptedServer, silence } from '../support/scripted-server.ts';

/** Stands in keys and values: nothing of either may be told. */
const CANARY = 'canary';
const KEY = `${CANARY}:key`;
const BASE64_KEY = Buffer.from(`${CANARY} key`);
const VALUE = `${CANARY} value`;

interface Case {
  readonly guard: Guard;
  readonly what: string;
  /** Issues calls that are answered with `reply`, of which the first rejects unless `answered` says that none does. */
  readonly issue: (client: MemcacheClient) => Promise<unknown>;
  readonly reply: string;
  readonly answered?: true;
}

const get = (client: MemcacheClient): Promise<unknown> => client.get(KEY);
const set = (client: MemcacheClient): Promise<unknown> => client.set(KEY, VALUE);
const item = (header: string): string => `${header}\r\n${VALUE}\r\nEND\r\n`;
const { length } = VALUE;

const CASES: readonly Case[] = [
  {
    guard: 'unsolicited',
    what: 'a second END',
    issue: get,
    reply: 'END\r\nEND\r\n',
    answered: true,
  },
  {
    guard: 'unsolicited',
    what: 'STORED twice',
    issue: set,
    reply: 'STORED\r\nSTORED\r\n',
    answered: true,
  },
  {
    guard: 'unsolicited',
    what: 'one byte too many',
    issue: set,
    reply: 'STORED\r\nS',
    answered: true,
  },
  {
    guard: 'grammar',
    what: 'a header without a length',
    issue: get,
    reply: item(`VALUE ${KEY} 16`),
  },
  { guard: 'grammar', what: 'a line feed alone', issue: set, reply: 'STORED\n' },
  { guard: 'grammar', what: 'a line without an end', issue: set, reply: CANARY.repeat(500) },
  {
    guard: 'grammar',
    what: 'a meta line with a number that is none',
    issue: (client) => client.inspect(KEY),
    reply: `HD k${KEY} s${CANARY}\r\n`,
  },
  {
    guard: 'size',
    what: 'a longer value than there is',
    issue: get,
    reply: item(`VALUE ${KEY} 16 1048577`),
  },
  {
    guard: 'length',
    what: 'a value that goes on',
    issue: get,
    reply: item(`VALUE ${KEY} 16 ${length - 1}`),
  },
  {
    guard: 'length',
    what: 'a value that ends early',
    issue: get,
    reply: item(`VALUE ${KEY} 16 ${length + 1}`),
  },
  {
    guard: 'key',
    what: 'the value of another key',
    issue: get,
    reply: `${hit(`${KEY}2`, VALUE)}END\r\n`,
  },
  {
    guard: 'key',
    what: 'swapped values',
    issue: (client) => Promise.all([client.get(KEY), client.get(`${KEY}2`)]),
    reply: `${hit(`${KEY}2`, VALUE)}${hit(KEY, VALUE)}END\r\n`,
  },
  {
    guard: 'key',
    what: 'the facts of another key',
    issue: (client) => client.inspect(KEY),
    reply: `HD k${KEY}2 s1\r\n`,
  },
  {
    guard: 'key',
    what: 'a meta value of another key',
    issue: (client) => client.meta.get(KEY),
    reply: `VA ${length} k${KEY}2 f16\r\n${VALUE}\r\n`,
  },
  {
    guard: 'key',
    what: 'a meta store of another key',
    issue: (client) => client.meta.set(KEY, VALUE),
    reply: `HD k${KEY}2\r\n`,
  },
  { guard: 'answer', what: 'STORED for a get', issue: get, reply: 'STORED\r\n' },
  { guard: 'answer', what: 'END for a set', issue: set, reply: 'END\r\n' },
  {
    guard: 'answer',
    what: 'a hit for a set',
    issue: set,
    reply: item(`VALUE ${KEY} 16 ${length}`),
  },
  {
    guard: 'answer',
    what: 'a meta miss for a set',
    issue: (c) => c.meta.set(KEY, VALUE),
    reply: 'EN\r\n',
  },
  {
    guard: 'answer',
    what: 'a meta value without its flags',
    issue: (client) => client.inspect(KEY, { value: true }),
    reply: `VA ${length} k${KEY} c7\r\n${VALUE}\r\n`,
  },
  {
    guard: 'opaque',
    what: 'the mark of another read',
    issue: (client) => client.get(BASE64_KEY),
    reply: `VA ${length} f16 O0\r\n${VALUE}\r\n`,
  },
  {
    guard: 'opaque',
    what: 'no mark',
    issue: (client) => client.get(BASE64_KEY),
    reply: `VA ${length} f16\r\n${VALUE}\r\n`,
  },
  {
    guard: 'opaque',
    what: 'the mark of another delete',
    issue: (client) => client.meta.delete(KEY, { opaque: CANARY }),
    reply: `HD k${KEY} O${CANARY}2\r\n`,
  },
  {
    guard: 'cas',
    what: 'gets answered as get is',
    issue: (client) => client.gets(KEY),
    reply: item(`VALUE ${KEY} 16 ${length}`),
  },
  { guard: 'error', what: 'ERROR', issue: set, reply: 'ERROR\r\n' },
  { guard: 'error', what: 'CLIENT_ERROR', issue: get, reply: `CLIENT_ERROR ${CANARY}\r\n` },
];

interface Told {
  readonly events: ClientEvents['desync'][0][];
  /** Exactly these guards have been tripped, in this order. */
  only(...guards: readonly Guard[]): void;
}

function listen(server: ScriptedServer, client: MemcacheClient): Told {
  const events: Told['events'] = [];
  client.on('desync', (event) => void events.push(event));
  const only: Told['only'] = (...guards) => {
    assert.deepEqual(
      events.map(({ guard }) => guard),
      guards,
    );
    for (const event of events) {
      assert.equal(event.server, server.address);
      assert.equal(event.error.guard, event.guard);
      assert.ok(!event.error.message.includes(CANARY), 'what was asked and answered is not told');
    }
    const counts = Object.fromEntries(GUARDS.map((guard) => [guard, 0]));
    for (const guard of guards) counts[guard]++;
    const metrics = client.metrics();
    assert.deepEqual(metrics.guards, counts);
    const silent = guards.filter((guard) => guard === 'stall' || guard === 'tombstones');
    assert.equal(metrics.protocolErrors, guards.length - silent.length);
  };
  return { events, only };
}

async function guarded(t: TestContext, options: LabOptions = {}) {
  const { server, client } = await lab(t, { retry: { attempts: 1 }, ...options });
  return { server, client, told: listen(server, client) };
}

for (const { guard, what, issue, reply, answered } of CASES) {
  test(`${guard}: ${what}`, async (t) => {
    const { server, client, told } = await guarded(t);
    // Two keys at once may leave in one request, or in two that are answered with one reply.
    server.next.push((_request, peer) => peer.send(reply));
    if (answered === true) await issue(client);
    else await rejection(issue(client));
    await until(() => server.users[0].closed && told.events.length > 0);
    told.only(guard);
    await assertInStep(client);
    told.only(guard);
    assert.equal(server.users.length, 2);
  });
}

test('every guard of a reply has a case', () => {
  const tried = new Set(CASES.map(({ guard }) => guard));
  assert.deepEqual(
    GUARDS.filter((guard) => !tried.has(guard)),
    ['tombstones', 'stall'],
  );
});

test('stall: an answer is due and nothing comes', async (t) => {
  const { server, client, told } = await guarded(t, { stallTimeoutMs: 500 });
  await set(client);
  server.next.push(silence);
  const error = await rejection(get(client));
  assert.equal(error.guard, 'stall', 'it waited for longer than the connection was given');
  await until(() => told.events.length > 0);
  told.only('stall');
});

test('tombstones: a thousand answers nobody waits for any more', async (t) => {
  const { server, client, told } = await guarded(t, { stallTimeoutMs: 60_000 });
  await set(client);
  server.script = silence;
  const late = { timeoutMs: 500 };
  const calls = Array.from({ length: 1001 }, (_, i) => client.touch(`${KEY}${i}`, 1, late));
  const outcomes = await Promise.allSettled(calls);
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  await until(() => told.events.length > 0);
  told.only('tombstones');
});

test('unsolicited: something comes while nothing is asked', async (t) => {
  const { server, client, told } = await guarded(t);
  await set(client);
  const [peer] = server.users;
  peer.send(hit(KEY, VALUE));
  await until(() => peer.closed);
  told.only('unsolicited');
  assert.equal(await get(client), VALUE);
});

const stuck = (peer: Peer, reply: string): void => peer.send(`VERSION 1.6.18\r\n${reply}`);

test('unsolicited: what comes right behind the first answer is not that of the command that waits for it', async (t) => {
  // No negotiation: the only connection there is carries the command.
  const { server, client, told } = await guarded(t, { dialect: 'classic', maxValueBytes: 1000 });
  server.probed = (peer) => {
    if (server.peers.length === 1) stuck(peer, 'STORED\r\n');
    else stuck(peer, '');
  };
  assert.equal(await set(client), true);
  told.only('unsolicited');
  const [first, second] = server.peers;
  assert.deepEqual([first.requests.length, second.requests.length], [0, 1]);
});

test('a guard of a probe: an idle connection that is asked for its version has something else to say', async (t) => {
  const { server, client, told } = await guarded(t, { idleProbeMs: 20 });
  await set(client);
  const [peer] = server.users;
  server.probed = (asked) => {
    if (asked === peer) peer.send('STORED\r\n');
    else stuck(asked, '');
  };
  await new Promise((resolve) => void setTimeout(resolve, 60));
  assert.equal(await get(client), VALUE, 'asked on another connection');
  told.only('answer');
});

test('a guard of the first answer, and of the questions a server is asked before', async (t) => {
  const { server, client, told } = await guarded(t);
  server.greet = (peer) => {
    if (server.peers.length === 1) peer.send('STORED\r\n');
  };
  await rejection(get(client));
  told.only('answer');
});

test('a server that knows no meta commands trips no guard', async (t) => {
  const { server, client, told } = await guarded(t);
  server.greet = (peer) => {
    peer.send = (bytes) => void peer.socket.write(String(bytes) === 'MN\r\n' ? 'ERROR\r\n' : bytes);
  };
  await set(client);
  assert.equal(await get(client), VALUE);
  told.only();
});
