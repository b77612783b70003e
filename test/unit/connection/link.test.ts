import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseServer } from '../../../src/connection/address.ts';
import { Link, type LinkEvents } from '../../../src/connection/link.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import { MemcacheConnectionError, MemcacheError, TimeoutError } from '../../../src/errors.ts';
import { type Awaited, ReplyRecorder } from '../../support/reply-recorder.ts';
import { until } from '../../support/fault-lab.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';

const SHORT: Partial<ConnectionOptions> = {
  connectTimeoutMs: 60,
  reconnect: { minMs: 40, maxMs: 40 },
};

/** The owner of a link: it says when a dial may go on, and keeps what it is told. */
class Owner implements LinkEvents {
  readonly told: string[] = [];
  readonly errors: (MemcacheError | undefined)[] = [];
  prepare: LinkEvents['prepare'] = (done) => done(undefined, 1000);

  ready(): void {
    this.told.push('ready');
  }

  received(): void {}

  down(error: MemcacheError | undefined): void {
    this.errors.push(error);
    this.told.push(`down ${error?.code ?? 'in good order'}`);
  }
}

async function linkFor(
  t: TestContext,
  options: Partial<ConnectionOptions> = {},
  awaited: Awaited[] = [],
) {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  const owner = new Owner();
  const link = new Link(
    parseServer(server.address),
    { ...CONNECTION_DEFAULTS, ...options },
    { slots: new ReplyRecorder(awaited), events: owner, guarded: () => {} },
  );
  t.after(() => link.close());
  const dialled = async (): Promise<void> => {
    const before = owner.told.length;
    link.dial();
    await until(() => owner.told.length > before);
  };
  return { server, owner, link, dialled };
}

test('it is idle until it is dialled, and ready once the server has answered', async (t) => {
  const { server, owner, link } = await linkFor(t);
  assert.equal(link.state, 'idle');
  server.probed = () => {};
  link.dial();
  assert.equal(link.state, 'dialing');
  await until(() => server.peers.length === 1 && server.peers[0].socket.bytesRead > 0);
  await sleep(20);
  assert.equal(link.state, 'dialing', 'a socket alone is no connection');
  server.peers[0].send('VERSION 1.6.18\r\n');
  await until(() => owner.told.length > 0);
  assert.deepEqual([link.state, ...owner.told], ['ready', 'ready']);
});

test('a server that accepts and stays silent is given up after connectTimeoutMs', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  server.probed = () => {};
  const start = performance.now();
  await dialled();
  const took = performance.now() - start;
  assert.ok(took >= 55 && took < 500, `${took} ms`);
  const [error] = owner.errors;
  assert.ok(error instanceof TimeoutError);
  assert.equal(error.code, 'ERR_MEMCACHE_CONNECT');
  assert.equal(error.message, `${server.address} gave no answer within 60 ms`);
  assert.deepEqual([error.sent, error.retryable], ['no', true]);
  assert.equal(link.state, 'backoff');
  assert.equal(link.refusal.cause, error);
  await until(() => server.peers[0].closed);
});

test('a refused connection waits, longer each time, and may then be dialled again', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, {
    reconnect: { minMs: 20, maxMs: 1000 },
  });
  await server.away();
  const pauses: number[] = [];
  for (let i = 0; i < 4; i++) {
    await dialled();
    // A busy machine may wake up after the first, short pause.
    if (i > 0) assert.equal(link.state, 'backoff');
    const start = performance.now();
    await until(() => link.state === 'idle');
    pauses.push(performance.now() - start);
  }
  for (const [i, pause] of pauses.entries()) {
    assert.ok(pause >= 10 * 2 ** i - 5, `pause ${i} of ${pause} ms`);
    assert.ok(pause <= 20 * 2 ** i + 100, `pause ${i} of ${pause} ms`);
  }
  const [error] = owner.errors;
  assert.equal(error?.code, 'ERR_MEMCACHE_CONNECT');
  assert.match(error.message, /^cannot connect to .*: ECONNREFUSED$/);
  assert.equal((error.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  await server.listen();
  await dialled();
  assert.equal(link.state, 'ready');
});

test('ERROR turns it away, SERVER_ERROR does not', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  server.probed = (peer) => peer.send('ERROR Too many open connections\r\n');
  await dialled();
  assert.equal(link.state, 'backoff');
  assert.match(owner.errors[0]?.message ?? '', /turned the connection away/);
  await until(() => link.state === 'idle');
  server.probed = (peer) => peer.send('SERVER_ERROR Connection refused\r\n');
  await dialled();
  assert.equal(link.state, 'ready');
});

