import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  type FleetClient,
  ManyError,
  MemcacheError,
} from '../../src/index.ts';
import {
  type RunningMemcached,
  startMemcached,
  type StartMemcachedOptions,
} from '../../src/testing/index.ts';

/** How much later than its deadline a call may settle on a machine that has other things to do. */
const SLACK_MS = 700;

/** Real servers that end with the test. */
export async function startFleet(
  t: TestContext,
  count: number,
  settings: StartMemcachedOptions = {},
): Promise<RunningMemcached[]> {
  const starts = Array.from({ length: count }, () => startMemcached({ threads: 1, ...settings }));
  const fleet = await Promise.all(starts);
  t.after(() => Promise.all(fleet.map((server) => server.stop())));
  return fleet;
}

export const addressesOf = (fleet: readonly { address: string }[]): string[] =>
  fleet.map(({ address }) => address);

/** A client that ends with the test. Values stay on this thread. */
export function fleetClient(
  t: TestContext,
  fleet: readonly { address: string }[],
  options: ClientOptions = {},
): FleetClient {
  const places = options.discovery === undefined ? { servers: addressesOf(fleet) } : {};
  const client = createClient({ offload: 'never', ...places, ...options });
  t.after(() => client.close({ timeoutMs: 0 }));
  return client;
}

/** Asks a server past every client; `last` is how the reply ends. */
export async function ask(
  { port }: { port: number },
  request: string,
  last: RegExp = /\r\n$/,
): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    socket.write(`${request}\r\n`);
    let reply = '';
    for await (const chunk of socket) {
      reply += String(chunk);
      if (last.test(reply)) break;
    }
    return reply;
  } finally {
    socket.destroy();
  }
}

/** Whether this server has the key, by its own word. */
export async function holds(server: { port: number }, key: string): Promise<boolean> {
  return (await ask(server, `mg ${key}`)).startsWith('HD');
}

/** What a server counts under this name. */
export async function countOf(server: { port: number }, name: string): Promise<number> {
  const stats = await ask(server, 'stats', /END\r\n$/);
  return Number(new RegExp(`^STAT ${name} (\\d+)\r$`, 'm').exec(stats)?.[1]);
}

/** So many keys that the client places on this server. */
export function keysOn(
  client: FleetClient,
  { address }: { address: string },
  count: number,
  name: string = 'key',
): string[] {
  const keys: string[] = [];
  for (let i = 0; keys.length < count; i++) {
    const key = `${name}:${i}`;
    if (client.serverFor(key) === address) keys.push(key);
  }
  return keys;
}

/** Entries of these keys: each has this value, or itself. */
export const each = (keys: readonly string[], value?: unknown): (readonly [string, unknown])[] =>
  keys.map((key) => [key, value ?? key]);

/** The states of health a server goes through, from now on. */
export function healthOf(client: FleetClient, { address }: { address: string }): string[] {
  const states: string[] = [];
  client.on('health', ({ server, state }) => {
    if (server === address) states.push(state);
  });
  return states;
}

/** What became of the calls of `Callers`. */
export interface Tally {
  operations: number;
  hits: number;
  misses: number;
  /** A version that was known to be replaced: what failover without a flush may show. */
  stale: number;
  /** Another key's value, or one that was never stored. */
  wrong: number;
  readonly errors: Map<string, number>;
  /** The moment of the last failure, in milliseconds of the monotonic clock. */
  lastFailureAt: number;
  slowestMs: number;
}

interface Owned {
  readonly key: string;
  issued: number;
  acknowledged: number;
}

/** Every so many operations a caller writes. */
const WRITE_EVERY = 4;

/**
 * Callers that each read and write keys of their own, round and round, and look at every value: it names its key and
 * its version.
 */
