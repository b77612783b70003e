import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { Wire } from '../../../src/connection/wire.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';
import { type Awaited, ReplyRecorder } from '../../support/reply-recorder.ts';
import { ScriptedServer, silence } from '../../support/scripted-server.ts';
import { until } from '../../support/fault-lab.ts';

const PARSER = { readBufferBytes: 4096, maxValueBytes: 1000 };

/** A wire and what its owner is told. */
function wireTo(server: string, awaited: Awaited[], connect?: () => Duplex) {
  const told: string[] = [];
  const errors: (MemcacheError | undefined)[] = [];
  const recorder = new ReplyRecorder(awaited);
  const events = {
    opened: () => void told.push('opened'),
    received: (bytes: number) => void told.push(`received ${bytes}`),
    closed: (error: MemcacheError | undefined) => {
      errors.push(error);
      told.push(`closed ${error?.code ?? 'in good order'}`);
    },
  };
  const wire = new Wire(
    parseServer(server),
    { ...CONNECTION_DEFAULTS, connect },
    { parser: new ResponseParser(recorder, PARSER), events, tls: undefined },
  );
  return { wire, told, errors, calls: recorder.calls };
}

async function serverFor(t: TestContext): Promise<ScriptedServer> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  return server;
}

const chunksOf = (...texts: string[]) => ({
  chunks: texts.map((text) => Buffer.from(text)),
  blocks: [],
});
const get: Awaited = { grammar: 'items', keys: ['a'] };

test('requests leave in order, in one piece, and their memory is let go of once', async (t) => {
  const server = await serverFor(t);
  const { wire, told, calls } = wireTo(server.address, [get]);
  t.after(() => wire.destroy());
  await until(() => told.includes('opened'));
  const arrived: string[] = [];
  server.peers[0].socket.on('data', (chunk: Buffer) => arrived.push(chunk.toString()));
  let left = 0;
  wire.write(chunksOf('ge', 't ', 'a\r\n'), () => left++);
  await until(() => calls.length === 2);
  assert.deepEqual(arrived, ['get a\r\n']);
  assert.equal(left, 1);
  assert.deepEqual(calls, [['end'], ['answered']]);
  assert.deepEqual(told, ['opened', 'received 5']);
});

test('a server that ends the connection ends it in good order', async (t) => {
  const server = await serverFor(t);
  server.greet = (peer) => peer.end();
  const { told } = wireTo(server.address, []);
  await until(() => told.length === 2);
  await sleep(20);
  assert.deepEqual(told, ['opened', 'closed in good order']);
});

test('what cannot be parsed closes it with an error, and nothing more is read', async (t) => {
  const server = await serverFor(t);
  server.greet = (peer) => peer.send('END\r\nEND\r\nEND\r\n');
  const { told, errors, calls } = wireTo(server.address, [get]);
  await until(() => errors.length > 0);
  await sleep(20);
  assert.deepEqual(told, ['opened', 'closed ERR_MEMCACHE_PROTOCOL']);
  assert.deepEqual(calls, [['end'], ['answered']]);
  assert.equal(errors[0]?.server, server.address);
  await until(() => server.peers[0].closed);
});

test('a refused connection says why', async (t) => {
  const server = await serverFor(t);
  await server.away();
  const { told, errors } = wireTo(server.address, []);
  await until(() => told.length > 0);
  assert.deepEqual(told, ['closed ERR_MEMCACHE_CONNECTION_LOST']);
  assert.match(String(errors[0]?.cause), /ECONNREFUSED/);
});

test('memory that is still leaving is let go of when the wire is destroyed, not before', async (t) => {
  const server = await serverFor(t);
  server.script = silence;
  server.greet = (peer) => peer.pause();
  const { wire, told } = wireTo(server.address, [get]);
  await until(() => told.includes('opened'));
  let left = 0;
  wire.write({ chunks: [Buffer.alloc(30_000_000, 'x')], blocks: [] }, () => left++);
  await sleep(20);
  assert.equal(left, 0);
  wire.destroy();
  assert.equal(left, 0, 'the kernel may still read it');
  await until(() => left === 1);
  await sleep(20);
  assert.equal(left, 1);
});

test('nothing is told after destroy', async (t) => {
  const server = await serverFor(t);
  server.greet = (peer) => peer.send('END\r\n');
  const { wire, told } = wireTo(server.address, [get]);
  wire.destroy();
  await sleep(30);
  assert.deepEqual(told, ['closed in good order']);
});

/** A stream of the caller's own, whose writes end when the test says so. */
class OwnStream extends Duplex {
  readonly sent: string[] = [];
  answer: ((request: string) => void) | undefined;
  hold = false;
  letGo: () => void = () => {};

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent.push(chunk.toString());
    this.answer?.(chunk.toString());
    if (this.hold) this.letGo = done;
    else done();
  }
}

test('a stream of the caller’s own is read by its chunks', async () => {
  const stream = new OwnStream();
  const { wire, told, calls } = wireTo('a:1', [get], () => stream);
  await until(() => told.includes('opened'));
  for (const piece of ['VALUE a 0 1\r', '\nx\r\nEN', 'D\r\n']) stream.push(piece);
  await until(() => calls.length === 3);
  assert.deepEqual(calls, [['item', 'a', 'x', 0, '', ''], ['end'], ['answered']]);
  wire.destroy();
  assert.equal(stream.destroyed, true);
});

test('each hand-over is let go of by its own write, also when an answer comes before', async () => {
  const stream = new OwnStream();
  const { wire, told } = wireTo('a:1', [], () => stream);
  await until(() => told.includes('opened'));
  const left: string[] = [];
  stream.hold = true;
  wire.write(chunksOf('first'), () => left.push('first'));
  const firstDone = stream.letGo;
  // What an answer to the first may bring about while the stream still holds it.
  wire.write(chunksOf('second'), () => left.push('second'));
  firstDone();
  await sleep(5);
  assert.deepEqual(stream.sent, ['first', 'second']);
  assert.deepEqual(left, [], 'the second is still under way');
  stream.letGo();
  await until(() => left.length > 0);
  assert.deepEqual(left, ['second']);
  wire.destroy();
});

test('a stream that is gone without a word lets go of what it held', async () => {
  const stream = new OwnStream();
  stream.hold = true;
  const { wire, told } = wireTo('a:1', [], () => stream);
  await until(() => told.includes('opened'));
  let left = 0;
  wire.write(chunksOf('request'), () => left++);
  stream.destroy();
  await until(() => told.includes('closed in good order'));
  await sleep(5);
  assert.equal(left, 1);
});
