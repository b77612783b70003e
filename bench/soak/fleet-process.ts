// The servers of a soak, what stands before them and what happens to them, in a process of their own: the memory and
// the sockets that are watched in the other one are the client's.
import { setTimeout as pause } from 'node:timers/promises';
import {
  type ChaosProxy,
  type RunningMemcached,
  startChaosProxy,
  startMemcached,
} from '../../src/testing/index.ts';
import { Random } from '../support/random.ts';
import { type Mischief, TO_PROXIES, TO_SERVERS } from './mischief.ts';

/** What the fleet is told. */
export type Order =
  | { readonly type: 'start'; readonly seed: number }
  /** Mischief begins: each goes on for so long, and so long is between two on one kind of server. */
  | { readonly type: 'go'; readonly forMs: readonly [number, number]; readonly restMs: number }
  /** Mischief ends, everything is healed. */
  | { readonly type: 'calm' };

/** What the fleet says. */
export type News =
  | { readonly type: 'started'; readonly servers: readonly string[]; readonly versions: string }
  | { readonly type: 'mischief'; readonly name: string; readonly begins: boolean }
  | { readonly type: 'servers'; readonly servers: readonly string[] }
  | { readonly type: 'calm' }
  | { readonly type: 'failed'; readonly reason: string };

const DIRECT = 3;
const BEHIND_PROXIES = 3;
/** The list of servers never gets shorter than that. */
const FEWEST = 4;
const CHANGE_EVERY_MS = 5000;
const MEMORY_MIB = 256;

const say = (news: News): void => {
  process.send?.(news);
};

class Fleet {
  readonly #direct: readonly RunningMemcached[];
  readonly #proxies: readonly ChaosProxy[];
  readonly #random: Random;
  #calm = false;
  #lanes: Promise<unknown> = Promise.resolve();

  constructor(direct: readonly RunningMemcached[], proxies: readonly ChaosProxy[], random: Random) {
    this.#direct = direct;
    this.#proxies = proxies;
    this.#random = random;
  }

  get servers(): string[] {
    return [...this.#direct, ...this.#proxies].map(({ address }) => address);
  }

  go(forMs: readonly [number, number], restMs: number): void {
    this.#lanes = Promise.all([
      this.#trouble(this.#direct, TO_SERVERS, forMs, restMs),
      this.#trouble(this.#proxies, TO_PROXIES, forMs, restMs),
      this.#change(),
    ]);
  }

  async calm(): Promise<void> {
    this.#calm = true;
    await this.#lanes;
    await Promise.all(this.#proxies.map((proxy) => proxy.heal()));
  }

  /** One thing after the other, each as often as any other. */
  async #trouble<T>(
    targets: readonly T[],
    kinds: readonly Mischief<T>[],
    [least, most]: readonly [number, number],
    restMs: number,
  ): Promise<void> {
    const random = this.#random.fork();
    while (!this.#calm) {
      for (const { name, does } of random.shuffled(kinds)) {
        if (this.#calm) return;
        say({ type: 'mischief', name, begins: true });
        await does(random.pick(targets), random.between(least, most), random);
        say({ type: 'mischief', name, begins: false });
        await pause(random.between(restMs / 2, restMs));
      }
    }
  }

  /** Servers leave the list and come back to it. */
  async #change(): Promise<void> {
    const random = this.#random.fork();
    while (!this.#calm) {
      await pause(random.between(CHANGE_EVERY_MS / 2, CHANGE_EVERY_MS));
      const all = random.shuffled(this.servers);
      const left = FEWEST + random.below(all.length - FEWEST + 1);
      say({ type: 'servers', servers: all.slice(0, left) });
    }
    say({ type: 'servers', servers: this.servers });
  }
}

async function start(seed: number): Promise<Fleet> {
  const servers = await Promise.all(
    Array.from({ length: DIRECT + BEHIND_PROXIES }, () =>
      startMemcached({ memoryMiB: MEMORY_MIB }),
    ),
  );
  const proxies = await Promise.all(
    servers.slice(DIRECT).map((to, i) => startChaosProxy({ to, seed: seed + i })),
  );
  const fleet = new Fleet(servers.slice(0, DIRECT), proxies, new Random(seed));
  say({ type: 'started', servers: fleet.servers, versions: servers[0].version });
  return fleet;
}

let fleet: Fleet | undefined;

async function obey(order: Order): Promise<void> {
  if (order.type === 'start') fleet = await start(order.seed);
  else if (order.type === 'go') fleet?.go(order.forMs, order.restMs);
  else {
    await fleet?.calm();
    say({ type: 'calm' });
  }
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => {
    say({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  });
});
process.on('unhandledRejection', (error) => {
  say({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
});
// Whoever is left alone, or told to end, ends its servers with it: that is done at `exit`, which no signal runs by itself.
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
