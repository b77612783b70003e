import { after, before, beforeEach } from 'node:test';
import { type ClientOptions, createClient, type FleetClient } from '../../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../../src/testing/index.ts';
import type { FallbackMember } from '../../../src/wrappers/fallback-clients.ts';

const PATIENCE_MS = 10_000;

/** A new cluster and an old one, empty before each test, and one that is gone. */
export class Clusters {
  #fresh: FleetClient | undefined;
  #old: FleetClient | undefined;
  #dead: FleetClient | undefined;
  readonly #servers: RunningMemcached[] = [];
  readonly #clients: FleetClient[] = [];

  /** Has them for the tests of this file. */
  constructor() {
    before(async () => {
      const started = [startMemcached(), startMemcached(), startMemcached()];
      this.#servers.push(...(await Promise.all(started)));
      [this.#fresh, this.#old, this.#dead] = this.#servers.map((_, at) => this.clientOf(at));
      await this.#servers[2].stop();
    });
    beforeEach(async () => {
      await Promise.all([this.fresh.flushAll(), this.old.flushAll()]);
    });
    after(async () => {
      await Promise.all(this.#clients.map((client) => client.close()));
      await Promise.all(this.#servers.map((server) => server.stop()));
    });
  }

  get fresh(): FleetClient {
    return there(this.#fresh);
  }

  get old(): FleetClient {
    return there(this.#old);
  }

  get dead(): FleetClient {
    return there(this.#dead);
  }

  /** One more client: 0 of the new cluster, 1 of the old one. */
  clientOf(at: number, options: ClientOptions = {}): FleetClient {
    const client = createClient({
      servers: this.#servers[at].address,
      timeoutMs: PATIENCE_MS,
      connectTimeoutMs: PATIENCE_MS,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }
}

function there(client: FleetClient | undefined): FleetClient {
  if (client === undefined) throw new Error('the servers have not been started');
  return client;
}

/** The client with some verbs of its own. */
export function replacing(client: FleetClient, verbs: Partial<FallbackMember>): FallbackMember {
  return new Proxy(client, {
    get: (target, name) => {
      const verb: unknown =
        (verbs as Record<PropertyKey, unknown>)[name] ?? Reflect.get(target, name, target);
      return typeof verb === 'function' ? verb.bind(target) : verb;
    },
  });
}
