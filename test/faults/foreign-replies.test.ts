// Answers that cannot be right cost their connection. They are never somebody's value, and never a miss.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcacheClient } from '../../src/index.ts';
import { assertInStep, clientOf, hit, lab, rejects, until, valueOf } from '../support/fault-lab.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';

const value = valueOf('a');
const bytes = value.length;

/** Answers to `get a`. */
const NO_ANSWERS_TO_GET: Record<string, string> = {
  garbage: 'This is not the protocol you are looking for\r\n',
  'binary garbage': '\x81\x00\x00\x00\x00\x00\r\n\x00\x00',
  'an empty line': '\r\n',
  'a line feed alone': '\n',
  'END without carriage return': 'END\n',
  'END with more behind it': 'END OF STORY\r\n',
  'lower case': 'end\r\n',
  'the value of another key': `${hit('b')}END\r\n`,
  'the value of a longer key': `${hit('ab')}END\r\n`,
  'no key': `VALUE  16 ${bytes}\r\n${value}\r\nEND\r\n`,
  'a length of one more': `VALUE a 16 ${bytes + 1}\r\n${value}\r\nEND\r\n`,
  'a length of one less': `VALUE a 16 ${bytes - 1}\r\n${value}\r\nEND\r\n`,
  'a negative length': `VALUE a 16 -1\r\n${value}\r\nEND\r\n`,
  'no length': `VALUE a 16\r\n${value}\r\nEND\r\n`,
  'a length in hex': `VALUE a 16 0x10\r\n${value}\r\nEND\r\n`,
  'a huge length': `VALUE a 16 99999999999\r\n${value}\r\nEND\r\n`,
  'a length beyond all numbers': `VALUE a 16 ${'9'.repeat(400)}\r\n${value}\r\nEND\r\n`,
  'a length over what the server takes': `VALUE a 16 1048577\r\n${value}\r\nEND\r\n`,
  'flags that are none': `VALUE a x ${bytes}\r\n${value}\r\nEND\r\n`,
  'flags beyond 32 bits': `VALUE a 4294967296 ${bytes}\r\n${value}\r\nEND\r\n`,
  'no CRLF behind the value': `VALUE a 16 ${bytes}\r\n${value}END\r\n`,
  'a line without an end': 'VALUE '.padEnd(5000, 'x'),
  'STORED for a get': 'STORED\r\n',
  'DELETED for a get': 'DELETED\r\n',
  'a number for a get': '17\r\n',
  'a meta hit for a get': `VA ${bytes} f16\r\n${value}\r\n`,
  'a meta miss for a get': 'EN\r\n',
};

for (const [what, reply] of Object.entries(NO_ANSWERS_TO_GET)) {
  test(`${what}: the read is asked anew on another connection`, async (t) => {
    const { server, client } = await lab(t);
    server.items.set('a', { flags: '16', data: Buffer.from('the good one'), cas: 1 });
    server.next.push((_request, peer) => peer.send(reply));
    assert.equal(await client.get('a'), 'the good one');
    assert.equal(server.users.length, 2);
    await until(() => server.users[0].closed);
    assert.equal(client.metrics().protocolErrors, 1);
    await assertInStep(client);
  });

  test(`${what}: with one attempt it is an error, never a value or a miss`, async (t) => {
    const { server, client } = await lab(t, { retry: { attempts: 1 } });
    server.next.push((_request, peer) => peer.send(reply));
    const error = await rejects(client.get('a'), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
    assert.equal(error.server, server.address);
    await assertInStep(client);
  });
}

const NO_ANSWERS_TO_OTHERS: [
  what: string,
  issue: (client: MemcacheClient) => Promise<unknown>,
  reply: string,
][] = [
  ['END for a set', (client) => client.set('a', 1), 'END\r\n'],
  ['DELETED for a set', (client) => client.set('a', 1), 'DELETED\r\n'],
  ['OK for a set', (client) => client.set('a', 1), 'OK\r\n'],
  ['a value for a set', (client) => client.set('a', 1), `${hit('a')}END\r\n`],
  ['a word too many for a set', (client) => client.set('a', 1), 'STORED now\r\n'],
  ['STORED for a delete', (client) => client.delete('a'), 'STORED\r\n'],
  ['STORED for a touch', (client) => client.touch('a', 1), 'STORED\r\n'],
  ['a word for an incr', (client) => client.incr('a'), 'STORED\r\n'],
  ['a negative number for an incr', (client) => client.incr('a'), '-1\r\n'],
  ['21 digits for an incr', (client) => client.incr('a'), `${'1'.repeat(21)}\r\n`],
  ['END for an incr', (client) => client.incr('a'), 'END\r\n'],
  ['EXISTS for a flush_all', (client) => client.flushAll(), 'EXISTS\r\n'],
];

for (const [what, issue, reply] of NO_ANSWERS_TO_OTHERS) {
  test(`${what}: an error, and a new connection`, async (t) => {
    const { server, client } = await lab(t);
    server.next.push((_request, peer) => peer.send(reply));
    await rejects(issue(client), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
    assert.equal(server.requests.length, 1, 'not sent twice');
    await assertInStep(client);
    assert.equal(server.users.length, 2);
  });
}

test('hits with swapped keys: nobody gets the value of another key', async (t) => {
  const { server, client } = await lab(t);
  fill(server, ['a', 'b', 'c']);
  server.next.push((_request, peer) => peer.send(`${hit('c')}${hit('b')}${hit('a')}END\r\n`));
  const values = await Promise.all(['a', 'b', 'c'].map((key) => client.get(key)));
  assert.deepEqual(values, ['a', 'b', 'c'].map(valueOf));
  assert.equal(server.users.length, 2, 'the swapped answer cost its connection');
});

test('swapped values under the right keys and lengths of others: an error or the right value', async (t) => {
  const { server, client } = await lab(t);
  fill(server, ['a', 'bbbb']);
  const [forA, forB] = [valueOf('bbbb'), valueOf('a')];
  server.next.push((_request, peer) =>
    peer.send(
      `VALUE a 16 ${forB.length}\r\n${forA}\r\nVALUE bbbb 16 ${forA.length}\r\n${forB}\r\nEND\r\n`,
    ),
  );
  const values = await Promise.all([client.get('a'), client.get('bbbb')]);
  assert.deepEqual(values, [valueOf('a'), valueOf('bbbb')]);
});

test('the same hit twice: the second has no owner', async (t) => {
  const { server, client } = await lab(t);
  fill(server, ['a', 'b']);
  server.next.push((_request, peer) => peer.send(`${hit('a')}${hit('a', 'another')}END\r\n`));
  assert.deepEqual(await Promise.all([client.get('a'), client.get('b')]), ['a', 'b'].map(valueOf));
  assert.equal(server.users.length, 2);
});

test('answers in swapped order: each read is asked anew, none gets the value of the other', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 1 });
  fill(server, ['a', 'b']);
  let first = true;
  server.script = (request, peer) => {
    if (request.line === 'get a' && first) return;
    if (request.line === 'get b' && first) {
      first = false;
      peer.send(`${hit('b')}END\r\n${hit('a')}END\r\n`);
    } else peer.answer(request);
  };
  assert.deepEqual(await Promise.all([client.get('a'), client.get('b')]), ['a', 'b'].map(valueOf));
  assert.equal(server.users.length, 2);
});

