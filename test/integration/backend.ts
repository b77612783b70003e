import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type ClientOptions, createClient, type MemcacheClient } from '../../src/index.ts';
import {
  type RunningMemcached,
  startMemcached,
  type StartMemcachedOptions,
} from '../../src/testing/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';

export type Options = Omit<ClientOptions, 'servers'>;

/** A machine that runs several test files at once pauses; no test here is about the default of a second. */
const PATIENCE_MS = 10_000;

/** A server of its own for some tests, and clients of it that end with them. */
export class Backend {
  readonly #settings: StartMemcachedOptions;
  readonly #clients: MemcacheClient[] = [];
  readonly #ways: { address?: (server: RunningMemcached) => string; options?: Options };
  #server: RunningMemcached | undefined;
  #shared: MemcacheClient | undefined;

  constructor(
    settings: StartMemcachedOptions = {},
    ways: { address?: (server: RunningMemcached) => string; options?: Options } = {},
  ) {
    this.#settings = settings;
    this.#ways = ways;
  }

  get server(): RunningMemcached {
    if (this.#server === undefined) throw new Error('the server has not been started');
    return this.#server;
  }

  /** As a client of this backend has to name the server. */
  get address(): string {
    return this.#ways.address?.(this.server) ?? this.server.address;
  }

  /** One client for all tests that need nothing special. */
  get cache(): MemcacheClient {
    this.#shared ??= this.client();
    return this.#shared;
  }

  client(options: Options = {}): MemcacheClient {
    const client = createClient({
      servers: this.address,
      timeoutMs: PATIENCE_MS,
      connectTimeoutMs: PATIENCE_MS,
      ...this.#ways.options,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  async start(): Promise<void> {
    this.#server = await startMemcached(this.#settings);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ timeoutMs: 0 })));
    await this.#server?.stop();
  }
}

/** Starts before the tests around it and stops after them. */
export function backend(...parts: ConstructorParameters<typeof Backend>): Backend {
  const made = new Backend(...parts);
  before(() => made.start());
  after(() => made.stop());
  return made;
}

/** The same tests over each way to reach a server. */
export function overEveryTransport(tests: (backend: Backend) => void): void {
  describe('over TCP', () => {
    tests(backend());
  });
  describe('over a Unix socket', () => {
    const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    tests(backend({ unixSocket: join(folder, 'mc.sock') }));
  });
  describe('over TLS', { skip: certificatesMissing }, () => {
    const { ca, cert, key, dispose } = makeCertificates();
    after(dispose);
    tests(
      backend(
        { tls: { cert: cert.path, key: key.path } },
        { address: ({ port }) => `localhost:${port}`, options: { tls: { ca: ca.content } } },
      ),
    );
  });
}
