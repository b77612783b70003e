import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type ClientOptions, createClient, type FleetClient } from '../../src/index.ts';
import {
  type RunningMemcached,
  startMemcached,
  type StartMemcachedOptions,
} from '../../src/testing/index.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { foreignProgramMissing } from '../support/foreign-programs.ts';
import { type RunningProxy, startHaproxy, startNutcracker } from '../support/proxies.ts';

export type Options = Omit<ClientOptions, 'servers'>;

/** A machine that runs several test files at once pauses; no test here is about the default of a second. */
export const PATIENCE_MS = 10_000;

/** How clients come to a server, where it is not by its own address and without options. */
interface Ways {
  readonly address?: (server: RunningMemcached) => string;
  readonly options?: Options;
  readonly proxy?: (server: RunningMemcached) => Promise<RunningProxy>;
  /** Only classic commands about keys arrive. */
  readonly keysOnly?: boolean;
}

/** A server of its own for some tests, and clients of it that end with them. */
export class Backend {
  readonly #settings: StartMemcachedOptions;
  readonly #clients: FleetClient[] = [];
  readonly #ways: Ways;
  #server: RunningMemcached | undefined;
  #proxy: RunningProxy | undefined;
  #shared: FleetClient | undefined;

  constructor(settings: StartMemcachedOptions = {}, ways: Ways = {}) {
    this.#settings = settings;
    this.#ways = ways;
  }

  get server(): RunningMemcached {
    if (this.#server === undefined) throw new Error('the server has not been started');
    return this.#server;
  }

  /** As a client of this backend has to name the server. */
  get address(): string {
    return this.#proxy?.address ?? this.#ways.address?.(this.server) ?? this.server.address;
  }

  /** False, or why no command about a whole server and no meta command arrives: what node:test takes as `skip`. */
  get keysOnly(): false | string {
    return this.#ways.keysOnly === true && 'the proxy takes only classic commands about keys';
  }

  /** One client for all tests that need nothing special. */
  get cache(): FleetClient {
    this.#shared ??= this.client();
    return this.#shared;
  }

  client(options: Options = {}): FleetClient {
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
    this.#proxy = await this.#ways.proxy?.(this.#server);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ timeoutMs: 0 })));
    await this.#proxy?.stop();
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
  describe('through haproxy', { skip: foreignProgramMissing('haproxy') }, () => {
    tests(backend({}, { proxy: ({ address }) => startHaproxy(address) }));
  });
  describe('through nutcracker', { skip: foreignProgramMissing('nutcracker') }, () => {
    const proxy: Ways['proxy'] = ({ address }) => startNutcracker([address]);
    tests(backend({}, { proxy, keysOnly: true }));
  });
}
