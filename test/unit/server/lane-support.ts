import type { TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { LineCommand } from '../../../src/server/answer-command.ts';
import { Lane } from '../../../src/server/lane.ts';
import type { LaneHost } from '../../../src/server/lane-host.ts';
import { SERVER_DEFAULTS, type ServerOptions } from '../../../src/server/options.ts';
import { GET, type ReadForm } from '../../../src/server/read-form.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';
import { AnswerWaiter, Port, ReadWaiter } from '../../support/waiters.ts';

interface Lab {
  readonly peer: ScriptedServer;
  readonly lane: Lane;
  readonly metrics: Metrics;
  readonly queued: { operations: number; bytes: number };
  readonly misplaced: string[];
  readonly told: { served: number; late: number; mayRepeat: boolean };
  read(this: void, ...keys: string[]): ReadWaiter;
  readAs(this: void, form: ReadForm, ...keys: string[]): ReadWaiter;
  remove(this: void, key: string): AnswerWaiter<boolean>;
}

/** A lane to a server that speaks meta, and what it tells. Both ends end with the test. */
export async function laneFor(
  t: TestContext,
  bulk: boolean,
  given: Partial<ConnectionOptions & ServerOptions> = {},
): Promise<Lab> {
  const peer = await ScriptedServer.start();
  t.after(() => peer.stop());
  const queued = { operations: 0, bytes: 0 };
  const misplaced: string[] = [];
  const told = { served: 0, late: 0, mayRepeat: true };
  const options = { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS, bulkBytes: 10, ...given };
  const metrics = new Metrics();
  const host: LaneHost = {
    options,
    metrics,
    limits: new Port({ speaksMeta: true }).limits,
    prepare: (done) => done(undefined, 1_000_000),
    changed: () => {},
    late: () => void told.late++,
    served: () => void told.served++,
    mayRepeat: () => told.mayRepeat,
    queued(operations, bytes) {
      queued.operations += operations;
      queued.bytes += bytes;
    },
    misplaced: (key) => void misplaced.push(key),
    crowded: false,
    rejected: () => {},
    shed: () => {},
  };
  const address = parseServer(peer.address);
  const lane = new Lane(
    host,
    { address, options, ticker: new Ticker(), metrics, guarded: () => {} },
    { bulk, pins: bulk },
  );
  t.after(() => lane.connection.close(0));
  const readAs = (form: ReadForm, ...keys: string[]): ReadWaiter => {
    const waiter = new ReadWaiter();
    keys.forEach((key, tag) => lane.read(form, key, waiter, tag));
    return waiter;
  };
  const read = (...keys: string[]): ReadWaiter => readAs(GET, ...keys);
  const remove = (key: string): AnswerWaiter<boolean> => {
    const waiter = new AnswerWaiter<boolean>();
    const text = key === '' ? 'flush_all' : `delete ${key}`;
    lane.send(
      new LineCommand({ verb: 'delete', key, text }, () => ({ answer: true }), {
        server: new Port(),
        sink: waiter,
        tag: 0,
      }),
    );
    return waiter;
  };
  return { peer, lane, metrics, queued, misplaced, told, read, readAs, remove };
}
