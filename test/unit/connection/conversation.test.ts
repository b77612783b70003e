import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { connect } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseServer } from '../../../src/connection/address.ts';
import { Conversation, within } from '../../../src/connection/conversation.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import { ConfigEndpoint, type ConfigScript, says } from '../../support/config-endpoint.ts';
import { rejects, until } from '../../support/fault-lab.ts';

const echo: ConfigScript = (socket, line) =>
  void socket.write(line === 'version' ? 'VERSION 1.6.18\r\n' : `re ${line}\r\n`);

function conversationWith(
  t: TestContext,
  address: string,
  options: Partial<ConnectionOptions> = {},
): Conversation {
  const conversation = new Conversation(parseServer(address), {
    ...CONNECTION_DEFAULTS,
    ...options,
  });
  t.after(() => conversation.close());
  return conversation;
}

test('what is said is answered, and the connection is closed again', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, echo);
  const conversation = conversationWith(t, endpoint.address);
  assert.equal(conversation.server, endpoint.address);
  assert.equal(await conversation.greet(), '1.6.18');
  conversation.say('one\r\n');
  assert.equal((await conversation.next())?.toString(), 're one\r\n');
  conversation.say(Buffer.from('two\r\nthree\r\n'));
  assert.deepEqual([await conversation.line(), await conversation.line()], ['re two', 're three']);
  conversation.close();
  await until(() => endpoint.open === 0);
  assert.equal(await conversation.next(), undefined);
  conversation.say('nothing\r\n');
  assert.deepEqual(endpoint.questions, ['version', 'one', 'two', 'three']);
});

test('lines are told as they are, and bytes behind one are kept', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says('a\nb\r\n\r\nrest'));
  const conversation = conversationWith(t, endpoint.address);
  await conversation.open();
  conversation.say('x\r\n');
  assert.deepEqual(
    [await conversation.line(), await conversation.line(), await conversation.line()],
    ['a', 'b', ''],
  );
  assert.equal((await conversation.next())?.toString(), 'rest');
  for (const socket of endpoint.sockets) socket.end('half a line');
  assert.equal(await conversation.line(), undefined);
  assert.equal(await conversation.next(), undefined);
});

test('what has come is read before the end, and before a break', async (t) => {
  for (const [then, code] of [
    [(socket) => void socket.end('last words'), undefined],
    [
      (socket) => {
        socket.write('last words');
        setTimeout(() => socket.resetAndDestroy(), 20);
      },
      'ERR_MEMCACHE_CONNECTION_LOST',
    ],
  ] as const satisfies readonly (readonly [ConfigScript, string | undefined])[]) {
    const endpoint = await ConfigEndpoint.start(t, then);
    const conversation = conversationWith(t, endpoint.address);
    await conversation.open();
    conversation.say('x\r\n');
    await sleep(60);
    assert.equal((await conversation.next())?.toString(), 'last words');
    if (code === undefined) assert.equal(await conversation.next(), undefined);
    else await rejects(conversation.next(), code, 'maybe');
  }
});

test('nobody there, and nobody who answers, are errors of connecting', async (t) => {
  const refused = conversationWith(t, '127.0.0.1:1');
  const error = await rejects(refused.open(), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.match(error.message, /cannot connect to 127\.0\.0\.1:1: ECONNREFUSED/);
  await rejects(refused.next(), 'ERR_MEMCACHE_CONNECT');
  const endpoint = await ConfigEndpoint.start(t, () => {});
  const silent = conversationWith(t, endpoint.address, { connectTimeoutMs: 50 });
  const late = await rejects(silent.greet(), 'ERR_MEMCACHE_CONNECT', 'no');
  assert.equal(late.name, 'TimeoutError');
  await until(() => endpoint.open === 0);
  const closed = conversationWith(t, endpoint.address);
  closed.close();
  await rejects(closed.open(), 'ERR_MEMCACHE_CONNECT');
});

test('made to fail, it tells whoever waits, now and later, and keeps nothing', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says('unread'));
  const conversation = conversationWith(t, endpoint.address);
  await conversation.open();
  const enough = new MemcacheError('ERR_MEMCACHE_ABORTED', 'enough');
  const waiting = conversation.next();
  conversation.fail(enough);
  await assert.rejects(waiting, enough);
  await assert.rejects(conversation.failed, enough);
  await assert.rejects(conversation.next(), enough);
  const ended = conversationWith(t, endpoint.address);
  await ended.open();
  ended.say('x\r\n');
  await until(() => endpoint.questions.length === 1);
  await sleep(20);
  for (const socket of endpoint.sockets) socket.end();
  await sleep(20);
  ended.fail(enough);
  await assert.rejects(ended.next(), enough);
});

