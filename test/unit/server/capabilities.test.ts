import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { Capabilities } from '../../../src/server/capabilities.ts';
import { SERVER_DEFAULTS, type ServerOptions } from '../../../src/server/options.ts';
import { until } from '../../support/fault-lab.ts';
import { startLineServer } from '../../support/line-server.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';

const LARGEST = 1_073_741_824;

function capabilitiesOf(t: TestContext, address: string, given: Partial<ServerOptions> = {}) {
  const options = { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS, ...given };
  const ticker = new Ticker();
  const metrics = new Metrics();
  const parts = { address: parseServer(address), options, ticker, metrics, guarded: () => {} };
  const capabilities = new Capabilities(options, parts);
  t.after(() => capabilities.close());
  const prepare = (): Promise<[error: MemcacheError | undefined, maxValueBytes: number]> =>
    new Promise((resolve) => capabilities.prepare((...said) => resolve(said)));
  return { capabilities, metrics, prepare };
}

async function scripted(t: TestContext): Promise<ScriptedServer> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  return server;
}

test('before it has been asked nothing is known but what was configured', async (t) => {
  const { capabilities } = capabilitiesOf(t, '127.0.0.1:1', { maxValueBytes: 5 });
  const { configured, itemSizeMax, speaksMeta, administration } = capabilities;
  assert.deepEqual(
    { configured, itemSizeMax, speaksMeta, administration },
    { configured: 5, itemSizeMax: undefined, speaksMeta: false, administration: true },
  );
});

test('it is asked once for as long as it may be the same process', async (t) => {
  const server = await scripted(t);
  server.itemSizeMax = 4096;
  const { capabilities, metrics, prepare } = capabilitiesOf(t, server.address);
  assert.deepEqual(await prepare(), [undefined, 4096]);
  assert.deepEqual(await prepare(), [undefined, 4096]);
  assert.equal(server.peers.length, 1);
  assert.equal(metrics.connects, 1);
  assert.deepEqual([capabilities.itemSizeMax, capabilities.speaksMeta], [4096, true]);
  server.itemSizeMax = 8192;
  capabilities.stale();
  assert.equal(capabilities.itemSizeMax, 4096, 'known until it is asked again');
  assert.deepEqual(await prepare(), [undefined, 8192]);
  assert.equal(server.peers.length, 2);
});

test('those who prepare at the same time share one question', async (t) => {
  const server = await scripted(t);
  const { prepare } = capabilitiesOf(t, server.address);
  const all = await Promise.all([prepare(), prepare(), prepare()]);
  for (const said of all) assert.deepEqual(said, [undefined, 1_048_576]);
  assert.equal(server.peers.length, 1);
});

test('who prepares is told as soon as the server answers, unless nothing has to be asked', async (t) => {
  const server = await scripted(t);
  const { capabilities } = capabilitiesOf(t, server.address);
  const told: string[] = [];
  const prepare = (name: string): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        told.push(`${name} done`);
        resolve();
      };
      capabilities.prepare(done, () => told.push(`${name} there`));
    });
  await Promise.all([prepare('a'), prepare('b')]);
  assert.deepEqual(told, ['a there', 'b there', 'a done', 'b done']);
  await prepare('c');
  assert.equal(told.at(-1), 'c done');
  assert.equal(told.length, 5);
  await server.away();
  capabilities.stale();
  await prepare('d');
  assert.equal(told.length, 6);
});

test('a server that cannot be reached is an error, and is asked again', async (t) => {
  const server = await scripted(t);
  const { prepare } = capabilitiesOf(t, server.address);
  await server.away();
  const [error, maxValueBytes] = await prepare();
  assert.deepEqual(
    [error?.code, error?.server, maxValueBytes],
    ['ERR_MEMCACHE_CONNECT', server.address, 0],
  );
  await server.listen();
  assert.deepEqual(await prepare(), [undefined, 1_048_576]);
});

test('nothing is asked where everything is configured', async (t) => {
  const { capabilities, prepare } = capabilitiesOf(t, '127.0.0.1:1', {
    dialect: 'meta',
    maxValueBytes: 1000,
  });
  assert.deepEqual(await prepare(), [undefined, LARGEST]);
  assert.equal(capabilities.speaksMeta, true);
});

test('the dialect that was configured goes before what the server says', async (t) => {
  const server = await scripted(t);
  for (const [dialect, expected] of [
    ['classic', false],
    ['meta', true],
    ['auto', true],
  ] as const) {
    const { capabilities, prepare } = capabilitiesOf(t, server.address, { dialect });
    await prepare();
    assert.equal(capabilities.speaksMeta, expected, dialect);
    assert.equal(capabilities.itemSizeMax, 1_048_576);
  }
});

test('a proxy that closes over the questions is classic and takes no administration', async (t) => {
  const server = await scripted(t);
  server.refusesToNegotiate = true;
  const { capabilities, prepare } = capabilitiesOf(t, server.address);
  assert.deepEqual(await prepare(), [undefined, LARGEST]);
  const { speaksMeta, administration, itemSizeMax } = capabilities;
  assert.deepEqual([speaksMeta, administration, itemSizeMax], [false, false, undefined]);
  assert.equal(server.peers.length, 2, 'asked twice, for it might have been a fault');
  capabilities.stale();
  await prepare();
  assert.equal(server.peers.length, 3, 'and believed from then on');
});

test('a fault over the questions makes no classic of a memcached', async (t) => {
  const server = await scripted(t);
  const { capabilities, prepare } = capabilitiesOf(t, server.address);
  const told = () => [capabilities.speaksMeta, capabilities.administration];
  server.greet = () => {
    server.refusesToNegotiate = server.peers.length === 1;
  };
  await prepare();
  assert.deepEqual(told(), [true, true], 'the first time it is asked again');
  server.refusesToNegotiate = true;
  server.greet = () => {};
  capabilities.stale();
  assert.deepEqual(await prepare(), [undefined, 1_048_576]);
  assert.deepEqual(told(), [true, true], 'later on what was known holds');
  capabilities.stale();
  await prepare();
  assert.deepEqual(told(), [false, false], 'twice in a row it means it');
  server.refusesToNegotiate = false;
  capabilities.stale();
  await prepare();
  assert.deepEqual(told(), [true, true]);
});

test('closed while it asks, it leaves no connection', async (t) => {
  const server = await startLineServer(t, (line) => (line === 'version' ? 'VERSION 1\r\n' : ''));
  const { capabilities, prepare } = capabilitiesOf(t, server.address);
  const prepared = prepare();
  await until(() => server.lines.includes('stats settings'));
  await capabilities.close();
  await prepared;
  await until(() => server.sockets.every(({ destroyed }) => destroyed));
});
