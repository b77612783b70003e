import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FleetClient, ManyError } from '../../../src/index.ts';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';

const HOLD_MS = 900;
const AT_ONCE = 2000;
const CONNECTIONS = 16;
/** memcached sweeps idle connections every few seconds: callers pause for longer than that. */
const QUIET_MS = 4500;

/** Connections of somebody else, until none is left to be had. */
async function crowd(port: number, ms: number): Promise<number> {
  const sockets: Socket[] = [];
  for (let i = 0; i < 2 * CONNECTIONS; i++) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    sockets.push(socket);
  }
  await pause(ms);
  for (const socket of sockets) socket.destroy();
  return sockets.length;
}

/** Under load the connections there are get lost as well: new ones come into the crowd. */
const crowded = (label: string, args: readonly string[]): Fault[] => {
  const under: Fault = {
    label,
    proxied: true,
    server: { maxConnections: CONNECTIONS, args },
    async happen({ proxies: [proxy], servers: [{ port }] }) {
      const crowding = crowd(port, HOLD_MS);
      await pause(HOLD_MS / 4);
      proxy.cut();
      return crowding;
    },
  };
  const atFirst: Fault = {
    ...under,
    label: `${label}, at first`,
    proxied: false,
    atFirst: true,
    happen: ({ servers: [{ port }] }) => crowd(port, HOLD_MS),
  };
  return [under, atFirst];
};

const CROWDED: readonly Fault[] = [
  ...crowded('no connection left, said', []),
  ...crowded('no connection left, unsaid', ['-o', 'no_maxconns_fast']),
];

const SWEPT: Fault = {
  label: 'idle connections closed by the server',
  proxied: false,
  server: { args: ['-o', 'idle_timeout=1'] },
  pauseMs: QUIET_MS,
  async happen({ client }) {
    await pause(2 * QUIET_MS);
    return client.metrics().reconnects;
  },
};

const FULL: Fault = {
  label: 'no memory left (-M)',
  proxied: false,
  // A store that is refused takes the old item with it.
  loses: true,
  server: { memoryMiB: 2, args: ['-M'] },
  async happen(stage) {
    return stage.besides(async (client) => {
      const refused = await fillUp(client);
      await pause(HOLD_MS);
      // Then there is room again, in pages of every size.
      await client.flushAll();
      return refused;
    });
  },
};

const PAGE_BYTES = 2 ** 20;
const ITEM_BYTES = 60;
const GROWTH = 1.2;
const LARGEST = 200_000;

/** Stores as much as there is room for, in values of every size; answers how many were refused. */
async function fillUp(client: FleetClient): Promise<number> {
  let refused = 0;
  for (let size = 16; size < LARGEST; size = Math.ceil(size * GROWTH)) {
    const value = 'x'.repeat(size);
    const count = Math.ceil(PAGE_BYTES / (size + ITEM_BYTES));
    const entries = Array.from(
      { length: count },
      (_, i) => [`filler:${size}:${i}`, value] as const,
    );
    for (let i = 0; i < count; i += AT_ONCE) {
      await client.setMany(entries.slice(i, i + AT_ONCE)).catch((error: ManyError) => {
        refused += error.errors.size;
      });
    }
  }
  return refused;
}

const SMALL_ITEMS: Fault = {
  label: 'values longer than the server takes (-I)',
  proxied: false,
  server: { itemSizeMax: 16_384, args: ['-o', 'slab_chunk_max=8192'] },
  async happen() {
    await pause(HOLD_MS);
    return 1;
  },
};

/** What memcached's own flags bring about. */
export const LIMITS: readonly FaultCase[] = [
  ...everyOf('server limits', CROWDED, ['get', 'mixed']),
  ...everyOf('server limits', CROWDED.slice(0, 1), ['large', 'fetch']),
  ...everyOf('server limits', [SWEPT], ['mixed']),
  ...everyOf('server limits', [FULL], ['set', 'large', 'noreply', 'fetch']),
  ...everyOf('server limits', [SMALL_ITEMS], ['large']),
];