test('an end before the first answer is a failed dial', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  server.greet = (peer) => peer.end();
  await dialled();
  assert.equal(link.state, 'backoff');
  assert.match(owner.errors[0]?.message ?? '', /cannot connect .*the server ended the connection$/);
});

test('an answer that is none of memcached is a failed dial that says so', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  server.probed = (peer) => peer.send('HTTP/1.1 400 Bad Request\r\n');
  await dialled();
  assert.equal(link.state, 'backoff');
  assert.match(owner.errors[0]?.message ?? '', /cannot connect .*not answer as memcached does$/);
});

test('its owner is asked first, and may refuse', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  const refusal = new MemcacheError('ERR_MEMCACHE_SERVER', 'not this one');
  owner.prepare = (done) => done(refusal, 0);
  await dialled();
  assert.equal(link.state, 'backoff');
  assert.equal(owner.errors[0]?.code, 'ERR_MEMCACHE_CONNECT');
  assert.equal(owner.errors[0]?.cause, refusal);
  assert.equal(server.peers.length, 0);
});

test('an owner that says nothing, or too late, is within the same deadline', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  let goOn = (): void => {};
  owner.prepare = (done) => {
    goOn = () => done(undefined, 1000);
  };
  await dialled();
  assert.ok(owner.errors[0] instanceof TimeoutError);
  goOn();
  await sleep(20);
  assert.equal(server.peers.length, 0);
  assert.notEqual(link.state, 'ready');
});

/** A dial whose server is there, and whose owner has said no more yet. */
async function awaitingOwner(t: TestContext, awaited: Awaited[] = []) {
  const made = await linkFor(t, SHORT, awaited);
  const { server, owner, link } = made;
  let done: Parameters<LinkEvents['prepare']>[0] = () => {};
  owner.prepare = (told, there) => {
    done = told;
    there();
  };
  link.dial();
  await until(() => server.peers[0]?.probes === 1);
  await sleep(10);
  assert.deepEqual([link.state, ...owner.told], ['dialing']);
  return { ...made, done };
}

test('once the server is there its socket is opened, and ready when the owner has said all', async (t) => {
  const { server, owner, link, done } = await awaitingOwner(t, [{ grammar: 'items', keys: ['a'] }]);
  done(undefined, 10);
  assert.deepEqual([link.state, ...owner.told], ['ready', 'ready']);
  assert.equal(server.peers.length, 1);
  await sleep(SHORT.connectTimeoutMs ?? 0);
  assert.equal(link.state, 'ready', 'its deadline is over');
  server.peers[0].send('VALUE a 0 11\r\n');
  await until(() => owner.errors.length > 0);
  assert.equal(owner.errors[0]?.code, 'ERR_MEMCACHE_PROTOCOL');
});

test('an owner that refuses, or says no more, closes the socket that was opened', async (t) => {
  const refusal = new MemcacheError('ERR_MEMCACHE_SERVER', 'not this one');
  const refused = await awaitingOwner(t);
  refused.done(refusal, 0);
  await until(() => refused.server.peers[0].closed);
  assert.deepEqual([refused.link.state, refused.owner.errors[0]?.cause], ['backoff', refusal]);
  const silent = await awaitingOwner(t);
  await until(() => silent.server.peers[0].closed);
  assert.ok(silent.owner.errors[0] instanceof TimeoutError);
  silent.done(undefined, 1000);
  assert.deepEqual([silent.link.state, silent.owner.told.length], ['backoff', 1]);
});

test('what comes before the owner has said all, or an end, costs the socket', async (t) => {
  for (const spoil of [
    (socket: Socket) => socket.end(),
    (socket: Socket) => void socket.write('STORED\r\n'),
  ]) {
    const { server, owner, link, done } = await awaitingOwner(t);
    spoil(server.peers[0].socket);
    await until(() => owner.errors.length > 0);
    assert.equal(owner.errors[0]?.code, 'ERR_MEMCACHE_CONNECT');
    done(undefined, 1000);
    assert.deepEqual([link.state, owner.told.length], ['backoff', 1]);
  }
});

test('the longest value is the one its owner names', async (t) => {
  const { server, owner, dialled } = await linkFor(t, {}, [{ grammar: 'items', keys: ['a'] }]);
  owner.prepare = (done) => done(undefined, 10);
  await dialled();
  server.peers[0].send('VALUE a 0 11\r\n');
  await until(() => owner.errors.length > 0);
  assert.equal(owner.errors[0]?.code, 'ERR_MEMCACHE_PROTOCOL');
});

