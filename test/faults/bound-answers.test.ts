// What tells an answer from that of another request: order alone, order and key, or a mark that it repeats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMemcached } from '../../src/testing/index.ts';
import { clientOf, hit, lab, rejects, until } from '../support/fault-lab.ts';
import type { Script, ScriptedServer } from '../support/scripted-server.ts';
import { chaosProxy, sentFromNow } from '../support/chaos-lab.ts';

/** What a server that speaks the meta commands says to `ms`, `md` and `ma`. */
function metaReply(line: string): string {
  const [verb, key, ...flags] = line.split(' ');
  const mark = flags.find((flag) => flag.startsWith('O'));
  assert.ok(mark !== undefined, `${line} is marked`);
  return verb === 'ma' ? `VA 1 k${key} ${mark}\r\n7\r\n` : `HD k${key} ${mark}\r\n`;
}

const well: Script = (request, peer) => {
  if (request.line.startsWith('m')) peer.send(metaReply(request.line));
  else peer.answer(request);
};

/** Answers the first request twice, and the second one not. */
function stutter(server: ScriptedServer): void {
  const twice: Script = (request, peer) => {
    well(request, peer);
    well(request, peer);
  };
  server.script = well;
  server.next.push(twice, () => {});
}

test('by order alone, an answer that came twice is taken for the next one of its shape', async (t) => {
  const { server, client } = await lab(t);
  stutter(server);
  assert.deepEqual(await Promise.all([client.set('a', 1), client.set('b', 2)]), [true, true]);
  // It shows when one is left over.
  server.users[0].send('STORED\r\n');
  await until(() => client.metrics().guards.unsolicited === 1);
});

test('marked, it is nobody’s', async (t) => {
  const { server, client } = await lab(t, { opaque: true });
  stutter(server);
  const [first, second] = [client.set('a', 1), client.set('b', 2)];
  assert.equal(await first, true);
  const error = await rejects(second, 'ERR_MEMCACHE_PROTOCOL', 'maybe');
  assert.equal(error.guard, 'key');
});

test('marked, it is nobody’s even where both are about one key', async (t) => {
  for (const verb of ['set', 'delete', 'incr'] as const) {
    const { server, client } = await lab(t, { opaque: true });
    stutter(server);
    const call = (): Promise<unknown> =>
      verb === 'set'
        ? client.set('a', 1)
        : verb === 'delete'
          ? client.delete('a')
          : client.incr('a');
    const [first, second] = [call(), call()];
    assert.ok(await first);
    const error = await rejects(second, 'ERR_MEMCACHE_PROTOCOL', 'maybe');
    assert.equal(error.guard, 'opaque', verb);
    assert.deepEqual(client.metrics().guards.opaque, 1);
  }
});

for (const opaque of [false, true]) {
  test(`a miss that came twice is a miss for the next read, ${opaque ? 'marked or not' : 'whatever was stored'}`, async (t) => {
    const { server, client } = await lab(t, { opaque, volleyKeys: 1 });
    server.items.set('b', { flags: '16', data: Buffer.from('here'), cas: 1 });
    server.next.push(
      (_request, peer) => peer.send('END\r\nEND\r\n'),
      (_request, peer) => peer.send(`${hit('b', 'here')}END\r\n`),
    );
    const values = await Promise.all([client.get('a'), client.get('b')]);
    assert.deepEqual(values, [undefined, undefined]);
    await until(() => client.metrics().guards.unsolicited === 1);
  });
}

test('a hit that came twice is no hit for another key, and an older value of the same key at worst', async (t) => {
  const { server, client } = await lab(t, { volleyKeys: 1 });
  server.items.set('b', { flags: '16', data: Buffer.from('b'), cas: 1 });
  const twice: Script = (_request, peer) => peer.send(`${hit('a', 'old')}END\r\n`.repeat(2));
  server.next.push(twice);
  assert.deepEqual(await Promise.all([client.get('a'), client.get('b')]), ['old', 'b']);
  assert.equal(client.metrics().guards.key, 1);
  const again = clientOf(t, server.address, { volleyKeys: 1 });
  server.next.push(twice, () => {});
  assert.deepEqual(await Promise.all([again.get('a'), again.get('a')]), ['old', 'old']);
});

