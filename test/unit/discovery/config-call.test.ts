import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import {
  type ClusterConfig,
  CONFIG_QUESTION,
  LEGACY_QUESTION,
} from '../../../src/discovery/cluster-config.ts';
import { askConfig, type ConfigCallParts } from '../../../src/discovery/config-call.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import {
  ConfigEndpoint,
  configReply,
  hangsUp,
  resets,
  says,
  saysInPieces,
  saysNothing,
} from '../../support/config-endpoint.ts';
import { rejection, rejects, until } from '../../support/fault-lab.ts';

const REPLY = configReply(7, ['h|10.0.0.1|11211']);
const CONFIG: ClusterConfig = { version: 7, nodes: [{ host: 'h', ip: '10.0.0.1', port: 11211 }] };

function ask(
  address: string,
  connection: Partial<ConnectionOptions> = {},
  parts: Partial<ConfigCallParts> = {},
): Promise<ClusterConfig> {
  return askConfig(parseServer(address), {
    question: CONFIG_QUESTION,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...parts,
    connection: { ...CONNECTION_DEFAULTS, ...connection },
  });
}

test('a node is asked on a connection of its own, which is closed again', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(REPLY));
  assert.deepEqual(await ask(endpoint.address), CONFIG);
  assert.deepEqual(await ask(endpoint.address), CONFIG);
  assert.deepEqual(endpoint.questions, ['config get cluster', 'config get cluster']);
  assert.equal(endpoint.sockets.length, 2);
  await until(() => endpoint.open === 0);
});

test('the old question has its own words', async (t) => {
  const reply = configReply(7, ['h|10.0.0.1|11211'], 'VALUE AmazonElastiCache:cluster');
  const endpoint = await ConfigEndpoint.start(t, says(reply));
  assert.deepEqual(await ask(endpoint.address, {}, { question: LEGACY_QUESTION }), CONFIG);
  assert.deepEqual(endpoint.questions, ['get AmazonElastiCache:cluster']);
});

test('an answer that comes cut at any byte, or byte by byte, is the same', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const cuts = Array.from({ length: REPLY.length - 1 }, (_, i) => i + 1);
  for (const cut of cuts) {
    endpoint.next.push(saysInPieces(REPLY, cut));
    assert.deepEqual(await ask(endpoint.address), CONFIG, `cut at ${cut}`);
  }
  endpoint.next.push(saysInPieces(REPLY, ...cuts));
  assert.deepEqual(await ask(endpoint.address), CONFIG);
});

test('an answer larger than one read is read whole', async (t) => {
  const nodes = Array.from({ length: 255 }, (_, i) => `${'n'.repeat(200)}${i}|10.0.0.1|11211`);
  const endpoint = await ConfigEndpoint.start(t, says(configReply(1, nodes)));
  assert.equal((await ask(endpoint.address)).nodes.length, 255);
});

test('silence ends with the time, at any point of an answer', async (t) => {
  for (const script of [saysNothing, says('CONFIG cluster'), says(REPLY.slice(0, -1))]) {
    const endpoint = await ConfigEndpoint.start(t, script);
    const error = await rejects(
      ask(endpoint.address, {}, { timeoutMs: 50 }),
      'ERR_MEMCACHE_CONNECT',
    );
    assert.equal(error.name, 'TimeoutError');
    assert.equal(error.server, endpoint.address);
    assert.match(error.message, /did not tell its configuration within 50 ms/);
    await until(() => endpoint.open === 0);
  }
});

test('a connection that ends or breaks is an error at once', async (t) => {
  for (const script of [hangsUp, resets]) {
    const endpoint = await ConfigEndpoint.start(t, script);
    const error = await rejects(ask(endpoint.address), 'ERR_MEMCACHE_CONNECT');
    assert.equal(error.retryable, true);
    assert.match(error.message, /told no configuration|ECONNRESET/);
  }
});

test('nobody there is an error with the word of the system', async () => {
  const error = await rejects(ask('127.0.0.1:1'), 'ERR_MEMCACHE_CONNECT');
  assert.match(error.message, /127\.0\.0\.1:1 cannot be asked .* ECONNREFUSED/);
});

