import { setTimeout as pause } from 'node:timers/promises';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';
import type { Stage } from '../stage/stage.ts';

/** Longer than a call may take, and shorter. */
const LONG_MS = 700;
const SHORT_MS = 100;
const FLAPS = 4;
const FLAP_MS = 100;

const KILLED: Fault = {
  label: `kill -9, back after ${LONG_MS} ms`,
  proxied: false,
  loses: true,
  async happen({ servers: [first] }) {
    await first.kill();
    await pause(LONG_MS);
    await first.restart();
    return 1;
  },
};

const RESTARTED: Fault = {
  label: 'restart on the same port',
  proxied: false,
  loses: true,
  async happen({ servers: [first] }) {
    await first.restart();
    return 1;
  },
};

const stopped = (label: string, ms: number): Fault => ({
  label: `SIGSTOP for ${label}`,
  proxied: false,
  async happen({ servers: [first] }) {
    first.pause();
    await pause(ms);
    first.resume();
    return 1;
  },
});

const STOPPED = stopped('longer than a call may take', LONG_MS);
const HELD_UP = stopped('less than a call may take', SHORT_MS);

const STOPPED_AND_KILLED: Fault = {
  label: 'SIGSTOP, then kill -9 and back',
  proxied: false,
  loses: true,
  async happen({ servers: [first] }) {
    first.pause();
    await pause(LONG_MS);
    await first.kill();
    await first.restart();
    return 1;
  },
};

const FLAPPING: Fault = {
  label: `killed and started ${FLAPS} times`,
  proxied: false,
  loses: true,
  async happen({ servers: [first] }) {
    for (let i = 0; i < FLAPS; i++) {
      await first.kill();
      await pause(FLAP_MS);
      await first.restart();
      await pause(FLAP_MS);
    }
    return FLAPS;
  },
};

const all = (
  label: string,
  happen: (server: Stage['servers'][number]) => Promise<void>,
): Fault => ({
  label,
  proxied: false,
  loses: true,
  async happen({ servers }) {
    await Promise.all(servers.map(happen));
    return servers.length;
  },
});

const ALL_KILLED = all(`all killed, back after ${LONG_MS} ms`, async (server) => {
  await server.kill();
  await pause(LONG_MS);
  await server.restart();
});

const ALL_STOPPED = all('SIGSTOP of all for longer than a call may take', async (server) => {
  server.pause();
  await pause(LONG_MS);
  server.resume();
});

const ABSENT: Fault = { ...KILLED, label: 'not there at first', atFirst: true };
const ASLEEP: Fault = { ...STOPPED, label: 'asleep at first (SIGSTOP)', atFirst: true };

/** What becomes of whole servers. */
export const PROCESSES: readonly FaultCase[] = [
  ...everyOf(
    'server lost',
    [KILLED],
    ['get', 'getMany', 'set', 'mixed', 'large', 'meta', 'incr', 'noreply', 'fetch'],
  ),
  ...everyOf('server lost', [KILLED], ['mixed', 'incr', 'fetch'], ['fleet']),
  ...everyOf('server lost', [KILLED], ['mixed'], ['pool', 'quiet', 'stubborn', 'workers', 'tls']),
  ...everyOf('server restarted', [RESTARTED], ['get', 'getMany', 'set', 'large', 'meta', 'incr']),
  ...everyOf('server restarted', [RESTARTED], ['mixed'], ['fleet', 'pool', 'classic', 'tls']),
  ...everyOf('server restarted', [FLAPPING], ['mixed', 'fetch'], ['one', 'fleet']),
  ...everyOf(
    'server asleep',
    [STOPPED],
    ['get', 'getMany', 'set', 'mixed', 'large', 'meta', 'incr', 'noreply', 'fetch', 'impatient'],
  ),
  ...everyOf('server asleep', [STOPPED], ['mixed', 'noreply', 'fetch'], ['fleet']),
  ...everyOf('server asleep', [STOPPED], ['mixed'], ['pool', 'quiet', 'workers', 'tls']),
  ...everyOf('server asleep', [HELD_UP], ['get', 'large']),
  ...everyOf('server asleep', [STOPPED_AND_KILLED], ['mixed'], ['one', 'fleet']),
  ...everyOf(
    'as it comes',
    [KILLED, RESTARTED, STOPPED, FLAPPING],
    ['mixed'],
    ['fleet, as it comes'],
  ),
  ...everyOf('as it comes', [ALL_KILLED, ALL_STOPPED], ['getMany'], ['fleet, as it comes']),
  ...everyOf('all servers', [ALL_KILLED, ALL_STOPPED], ['get', 'mixed', 'fetch'], ['fleet']),
  ...everyOf('not there at first', [ABSENT, ASLEEP], ['mixed', 'fetch'], ['one', 'fleet']),
];
