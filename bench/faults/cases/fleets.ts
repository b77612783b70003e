import { setTimeout as pause } from 'node:timers/promises';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';

const OUT_MS = 700;
const CHANGES = 4;
const CHANGE_MS = 120;

/** How a server of a fleet goes out; what it has stays with it, and old values come back with it. */
const OUTAGES: readonly Fault[] = [
  {
    label: 'one killed',
    proxied: false,
    loses: true,
    async happen({ servers: [first] }) {
      await first.kill();
      await pause(OUT_MS);
      await first.restart();
      return 1;
    },
  },
  {
    label: 'one refuses',
    proxied: true,
    loses: true,
    async happen({ proxies: [first] }) {
      await first.admit('refuse');
      first.cut();
      await pause(OUT_MS);
      await first.heal();
      return 1;
    },
  },
  {
    label: 'one in a black hole',
    proxied: true,
    loses: true,
    async happen({ proxies: [first] }) {
      first.set({ blackhole: true }, { direction: 'both' });
      await pause(OUT_MS);
      // What has vanished is never answered: those connections can only be given up.
      first.cut();
      await first.heal();
      return 1;
    },
  },
];

const TWO_LOST: Fault = {
  label: 'two of three killed',
  proxied: false,
  loses: true,
  async happen({ servers: [first, second] }) {
    await Promise.all([first.kill(), second.kill()]);
    await pause(OUT_MS);
    await Promise.all([first.restart(), second.restart()]);
    return 2;
  },
};

const CHANGED: Fault = {
  label: 'servers taken away and given back by setServers',
  proxied: false,
  loses: true,
  async happen({ client, servers }) {
    const specs = servers.map(({ port }, index) => ({
      host: '127.0.0.1',
      port,
      label: `server${index}`,
    }));
    for (let i = 0; i < CHANGES; i++) {
      await client.setServers(specs.slice(1));
      await pause(CHANGE_MS);
      await client.setServers(specs);
      await pause(CHANGE_MS);
    }
    return 2 * CHANGES;
  },
};

const CHANGED_AND_KILLED: Fault = {
  ...CHANGED,
  label: 'a server killed while setServers takes it away',
  async happen(stage) {
    const [first] = stage.servers;
    const killed = pause(CHANGE_MS).then(() => first.kill());
    await CHANGED.happen(stage);
    await killed;
    await first.restart();
    return 1;
  },
};

/** What the servers that are left make of it. */
export const FLEETS: readonly FaultCase[] = [
  ...everyOf(
    'fleet',
    OUTAGES,
    ['mixed'],
    ['fleet', 'fleet, error', 'fleet, miss', 'fleet, at once', 'fleet, gutter', 'fleet, emptied'],
  ),
  ...everyOf('fleet', OUTAGES.slice(0, 1), ['getMany', 'incr'], ['fleet']),
  ...everyOf('fleet', [TWO_LOST], ['mixed', 'getMany'], ['fleet', 'fleet, error']),
  ...everyOf('fleet', [CHANGED, CHANGED_AND_KILLED], ['mixed', 'fetch'], ['fleet']),
];