test('an answer without a mark is taken of releases that do not repeat it, and of no other', async (t) => {
  const { server, client } = await lab(t, { opaque: true });
  server.script = (request, peer) => {
    const line = metaReply(request.line);
    peer.send(line.replace(/ O\d+/, ''));
  };
  const error = await rejects(client.set('a', 1), 'ERR_MEMCACHE_PROTOCOL', 'maybe');
  assert.equal(error.guard, 'opaque');
  server.probed = (peer) => peer.send('VERSION 1.6.12\r\n');
  const old = clientOf(t, server.address, { opaque: true });
  assert.equal(await old.set('a', 1), true);
});

test('what speaks no meta commands is spoken to as without marks', async (t) => {
  const { server, client } = await lab(t, { opaque: true, dialect: 'classic' });
  assert.equal(await client.set('a', 'x'), true);
  assert.equal(await client.get('a'), 'x');
  assert.equal(await client.delete('a'), true);
  assert.deepEqual(server.lines, ['set a 16 0 1', 'get a', 'delete a']);
});

test('a real server repeats every mark: of stores, deletes and counts that did, and that did not', async (t) => {
  const memcached = await startMemcached();
  t.after(() => memcached.stop());
  const proxy = await chaosProxy(t, memcached, { record: true });
  const sent = sentFromNow(proxy);
  const client = clientOf(t, proxy.address, { opaque: true, compressor: 'none' });
  const base64 = Buffer.from('a b');
  for (const key of ['a', 'é', base64]) {
    assert.equal(await client.replace(key, 'x'), false);
    assert.equal(await client.append(key, 'x'), false);
    assert.equal(await client.delete(key), false);
    assert.equal(await client.incr(key), undefined);
    assert.equal(await client.touch(key, 10), false);
    assert.equal(await client.cas(key, 'x', '1'), 'missing');
    assert.equal(await client.inspect(key), undefined);
    assert.equal(await client.add(key, 'b'), true);
    assert.equal(await client.add(key, 'b'), false);
    assert.equal(await client.append(key, 'c'), true);
    assert.equal(await client.prepend(key, 'a'), true);
    const [{ value, cas }] = (await client.getsMany([key])).values();
    assert.equal(value, 'abc');
    assert.equal(await client.cas(key, 'd', '1'), 'exists');
    assert.equal(await client.cas(key, 'd', cas), 'stored');
    assert.equal(await client.delete(key, { cas: '1' }), false);
    assert.equal((await client.meta.get(key))?.value, 'd');
    await rejects(client.incr(key), 'ERR_MEMCACHE_CLIENT', 'yes');
    assert.equal(await client.set(key, 100), true);
    assert.equal(await client.decr(key), 99);
    assert.equal(await client.incr(key, 2n), 101n);
    assert.equal(await client.touch(key, 10), true);
    assert.equal(await client.delete(key), true);
  }
  assert.deepEqual(await client.fetch('f', { ttl: 10 }, () => Promise.resolve('loaded')), 'loaded');
  const { guards, connects } = client.metrics();
  assert.deepEqual([Object.values(guards).every((count) => count === 0), connects], [true, 1]);
  const lines = sent()
    .split('\r\n')
    .filter((line) => /^m[sadg] /.test(line));
  const marks = lines.map((line) => / O(\d+)(?: |$)/.exec(line)?.[1]);
  assert.ok(lines.length > 50 && !marks.includes(undefined), 'each meta command is marked');
  assert.equal(new Set(marks).size, marks.length, 'none like another');
  assert.ok(!/^(?:set|add|replace|append|prepend|cas|delete|incr|decr) /m.test(sent()));
});
