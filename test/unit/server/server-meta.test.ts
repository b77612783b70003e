import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import type { MetaAnswer } from '../../../src/server/meta-commands.ts';
import type { DebugLine } from '../../../src/server/meta-probes.ts';
import { SERVER_DEFAULTS } from '../../../src/server/options.ts';
import { getAndTouch, metaRead } from '../../../src/server/read-form.ts';
import { Server } from '../../../src/server/server.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { startRelease } from '../../support/release-server.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';
import { outcome, QUIET } from './servers.ts';

const BLANK = wireKey(Buffer.from('a b'), '');

async function startServer(t: TestContext, maxTtl?: number) {
  const peer = await startRelease(t, '1.6.45');
  const metrics = new Metrics();
  const large: [verb: string, bytes: number][] = [];
  const server = new Server({
    address: parseServer(peer.address),
    options: { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS, warnValueBytes: 5 },
    ticker: new Ticker(),
    metrics,
    events: { ...QUIET, large: (_server, verb, bytes) => void large.push([verb, bytes]) },
    maxTtl,
  });
  t.after(() => server.close(0));
  return { peer, server, metrics, large };
}

const set = (data: string, release?: () => void) =>
  ({ key: 'a', flags: 0, data, release, meta: { mode: 'set', exptime: 0 } }) as const;

test('on a server with a limit nothing is given a longer life', async (t) => {
  const { peer, server } = await startServer(t, 10);
  const reads = new ReadWaiter();
  server.read(getAndTouch(3600, false), 'a', reads, 0);
  server.read(getAndTouch(5, false), 'a', reads, 1);
  server.read(getAndTouch(0, false), BLANK, reads, 2);
  server.read(metaRead('N3600 v f'), 'a', reads, 3);
  const answer = new AnswerWaiter<MetaAnswer>();
  server.meta({ verb: 'md', key: 'a', keepItem: true }, { sink: answer, tag: 0 });
  server.metaStore(set('x'), { sink: new AnswerWaiter<MetaAnswer>(), tag: 0 });
  const last = new AnswerWaiter<MetaAnswer>();
  server.meta({ verb: 'ma', key: 'a', mode: 'incr', delta: 1n, vivify: 0 }, { sink: last, tag: 0 });
  await last.done;
  assert.deepEqual(
    peer.asked.map((line) => line.replace(/ O\d+/, ' O')),
    [
      'gat 10 a',
      'gat 5 a',
      'mg a k N10 v f',
      'md a k T10 x',
      'ms a 1 k F0 MS T10',
      'ma a k MI D1 N10 v c t',
      'mg YSBi b O T10 v f',
    ],
  );
});

test('commands are counted by what they do', async (t) => {
  const { server, metrics } = await startServer(t);
  const answer = () => ({ sink: new AnswerWaiter<MetaAnswer>(), tag: 0 });
  server.meta({ verb: 'md', key: 'a' }, answer());
  server.meta({ verb: 'ma', key: 'a', mode: 'incr', delta: 1n }, answer());
  server.metaStore(set('x'), answer());
  const debug = new AnswerWaiter<DebugLine | undefined>();
  server.debug('a', { sink: debug, tag: 0 });
  const noop = new AnswerWaiter<true>();
  server.noop({ sink: noop, tag: 0 });
  assert.deepEqual([await outcome(debug), await outcome(noop)], [undefined, true]);
  assert.deepEqual([metrics.deletes, metrics.stores, metrics.otherCommands], [1, 1, 3]);
});

test('a large value is told of, and a refused one gives its memory back', async (t) => {
  const { server, large } = await startServer(t);
  const waiter = new AnswerWaiter<MetaAnswer>();
  server.metaStore(set('123456'), { sink: waiter, tag: 0 });
  await waiter.done;
  assert.deepEqual(large, [['ms', 6]]);
  await server.close(0);
  let given = 0;
  const late = new AnswerWaiter<MetaAnswer>();
  server.metaStore(
    set('x', () => void given++),
    { sink: late, tag: 0 },
  );
  assert.deepEqual([await outcome(late), given], ['ERR_MEMCACHE_CLOSED', 1]);
});
