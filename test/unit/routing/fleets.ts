import type { TestContext } from 'node:test';
import { parseServer, type ServerAddress } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { MemcacheConnectionError, type MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { Fleet, type FleetParts, type TopologyChange } from '../../../src/routing/fleet.ts';
import { FLEET_DEFAULTS, type FleetOptions } from '../../../src/routing/fleet-options.ts';
import type { Hasher } from '../../../src/routing/hasher.ts';
import { SERVER_DEFAULTS } from '../../../src/server/options.ts';
import { Server } from '../../../src/server/server.ts';
import { ScriptedServer } from '../../support/scripted-server.ts';

/** Keys are numbers: each is on the server of that number, modulo how many there are; the next ones stand in. */
export const byNumber: Hasher = (nodes) => {
  const locate = (key: string | Uint8Array): number => Number(key) % nodes.length;
  return {
    locate,
    candidates: (key) => nodes.map((_, i) => (locate(key) + i) % nodes.length),
    explain: () => undefined,
  };
};

export const LOST: MemcacheError = new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', 'lost');

/** A server nobody talks to unless it is asked something. */
export function serverOf(address: ServerAddress, maxTtl?: number): Server {
  return new Server({
    address,
    options: {
      ...CONNECTION_DEFAULTS,
      ...SERVER_DEFAULTS,
      dialect: 'classic',
      maxValueBytes: 1000,
    },
    ticker: new Ticker(),
    metrics: new Metrics(),
    events: {
      connection: () => {},
      health: () => {},
      shed: () => {},
      large: () => {},
      rejected: () => {},
      desync: () => {},
      mayRepeat: () => true,
    },
    maxTtl,
  });
}

export const addressesOf = (...names: string[]): ServerAddress[] =>
  names.map((name) => parseServer(name));

interface MadeFleet {
  readonly fleet: Fleet;
  readonly made: Server[];
  readonly changes: TopologyChange[];
  readonly metrics: Metrics;
  /** Takes servers out. */
  lose(...names: string[]): void;
  /** Where a key goes, or the code of the error. */
  route(this: void, key: string): string;
}

/** A fleet that places by number; it is closed with the test. */
export function fleetFor(
  t: TestContext,
  options: Partial<FleetOptions> = {},
  parts: Partial<FleetParts> = {},
): MadeFleet {
  const made: Server[] = [];
  const changes: TopologyChange[] = [];
  const metrics = new Metrics();
  const fleet = new Fleet({
    hasher: byNumber,
    options: { ...FLEET_DEFAULTS, ...options },
    gutter: [],
    metrics,
    drainTimeoutMs: 1000,
    makeServer: (address, spare) => {
      const server = serverOf(address, spare ? 10 : undefined);
      made.push(server);
      return server;
    },
    changed: (change) => void changes.push(change),
    ...parts,
  });
  t.after(() => fleet.close(0));
  const lose = (...names: string[]): void => {
    for (const server of made) if (names.includes(server.name)) server.health.doubt(LOST);
  };
  const route = (key: string): string => {
    const found = fleet.route(key);
    return found instanceof Server ? found.name : found.code;
  };
  return { fleet, made, changes, metrics, lose, route };
}

/** Servers in this process. */
export async function scripted(t: TestContext, count: number): Promise<ScriptedServer[]> {
  const starts = Array.from({ length: count }, () => ScriptedServer.start());
  const servers = await Promise.all(starts);
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  return servers;
}
