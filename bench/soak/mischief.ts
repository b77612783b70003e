import { setTimeout as pause } from 'node:timers/promises';
import type {
  ChaosConditions,
  ChaosProxy,
  ChaosTarget,
  RunningMemcached,
} from '../../src/testing/index.ts';
import type { Random } from '../support/random.ts';

/** Something that happens to one of the servers; over when its promise resolves. */
export interface Mischief<T> {
  readonly name: string;
  does(target: T, forMs: number, random: Random): Promise<void>;
}

const FLAPS = 4;
const FLAP_MS = 200;

/** What happens to a server that is dialled directly. */
export const TO_SERVERS: readonly Mischief<RunningMemcached>[] = [
  { name: 'restart', does: (server) => server.restart() },
  {
    name: 'kill',
    async does(server, forMs) {
      await server.kill();
      await pause(forMs);
      await server.restart();
    },
  },
  {
    name: 'freeze',
    async does(server, forMs) {
      server.pause();
      await pause(forMs);
      server.resume();
    },
  },
  {
    name: 'hiccups',
    async does(server, forMs, random) {
      const until = performance.now() + forMs;
      while (performance.now() < until) {
        server.pause();
        await pause(random.between(10, 150));
        server.resume();
        await pause(random.between(10, 150));
      }
    },
  },
  {
    name: 'flap',
    async does(server) {
      for (let times = 0; times < FLAPS; times++) {
        await server.kill();
        await pause(FLAP_MS);
        await server.restart();
        await pause(FLAP_MS);
      }
    },
  },
];

const lasting = (
  name: string,
  conditions: ChaosConditions,
  where: ChaosTarget = {},
): Mischief<ChaosProxy> => ({
  name,
  async does(proxy, forMs) {
    proxy.set(conditions, where);
    await pause(forMs);
    proxy.clear();
  },
});

const door = (name: string, how: 'silent' | 'reset' | 'refuse'): Mischief<ChaosProxy> => ({
  name,
  async does(proxy, forMs) {
    await proxy.admit(how);
    proxy.cut();
    await pause(forMs);
    await proxy.heal();
  },
});

/** The connection ends at a point of a value, again and again. */
const ended = (
  name: string,
  how: 'reset' | 'end',
  value: 'before' | 'header' | 'data' | 'after-data' | 'after',
): Mischief<ChaosProxy> => ({
  name,
  async does(proxy, forMs) {
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      const pending = proxy.strike({ do: how, at: { value } });
      await Promise.race([pending.done, pause(FLAP_MS)]);
      pending.cancel();
      await pause(FLAP_MS);
    }
  },
});

const both: ChaosTarget = { direction: 'both' };

/** What happens on the way to a server behind a proxy. */
export const TO_PROXIES: readonly Mischief<ChaosProxy>[] = [
  lasting('delay', { delayMs: [1, 80] }, both),
  lasting('split', { split: { upTo: 40 } }, both),
  lasting('drip', { split: { every: 20, gapMs: 20 } }),
  lasting('narrow', { bytesPerSecond: 200_000 }),
  lasting('stall', { freeze: true }, both),
  lasting('black hole', { blackhole: true }, both),
  lasting('zero window', { stopReading: true }, { direction: 'toServer' }),
  door('refused', 'refuse'),
  door('silent', 'silent'),
  door('reset at the door', 'reset'),
  ended('reset in a header', 'reset', 'header'),
  ended('reset in a value', 'reset', 'data'),
  ended('end in a value', 'end', 'data'),
  ended('end behind a value', 'end', 'after-data'),
  {
    name: 'cut',
    async does(proxy, forMs) {
      const until = performance.now() + forMs;
      while (performance.now() < until) {
        proxy.cut();
        await pause(FLAP_MS);
      }
    },
  },
  {
    name: 'flap behind a proxy',
    async does(proxy, forMs) {
      proxy.flap({ upMs: FLAP_MS, downMs: FLAP_MS });
      await pause(forMs);
      await proxy.heal();
    },
  },
];
