import type { TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import type { ConnectionState } from '../../../src/connection/state.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import type { HealthState } from '../../../src/server/health.ts';
import { SERVER_DEFAULTS, type ServerOptions } from '../../../src/server/options.ts';
import { Server } from '../../../src/server/server.ts';
import type { ServerEvents } from '../../../src/server/server-parts.ts';
import type { StoreAnswer } from '../../../src/server/store-command.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';
import { GET } from '../../../src/server/read-form.ts';
import { AnswerWaiter, ReadWaiter } from '../../support/waiters.ts';

export type Options = Partial<ServerOptions & ConnectionOptions>;

export const QUIET: ServerEvents = {
  connection: () => {},
  health: () => {},
  shed: () => {},
  large: () => {},
  rejected: () => {},
  desync: () => {},
  mayRepeat: () => true,
};

interface Lab {
  readonly peer: ScriptedServer;
  readonly server: Server;
  readonly metrics: Metrics;
  readonly shed: MemcacheError[];
  readonly health: HealthState[];
  readonly connections: ConnectionState[];
  get(this: void, ...keys: string[]): ReadWaiter;
  set(
    this: void,
    key: string,
    data: string | Uint8Array,
    release?: () => void,
  ): AnswerWaiter<StoreAnswer>;
}

/** A server to be talked to, and what it tells. Both ends end with the test. */
export async function serverFor(
  t: TestContext,
  options: Options = {},
  maxTtl?: number,
): Promise<Lab> {
  const peer = await ScriptedServer.start();
  t.after(() => peer.stop());
  const shed: MemcacheError[] = [];
  const health: HealthState[] = [];
  const connections: ConnectionState[] = [];
  const metrics = new Metrics();
  const server = new Server({
    address: parseServer(peer.address),
    options: { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS, ...options },
    ticker: new Ticker(),
    metrics,
    events: {
      ...QUIET,
      shed: (error) => void shed.push(error),
      health: (_server, state) => void health.push(state),
      connection: (_server, state) => void connections.push(state),
    },
    maxTtl,
  });
  t.after(() => server.close(0));

  const get = (...keys: string[]): ReadWaiter => {
    const waiter = new ReadWaiter();
    keys.forEach((key, tag) => server.read(GET, key, waiter, tag));
    return waiter;
  };
  const set = (key: string, data: string | Uint8Array, release?: () => void) => {
    const waiter = new AnswerWaiter<StoreAnswer>();
    const request = { verb: 'set', key, flags: 0, exptime: 0, data, cas: undefined } as const;
    server.store({ ...request, release }, { sink: waiter, tag: 0 });
    return waiter;
  };
  return { peer, server, metrics, shed, health, connections, get, set };
}

/** What each key came to, in the order of the keys. */
export const told = ({ told: all }: ReadWaiter): string[] =>
  all.toSorted(([a], [b]) => a - b).map(([, what]) => what);

/** What the waiter was told, as the code of an error where it was one. */
export async function outcome<T>(waiter: AnswerWaiter<T>): Promise<T | string> {
  const result = await waiter.done;
  return result instanceof MemcacheError ? result.code : result;
}