test('a missing answer: the value of the next read is not taken for it', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 1 });
  fill(server, ['a', 'b', 'c']);
  server.next.push(() => {});
  const values = await Promise.all(['a', 'b', 'c'].map((key) => client.get(key)));
  assert.deepEqual(values, ['a', 'b', 'c'].map(valueOf));
  assert.equal(server.users.length, 2);
});

for (const extra of ['END\r\n', 'STORED\r\n', hit('a'), 'SERVER_ERROR out of memory\r\n', '\r\n']) {
  test(`an answer too many, ${JSON.stringify(extra)}: the connection is given up before it lies`, async (t) => {
    const { server, client } = await lab(t);
    server.next.push((request, peer) => peer.send(`${String(server.replyTo(request))}${extra}`));
    assert.equal(await client.set('a', 'x'), true);
    await until(() => server.users[0].closed);
    assert.equal(await client.get('a'), 'x');
    await assertInStep(client);
    assert.equal(server.users.length, 2);
  });

  test(`an answer nobody asked for, ${JSON.stringify(extra)}: the idle connection is given up`, async (t) => {
    const { server, client } = await lab(t);
    await client.set('a', 'x');
    server.users[0].send(extra);
    await until(() => server.users[0].closed);
    await assertInStep(client);
  });
}

test('an answer before the question: the connection is not used', async (t) => {
  const { server, client } = await lab(t, { connectTimeoutMs: 300 });
  server.greet = (peer) => peer.send('END\r\n');
  await rejects(client.get('a'), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.equal(server.record, '');
});

for (const [what, greeting] of Object.entries({
  'another protocol': 'HTTP/1.1 400 Bad Request\r\n\r\n',
  'a mail server': '220 mail.example ESMTP\r\n',
  'a refusal': 'ERROR Too many open connections\r\n',
})) {
  test(`${what} at the door: ERR_MEMCACHE_CONNECT, and not a byte of a command`, async (t) => {
    const { server, client } = await lab(t);
    server.probed = () => {};
    server.greet = (peer) => peer.end(greeting);
    await rejects(client.set('a', 1), 'ERR_MEMCACHE_CONNECT', 'no');
    assert.equal(server.record, '');
  });
}

test('neighbours in flight: an error or their own value, and the client goes on', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 4 });
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  fill(server, keys);
  let count = 0;
  server.script = (request, peer) => {
    count++;
    if (count === 5) peer.send('VALUE k1 16 3\r\nlie\r\nEND\r\n');
    else peer.answer(request);
  };
  const stores = ['s1', 's2', 's3'].map((key) => client.set(key, valueOf(key)));
  const reads = keys.map((key) => client.get(key));
  const values = await Promise.all(reads);
  assert.deepEqual(values, keys.map(valueOf));
  for (const outcome of await Promise.allSettled(stores)) {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, true);
    else assert.equal(outcome.reason.sent, 'maybe');
  }
  await assertInStep(client);
});

test('a lie is retried once: the second lie is an error', async (t) => {
  const { server } = await lab(t);
  const client = clientOf(t, server.address);
  server.script = (_request, peer) => peer.send(`${hit('b')}END\r\n`);
  await rejects(client.get('a'), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
  assert.equal(server.requests.length, 2);
});

test("onError 'miss': a lie is a miss with an event, not a value", async (t) => {
  const { server, client } = await lab(t, { onError: 'miss', retry: { attempts: 1 } });
  const guarded: string[] = [];
  client.on('guard', ({ error }) => guarded.push(error.code));
  server.next.push((_request, peer) => peer.send(`${hit('b')}END\r\n`));
  assert.equal(await client.get('a'), undefined);
  assert.deepEqual(guarded, ['ERR_MEMCACHE_PROTOCOL']);
});

function fill(server: ScriptedServer, keys: readonly string[]): void {
  for (const key of keys)
    server.items.set(key, { flags: '16', data: Buffer.from(valueOf(key)), cas: 1 });
}