test('a server that ends an idle connection does no wrong, however often', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t);
  for (let i = 0; i < 4; i++) {
    await dialled();
    server.peers[i].end();
    await until(() => owner.told.length === i * 2 + 2);
    assert.equal(link.state, 'idle');
  }
  assert.deepEqual(owner.errors, [undefined, undefined, undefined, undefined]);
});

test('lost early, it may be dialled at once; lost early again, it has to wait', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t);
  for (const expected of ['idle', 'backoff']) {
    await dialled();
    await server.peers.at(-1)?.reset();
    await until(() => owner.told.at(-1) === 'down ERR_MEMCACHE_CONNECTION_LOST');
    assert.equal(link.state, expected);
    assert.ok(owner.errors.at(-1) instanceof MemcacheConnectionError);
    owner.told.push('next');
  }
});

test('an early end while an answer is due is a loss like any other', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, {}, [{ grammar: 'items' }]);
  for (const expected of ['idle', 'backoff']) {
    await dialled();
    server.peers.at(-1)?.end();
    await until(() => owner.told.at(-1)?.startsWith('down') === true);
    assert.equal(link.state, expected);
    assert.equal(owner.errors.at(-1)?.code, 'ERR_MEMCACHE_CONNECTION_LOST');
    owner.told.push('next');
  }
});

test('after long service a loss costs no pause', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t);
  for (let i = 0; i < 2; i++) {
    await dialled();
    await sleep(1020);
    await server.peers.at(-1)?.reset();
    await until(() => owner.errors.length === i + 1);
    assert.equal(link.state, 'idle');
  }
});

test('a probe is answered before it is ready again', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t);
  await dialled();
  link.probe();
  assert.equal(link.state, 'probing');
  await until(() => owner.told.length === 2);
  assert.deepEqual([link.state, ...owner.told], ['ready', 'ready', 'ready']);
  assert.deepEqual([server.peers.length, server.peers[0].probes], [1, 2]);
});

test('a probe that is not answered is no failure: it is only not there any more', async (t) => {
  const { server, owner, link, dialled } = await linkFor(t, SHORT);
  await dialled();
  server.probed = () => {};
  link.probe();
  await until(() => owner.told.length === 2);
  assert.deepEqual([link.state, ...owner.told], ['idle', 'ready', 'down in good order']);
});

test('dropped for an error, it tells that error', async (t) => {
  const { owner, link, dialled } = await linkFor(t);
  await dialled();
  const error = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'given up');
  link.drop(error);
  assert.equal(owner.errors[0], error);
  assert.equal(link.state, 'idle');
});

test('closed is for good, in every state, and leaves no socket', async (t) => {
  const { link: idle } = await linkFor(t);
  idle.close();
  idle.close();
  assert.equal(idle.state, 'closed');
  assert.throws(() => idle.dial(), /cannot go from closed to dialing/);

  const { link: dialing, server: silent } = await linkFor(t, SHORT);
  silent.probed = () => {};
  dialing.dial();
  await until(() => silent.peers.length === 1);
  dialing.close();
  await until(() => silent.peers[0].closed);

  const { link: ready, server, owner, dialled } = await linkFor(t);
  await dialled();
  ready.close();
  await until(() => server.peers[0].closed);
  assert.deepEqual([ready.state, ...owner.told], ['closed', 'ready', 'down in good order']);

  const { link: refused, server: away, dialled: tried } = await linkFor(t);
  await away.away();
  await tried();
  refused.close();
  await sleep(60);
  assert.equal(refused.state, 'closed');
});

/** Ends while its listeners are still being added. */
function goneAtOnce(): Duplex {
  const stream = new Duplex({ read: () => {} });
  stream.on('newListener', (name) => {
    if (name === 'close') stream.emit('end');
  });
  return stream;
}

test('a stream that is gone before it is handed over does not stand in the way of the next', async (t) => {
  let dials = 0;
  const { owner, link, dialled } = await linkFor(t, {
    ...SHORT,
    connect: () => {
      dials++;
      return goneAtOnce();
    },
  });
  for (let i = 1; i <= 2; i++) {
    await dialled();
    assert.equal(dials, i);
    assert.match(owner.errors.at(-1)?.message ?? '', /the server ended the connection$/);
    await until(() => link.state === 'idle');
  }
});

test('a stream that comes after its link was closed does not stay open', async (t) => {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const { link } = await linkFor(t, {
    connect: () => {
      link.close();
      return stream;
    },
  });
  link.dial();
  await until(() => stream.destroyed);
  assert.equal(link.state, 'closed');
});