test(
  'a reader who stops holds the peer up, over TLS too',
  { skip: certificatesMissing },
  async (t) => {
    const { ca, cert, key, dispose } = makeCertificates();
    t.after(dispose);
    const block = Buffer.alloc(65_536, 'x');
    const blocks = 640;
    for (const tls of [undefined, { cert: cert.content, key: key.content }]) {
      let sent = 0;
      const endpoint = await ConfigEndpoint.start(
        t,
        (socket) => {
          const pour = (): void => {
            while (sent < blocks) {
              sent++;
              if (!socket.write(block)) return;
            }
            socket.end();
          };
          socket.on('drain', pour);
          pour();
        },
        tls,
      );
      const options = tls === undefined ? {} : { tls: { ca: ca.content } };
      const conversation = conversationWith(t, `localhost:${endpoint.port}`, options);
      await conversation.open();
      conversation.say('x\r\n');
      let bytes = (await conversation.next())?.length ?? 0;
      for (let before = -1; before !== sent; await sleep(100)) before = sent;
      assert.ok(sent < blocks / 2, `${sent} of ${blocks} blocks have left`);
      for (let chunk = await conversation.next(); chunk !== undefined;) {
        bytes += chunk.length;
        chunk = await conversation.next();
      }
      assert.equal(bytes, blocks * block.length);
    }
  },
);

test('the caller’s own stream is used, and held up as well', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, echo);
  const own = conversationWith(t, 'elsewhere:5', {
    connect: () => connect(endpoint.port, '127.0.0.1'),
  });
  assert.equal(await own.greet(), '1.6.18');
  own.close();
  const stream = new PassThrough();
  const through = conversationWith(t, 'elsewhere:5', { connect: () => stream });
  await through.open();
  for (let i = 0; i < 10; i++) stream.write(Buffer.alloc(65_536));
  await sleep(20);
  assert.ok(stream.isPaused());
  let bytes = 0;
  stream.end();
  for (let chunk = await through.next(); chunk !== undefined; chunk = await through.next())
    bytes += chunk.length;
  assert.equal(bytes, 655_360);
  for (const broken of [
    () => {
      throw new Error('no way');
    },
    () => {
      const gone = new Duplex({ read: () => {} });
      gone.destroy(new Error('no way'));
      return gone;
    },
  ])
    await rejects(
      conversationWith(t, 'elsewhere:5', { connect: broken }).open(),
      'ERR_MEMCACHE_CONNECT',
    );
});

function limitsOf(timeoutMs: number, signal?: AbortSignal) {
  const late = new MemcacheError('ERR_MEMCACHE_TIMEOUT', 'late');
  const aborted = new MemcacheError('ERR_MEMCACHE_ABORTED', 'aborted');
  return {
    late,
    aborted,
    limits: { timeoutMs, late: () => late, signal, aborted: () => aborted, unref: true },
  };
}

test('a conversation within limits ends with its answer, its time, its signal', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, () => {});
  const controller = new AbortController();
  const { signal } = controller;
  const talk = async (conversation: Conversation): Promise<unknown> => {
    await conversation.open();
    return conversation.next();
  };
  const answered = limitsOf(10_000, signal);
  const made = (): Conversation => conversationWith(t, endpoint.address);
  assert.equal(await within(made(), answered.limits, async () => 7), 7);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  const short = limitsOf(30, signal);
  await assert.rejects(within(made(), short.limits, talk), short.late);
  // A wait for something else ends as well.
  await assert.rejects(
    within(made(), short.limits, () => new Promise(() => {})),
    short.late,
  );
  const abort = limitsOf(10_000, signal);
  const call = within(made(), abort.limits, talk);
  await sleep(20);
  controller.abort();
  await assert.rejects(call, abort.aborted);
  await assert.rejects(within(made(), abort.limits, talk), abort.aborted);
  const thrown = new Error('thrown');
  const other = limitsOf(10_000);
  await assert.rejects(
    within(made(), other.limits, () => Promise.reject(thrown)),
    thrown,
  );
  await until(() => endpoint.open === 0);
});