export class Callers {
  readonly tally: Tally = {
    operations: 0,
    hits: 0,
    misses: 0,
    stale: 0,
    wrong: 0,
    errors: new Map(),
    lastFailureAt: 0,
    slowestMs: 0,
  };
  readonly #client: FleetClient;
  readonly #owners: readonly Owned[][];
  #over = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    t: TestContext,
    client: FleetClient,
    { callers = 16, keysEach = 25 }: { callers?: number; keysEach?: number } = {},
  ) {
    this.#client = client;
    t.after(() => {
      this.#over = true;
    });
    this.#owners = Array.from({ length: callers }, (_, caller) =>
      Array.from({ length: keysEach }, (__, i) => ({
        key: `caller:${caller}:${i}`,
        issued: 0,
        acknowledged: 0,
      })),
    );
  }

  get keys(): string[] {
    return this.#owners.flatMap((owned) => owned.map(({ key }) => key));
  }

  /** Stores every value for the first time, and begins. `well`: nothing of it may fail. */
  async start(well: boolean = true): Promise<this> {
    // What a client does for the first time takes longer than the deadlines of these tests, on a busy machine.
    const patience: CallOptions = well ? { timeoutMs: 20_000 } : {};
    await Promise.all(this.#owners.flat().map((owned) => this.#write(owned, patience)));
    if (well) {
      assert.deepEqual([...this.tally.errors], [], 'the fleet is well before the fault');
      this.tally.slowestMs = 0;
    }
    this.#running = Promise.all(this.#owners.map((owned) => this.#call(owned)));
    return this;
  }

  /** Ends, and fails if a call has not settled soon after its deadline or was answered with what nobody stored. */
  async stop(): Promise<Tally> {
    this.#over = true;
    const timeoutMs = this.#client.config().timeoutMs.value;
    const gone = await Promise.race([
      this.#running.then(() => true),
      sleep(timeoutMs + 2 * SLACK_MS, false, { ref: false }),
    ]);
    assert.ok(gone, 'a call hangs');
    const { tally } = this;
    assert.equal(tally.wrong, 0, 'wrong values');
    assert.ok(tally.slowestMs <= timeoutMs + SLACK_MS, `a call took ${tally.slowestMs} ms`);
    return tally;
  }

  /** Waits until each caller has been round all of its keys once more. */
  async round(): Promise<void> {
    const [owned] = this.#owners;
    const due = this.tally.operations + 2 * this.#owners.length * owned.length;
    while (this.tally.operations < due) await sleep(5);
  }

  /** Waits until so many milliseconds have gone without a failure; answers when the last one was, after `since`. */
  async whole(since: number, quietMs: number): Promise<number> {
    const giveUp = performance.now() + 20_000;
    while (performance.now() < Math.max(since, this.tally.lastFailureAt) + quietMs) {
      assert.ok(performance.now() < giveUp, 'the fleet does not get whole');
      await sleep(5);
    }
    await this.round();
    return Math.max(0, this.tally.lastFailureAt - since);
  }

  async #call(owned: readonly Owned[]): Promise<void> {
    for (let step = 1; !this.#over; step++) {
      const one = owned[step % owned.length];
      if (step % WRITE_EVERY === 0) await this.#write(one);
      else await this.#read(one);
      await sleep(1);
    }
  }

  #write(owned: Owned, options: CallOptions = {}): Promise<void> {
    const version = ++owned.issued;
    return this.#timed(async () => {
      await this.#client.set(owned.key, `${owned.key}#${version}`, options);
      owned.acknowledged = version;
    });
  }

  #read(owned: Owned): Promise<void> {
    const { tally } = this;
    return this.#timed(async () => {
      const value = await this.#client.get<string>(owned.key);
      if (value === undefined) {
        tally.misses++;
        return;
      }
      const [key, version] = value.split('#');
      const isOurs = Number(version) >= 1 && Number(version) <= owned.issued;
      if (key !== owned.key || !isOurs) tally.wrong++;
      else if (Number(version) < owned.acknowledged) tally.stale++;
      tally.hits++;
    });
  }

  async #timed(operation: () => Promise<void>): Promise<void> {
    const { tally } = this;
    const began = performance.now();
    tally.operations++;
    try {
      await operation();
    } catch (error) {
      const code = error instanceof MemcacheError ? error.code : String(error);
      tally.errors.set(code, (tally.errors.get(code) ?? 0) + 1);
      tally.lastFailureAt = performance.now();
    }
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - began);
  }
}

export const failuresOf = ({ errors }: Tally): number =>
  [...errors.values()].reduce((sum, count) => sum + count, 0);

/** Fails if there was an error of another kind than these. */
export function assertOnly({ errors }: Tally, allowed: readonly string[]): void {
  const others = [...errors].filter(([code]) => !allowed.includes(code));
  assert.deepEqual(others, [], 'errors of another kind');
}

/** The ManyError a call was rejected with. */
export async function manyError(call: Promise<unknown>): Promise<ManyError<string>> {
  const error = await call.then(
    () => assert.fail('answered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ManyError, String(error));
  return error as ManyError<string>;
}

/** Settings with which a test need not wait: everything happens in a tenth of the usual time or less. */
export const QUICK: ClientOptions = {
  timeoutMs: 150,
  connectTimeoutMs: 150,
  reconnect: { minMs: 5, maxMs: 40 },
  health: { retryTimeoutMs: 10, probeMs: 60, deadTimeoutMs: 300 },
};

/** How calls may fail while a server is away. */
export const AWAY: readonly string[] = [
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_CONNECT',
  'ERR_MEMCACHE_UNAVAILABLE',
];

/** A server is out with its first failure, and is not asked for its return while the test lasts. */
export const OUT_AT_ONCE: ClientOptions = {
  ...QUICK,
  health: { retryAttempts: 0, probeMs: 60_000, deadTimeoutMs: 60_000 },
};

/** Calls a server that was killed or frozen, by a key that goes there, until the client has taken it out. */
export async function taken(
  client: FleetClient,
  server: { address: string },
  key: string = keysOn(client, server, 1, 'taken')[0],
): Promise<void> {
  const states = healthOf(client, server);
  const giveUp = performance.now() + 10_000;
  while (!states.includes('down')) {
    assert.ok(performance.now() < giveUp, 'it is not taken out');
    await client.get(key).catch(() => {});
    await sleep(1);
  }
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
