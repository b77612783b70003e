import { setTimeout as pause } from 'node:timers/promises';
import {
  type ClientOptions,
  createClient,
  type FleetClient,
  type MemcacheError,
} from '../../../src/index.ts';
import {
  type ChaosProxy,
  type RunningMemcached,
  startChaosProxy,
  startMemcached,
  type StartMemcachedOptions,
} from '../../../src/testing/index.ts';
import type { Ledger } from '../load/ledger.ts';
import { certificates } from './certificates.ts';
import { type Setting, BASE } from './settings.ts';

/** What prepares and ends a case must not fail because the machine is busy. */
const PATIENT_MS = 20_000;
const RETRY_MS = 100;

export interface StageOptions {
  readonly setting: Setting;
  /** Flags of the servers that the fault needs. */
  readonly server: StartMemcachedOptions;
  /** A chaos proxy stands before each server. */
  readonly proxied: boolean;
  readonly seed: number;
}

/** Real servers, a proxy before each where the fault is on the way, and the client whose calls are judged. */
export class Stage {
  readonly servers: readonly RunningMemcached[];
  readonly proxies: readonly ChaosProxy[];
  /** Of the case under way; connects with its first call. */
  readonly client: FleetClient;
  readonly seed: number;
  readonly #all: readonly RunningMemcached[];
  readonly #shared: ClientOptions;

  private constructor(
    { setting, seed }: StageOptions,
    servers: readonly RunningMemcached[],
    spares: readonly RunningMemcached[],
    proxies: readonly ChaosProxy[],
  ) {
    this.servers = servers;
    this.proxies = proxies;
    this.seed = seed;
    this.#all = [...servers, ...spares];
    const gutter = spares.map(({ address }) => address);
    this.#shared = {
      // Or large values would travel as small ones.
      compressor: 'none',
      checksum: setting.options.checksum,
      ...(setting.tls === true && { tls: { ca: certificates().ca.content } }),
    };
    const base = setting.asItComes === true ? {} : BASE;
    this.client = createClient({
      ...base,
      ...this.#shared,
      ...setting.options,
      health: { ...base.health, ...setting.options.health },
      servers: this.#specs(proxies.length > 0 ? proxies : servers),
      ...(gutter.length > 0 && { gutter: { servers: gutter } }),
    });
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { setting, server, proxied, seed } = options;
    const start = (count: number): Promise<RunningMemcached[]> => {
      const { cert, key } = setting.tls === true ? certificates() : {};
      const tls = cert && key ? { tls: { cert: cert.path, key: key.path } } : {};
      const flags = { startTimeoutMs: PATIENT_MS, ...setting.server, ...server, ...tls };
      return Promise.all(Array.from({ length: count }, () => startMemcached(flags)));
    };
    const servers = await start(setting.servers);
    const spares = await start(setting.gutter === true ? 1 : 0);
    const to = proxied ? servers : [];
    const proxies = await Promise.all(
      to.map((one, index) => startChaosProxy({ to: one, seed: seed + index })),
    );
    return new Stage(options, servers, spares, proxies);
  }

  /** How many faults the proxies have done. */
  get struck(): number {
    const counts = this.proxies.flatMap(({ counters }) => Object.values(counters.faults));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The client is connected to every server, however long that takes on a busy machine. */
  async connect(): Promise<void> {
    const giveUp = performance.now() + PATIENT_MS;
    for (;;) {
      try {
        await this.client.connect();
        return;
      } catch (error) {
        if (performance.now() > giveUp) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  /** A client that no fault of a proxy befalls, and that finds every key where the other one does; patient, unless told. */
  async besides<T>(
    use: (client: FleetClient) => Promise<T>,
    timeoutMs: number = PATIENT_MS,
  ): Promise<T> {
    const client = createClient({
      ...this.#shared,
      timeoutMs,
      connectTimeoutMs: PATIENT_MS,
      servers: this.#specs(this.servers),
    });
    try {
      return await use(client);
    } finally {
      await client.close({ timeoutMs: 0 });
    }
  }

  /** Every key has its first value, but for those that the servers do not take. */
  async fill(ledger: Ledger): Promise<void> {
    await this.besides(async (client) => {
      await Promise.all(
        ledger.keys.map(async (key) => {
          const { version, value } = ledger.issue(key);
          try {
            await client.set(key, value);
            ledger.stored(key, version);
          } catch (error) {
            if ((error as MemcacheError).code !== 'ERR_MEMCACHE_TOO_LARGE') throw error;
          }
        }),
      );
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    await Promise.all(this.#all.map((server) => server.kill()));
  }

  /** Keys are placed by labels, whatever the way to the server. */
  #specs(
    ways: readonly { readonly port: number }[],
  ): { host: string; port: number; label: string }[] {
    return ways.map(({ port }, index) => ({ host: '127.0.0.1', port, label: `server${index}` }));
  }
}