test('credentials that are refused are told as that', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says('CLIENT_ERROR authentication failure\r\n'));
  const auth = { username: 'u', password: 'p' };
  const error = await rejects(ask(endpoint.address, { auth }), 'ERR_MEMCACHE_AUTH');
  assert.match(error.message, /does not take the credentials/);
});

test('what is no configuration is an error at once, and closes the connection', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says('HTTP/1.1 400 Bad Request\r\n'));
  await rejects(ask(endpoint.address), 'ERR_MEMCACHE_PROTOCOL');
  endpoint.script = says(`CONFIG cluster 0 4000000000\r\n${'x'.repeat(100_000)}`);
  await rejects(ask(endpoint.address), 'ERR_MEMCACHE_PROTOCOL');
  endpoint.script = says('ERROR\r\n');
  await rejects(ask(endpoint.address), 'ERR_MEMCACHE_OPTION');
  await until(() => endpoint.open === 0);
});

test('an abort ends it at once, before and while it waits', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const reason = new Error('enough');
  await rejects(
    ask(endpoint.address, {}, { signal: AbortSignal.abort(reason) }),
    'ERR_MEMCACHE_ABORTED',
  );
  assert.equal(endpoint.sockets.length, 0);
  const controller = new AbortController();
  const asked = ask(endpoint.address, {}, { signal: controller.signal });
  await until(() => endpoint.questions.length === 1);
  controller.abort(reason);
  assert.equal((await rejects(asked, 'ERR_MEMCACHE_ABORTED')).cause, reason);
  await until(() => endpoint.open === 0);
});

test('a signal that outlives many questions keeps none of them', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, says(REPLY));
  const { signal } = new AbortController();
  await ask(endpoint.address, {}, { signal });
  await rejection(ask('127.0.0.1:1', {}, { signal }));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('the caller’s own stream carries the question', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysInPieces(REPLY, 10));
  const asked: string[] = [];
  const config = await ask('elsewhere:5', {
    connect: (address) => {
      asked.push(address.name);
      return connect(endpoint.port, '127.0.0.1');
    },
  });
  assert.deepEqual(config, CONFIG);
  assert.deepEqual(asked, ['elsewhere:5']);
  const gone = new PassThrough();
  gone.destroy(new Error('no way'));
  gone.on('error', () => {});
  await rejection(ask('elsewhere:5', { connect: () => gone }, { timeoutMs: 100 }));
  const broken = await rejects(
    ask('elsewhere:5', {
      connect: () => {
        throw new Error('no way');
      },
    }),
    'ERR_MEMCACHE_CONNECT',
  );
  assert.match(broken.message, /no way/);
});

test('TLS verifies the name of who is asked', { skip: certificatesMissing }, async (t) => {
  const { ca, cert, key, dispose } = makeCertificates();
  t.after(dispose);
  const endpoint = await ConfigEndpoint.start(t, says(REPLY), {
    cert: cert.content,
    key: key.content,
  });
  const trusted = { tls: { ca: ca.content } };
  assert.deepEqual(await ask(`localhost:${endpoint.port}`, trusted), CONFIG);
  for (const tls of [true, { ca: ca.content, servername: 'elsewhere.example' }]) {
    const error = await rejects(ask(`localhost:${endpoint.port}`, { tls }), 'ERR_MEMCACHE_CONNECT');
    assert.match(error.message, /UNABLE_TO|SELF_SIGNED|ALTNAME/);
  }
  assert.equal(endpoint.questions.length, 1, 'nothing is asked of whom it does not trust');
  await rejects(ask(endpoint.address, { tls: false }, { timeoutMs: 500 }), 'ERR_MEMCACHE_CONNECT');
});

test('an unref’d question leaves nothing that keeps the process', async (t) => {
  const endpoint = await ConfigEndpoint.start(t, saysNothing);
  const controller = new AbortController();
  const asked = ask(endpoint.address, { unref: true }, { signal: controller.signal });
  // Of the timers and sockets that are listed, all are those of the endpoint and of this test.
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
  assert.deepEqual(kinds, []);
  controller.abort();
  await rejection(asked);
});
