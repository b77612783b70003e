import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { DialJournal } from '../../../src/connection/dial-journal.ts';
import { serverFields } from '../../../src/connection/telling.ts';
import { MemcacheConnectionError } from '../../../src/errors.ts';
import { ServerTimes, Timing } from '../../../src/observability/timing.ts';
import { Scope } from '../../../src/primitives/scope.ts';
import { ChannelEar } from '../../support/channel-ear.ts';

const TO = { server: '10.0.0.1:11211', serverAddress: '10.0.0.1', serverPort: 11_211 };
const error = new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', 'nobody there');

function journalFor(t: TestContext) {
  const timing = new Timing(false);
  timing.durations = true;
  const times = new ServerTimes(timing);
  const to = serverFields(parseServer(TO.server));
  const journal = new DialJournal({ client: 3, to, times, scope: new Scope() });
  return { ear: new ChannelEar(t), journal, times };
}

const eventsOf = ({ heard }: ChannelEar): string[] =>
  heard.map(({ name, event }) => (event === undefined ? name : `${name} ${event}`));

test('a dial and the connection that comes of it, up to its end', (t) => {
  const { ear, journal, times } = journalFor(t);
  journal.begun();
  journal.ready('1.6.18');
  const dialled = ['connect start', 'connect end', 'connect asyncStart', 'connect asyncEnd'];
  assert.deepEqual(eventsOf(ear), [...dialled, 'connectionReady']);
  for (const message of ear.of('connect', 'asyncEnd'))
    assert.deepEqual(message, { client: 3, ...TO });
  assert.deepEqual(ear.of('connectionReady'), [{ client: 3, ...TO, version: '1.6.18' }]);
  assert.equal(times.durations().create.count, 1);
  journal.over(error);
  assert.deepEqual(ear.of('connectionClosed'), [{ client: 3, ...TO, error }]);
});

test('a probe that is answered is no dial, and an end is told once', (t) => {
  const { ear, journal, times } = journalFor(t);
  journal.begun();
  journal.ready('1.6.18');
  journal.ready('1.6.18');
  journal.over(undefined);
  journal.over(undefined);
  assert.equal(ear.of('connectionReady').length, 1);
  assert.deepEqual(ear.of('connectionClosed'), [{ client: 3, ...TO, error: undefined }]);
  assert.equal(times.durations().create.count, 1);
});

test('a dial of which nothing comes ends with its error, or as one that was closed', (t) => {
  const { ear, journal, times } = journalFor(t);
  journal.begun();
  journal.over(error);
  journal.begun();
  journal.over(undefined);
  const errors = ear.of('connect', 'error').map((message) => message.error);
  assert.equal(errors[0], error);
  assert.equal((errors[1] as MemcacheConnectionError).code, 'ERR_MEMCACHE_CLOSED');
  assert.deepEqual([ear.of('connectionReady'), ear.of('connectionClosed')], [[], []]);
  assert.equal(times.durations().create.count, 0);
});

test('for nobody it tells nothing', (t) => {
  const ear = new ChannelEar(t);
  const journal = new DialJournal(undefined);
  journal.begun();
  journal.ready('1.6.18');
  journal.over(error);
  assert.deepEqual(ear.heard, []);
});
