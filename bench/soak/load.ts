import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type ClientOptions, type FleetClient } from '../../src/index.ts';
import { Random } from '../support/random.ts';
import { Ledger } from './ledger.ts';
import { type Scene, type Step, STEPS } from './operations.ts';
import { Stock } from './stock.ts';

/** Short, so that a run of minutes sees many of each; workers started whatever they would save. */
const CLIENT_OPTIONS: Omit<ClientOptions, 'servers'> = {
  timeoutMs: 400,
  connectTimeoutMs: 400,
  health: { probeMs: 200, deadTimeoutMs: 1000 },
  reconnect: { minMs: 20, maxMs: 500 },
  connections: 2,
  idleProbeMs: 2000,
  offload: 'always',
};
const TIMEOUT_MS = 400;
const VISIT_EVERY_MS = 2000;
const VISITOR_KEYS = 30;

/** Callers of one client that go on whatever happens to its servers; beside them, clients that come and go. */
export class SoakLoad {
  readonly ledger: Ledger = new Ledger();
  visitors = 0;
  readonly #random: Random;
  readonly #pauseMs: number;
  readonly #stock = new Stock();
  readonly #deck: readonly Step[] = STEPS.flatMap((step) =>
    Array.from({ length: step.weight }, () => step),
  );
  #servers: readonly string[];
  #client: FleetClient | undefined;
  #over = false;
  #callers: Promise<unknown> = Promise.resolve();

  /** Each caller pauses for up to `pauseMs` between two calls. */
  constructor(servers: readonly string[], { seed, pauseMs }: { seed: number; pauseMs: number }) {
    this.#servers = servers;
    this.#random = new Random(seed);
    this.#pauseMs = pauseMs;
    this.#client = createClient({ ...CLIENT_OPTIONS, servers });
  }

  start(callers: number): void {
    const client = this.#client as FleetClient;
    const scene: Scene = {
      client,
      view: client.namespace('soak'),
      stock: this.#stock,
      ledger: this.ledger,
      counted: new Map(),
    };
    this.#callers = Promise.all([
      ...Array.from({ length: callers }, () => this.#call(scene, this.#random.fork())),
      this.#visits(this.#random.fork()),
    ]);
  }

  /** The fleet has other servers from now on. */
  async moveTo(servers: readonly string[]): Promise<void> {
    this.#servers = servers;
    await this.ledger.settled('setServers', 5 * TIMEOUT_MS, async () =>
      this.#client?.setServers(servers),
    );
  }

  metrics(): ReturnType<FleetClient['metrics']> | undefined {
    return this.#client?.metrics();
  }

  /** Lets every caller come to its end, at most for `patienceMs`, and lets go of the client. */
  async stop(patienceMs: number): Promise<void> {
    this.#over = true;
    await Promise.race([this.#callers, pause(patienceMs)]);
    this.ledger.sweep(0);
    await this.#client?.close();
    this.#client = undefined;
    this.#callers = Promise.resolve();
  }

  async #call(scene: Scene, random: Random): Promise<void> {
    while (!this.#over) {
      const { verb, calls, run } = random.pick(this.#deck);
      await this.ledger.settled(verb, calls * TIMEOUT_MS, () => run(scene, random));
      await pause(random.between(0, this.#pauseMs));
    }
  }

  /** A client that is closed while it is at work: nothing of it may stay. */
  async #visits(random: Random): Promise<void> {
    while (!this.#over) {
      await pause(random.between(0, 2 * VISIT_EVERY_MS));
      const visitor = createClient({
        ...CLIENT_OPTIONS,
        offload: 'never',
        servers: [...this.#servers],
      });
      const calls = Array.from({ length: VISITOR_KEYS }, (_, i) =>
        this.ledger.settled('get of a visitor', TIMEOUT_MS, () => visitor.get(`visitor:${i}`)),
      );
      await pause(random.between(0, 20));
      const timeoutMs = random.pick([0, 50, TIMEOUT_MS]);
      await this.ledger.settled('close of a visitor', timeoutMs, () =>
        visitor.close({ timeoutMs }),
      );
      await Promise.all(calls);
      this.visitors++;
    }
  }
}
