import type { Socket } from 'node:net';
import { Doorkeeper } from './doorkeeper.ts';
import { FakeAuthentication, type FakeUsers } from './fake-authentication.ts';
import { classicCommand } from './fake-classic.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeConversation, type FakeHook } from './fake-conversation.ts';
import { type FakeServerFacts, serverCommand } from './fake-facts.ts';
import { FakeItems } from './fake-items.ts';
import { metaCommand } from './fake-meta.ts';
import { type FakeReply, UNKNOWN } from './fake-replies.ts';
import type { FakeRequest, ReadRequest } from './fake-request.ts';
import { reset } from './reset.ts';

/** How a server in this process is started. */
export interface FakeMemcachedOptions {
  /** TCP port on 127.0.0.1. Default: 0, a free one. Without meaning beside `unixSocket`. */
  readonly port?: number;
  /** Where to listen instead of a TCP port: the path of a Unix socket. */
  readonly unixSocket?: string;
  /** What it says it is. What it understands stays that of 1.6.18. Default: `1.6.18`. */
  readonly version?: string;
  /** 'classic': it knows no meta command, as some services and proxies. Default: 'meta'. */
  readonly dialect?: 'meta' | 'classic';
  /** Largest item, in bytes, its header included. Default: 1 MiB. */
  readonly itemSizeMax?: number;
  /**
   * Whether `requests` has all of them. Default: true. Without, a server can be asked millions of times and its memory
   * does not grow.
   */
  readonly keepRequests?: boolean;
  /** Names and passwords of those who may use it, as with `-Y`. Default: everybody may. */
  readonly users?: FakeUsers;
}

/** A server in this process that answers as memcached 1.6.18 does, until it is told otherwise. It never keeps the process alive. */
export interface FakeMemcached {
  /** As `createClient` takes it. Stays the same over restarts. */
  readonly address: string;
  /** The TCP port; 0 with a Unix socket. */
  readonly port: number;
  /** What it says it is, such as `1.6.18`. */
  readonly version: string;
  /** What time it is for items. Real time, until it is put forward. */
  readonly clock: {
    /** Unix time in whole seconds. */
    readonly now: number;
    /** Puts it forward. */
    advance(seconds: number): void;
  };
  /** All requests so far, those of readiness and negotiation among them; none with `keepRequests: false`. */
  readonly requests: readonly FakeRequest[];
  /** Connections open now. */
  readonly connections: number;
  /** Items stored now. */
  readonly size: number;
  /** Asks this before each request, before those given earlier. Returns what ends that. */
  intercept(hook: FakeHook): () => void;
  /** No item is left; nothing of it is seen in `requests`. */
  flush(): void;
  /** Connections stay open and no answer comes, as with SIGSTOP. */
  pause(): void;
  /** It answers again, what came meanwhile first. */
  resume(): void;
  /** Resets all connections. */
  cut(): void;
  /** Resets all connections and listens no more. */
  stop(): Promise<void>;
  /** Stops, and listens anew, empty, at the same address. */
  restart(): Promise<void>;
  /** `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_VERSION = '1.6.18';
const DEFAULT_ITEM_SIZE_MAX = 2 ** 20;

class Fake extends Doorkeeper implements FakeMemcached {
  readonly clock = new FakeClock();
  readonly requests: FakeRequest[] = [];
  readonly #options: FakeMemcachedOptions;
  readonly #itemSizeMax: number;
  readonly #sockets = new Set<Socket>();
  #connectionsEver = 0;
  #startedAt = this.clock.now;
  #hooks: FakeHook[] = [];
  #paused = false;
  #items: FakeItems;

  constructor(options: FakeMemcachedOptions) {
    super(options);
    this.#options = options;
    this.#itemSizeMax = options.itemSizeMax ?? DEFAULT_ITEM_SIZE_MAX;
    this.#items = new FakeItems(this.clock, this.#itemSizeMax);
  }

  get version(): string {
    return this.#options.version ?? DEFAULT_VERSION;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get size(): number {
    this.#items.tick();
    return this.#items.all().length;
  }

  intercept(hook: FakeHook): () => void {
    this.#hooks = [hook, ...this.#hooks];
    return () => {
      this.#hooks = this.#hooks.filter((one) => one !== hook);
    };
  }

  flush(): void {
    this.#items.clear();
  }

  pause(): void {
    this.#paused = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const socket of this.#sockets) socket.resume();
  }

  cut(): void {
    for (const socket of this.#sockets) reset(socket);
  }

  stop(): Promise<void> {
    this.door.shut();
    this.cut();
    return Promise.resolve();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#items = new FakeItems(this.clock, this.#itemSizeMax);
    this.#startedAt = this.clock.now;
    this.#paused = false;
    await this.start();
  }

  protected welcome(socket: Socket): void {
    socket.unref();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const authentication = new FakeAuthentication(this.#options.users);
    const conversation = new FakeConversation({
      connection: this.#connectionsEver++,
      socket,
      hooks: () => this.#hooks,
      log: (request) => {
        if (this.#options.keepRequests !== false) this.requests.push(request);
      },
      perform: (request) =>
        authentication.passed ? this.#perform(request) : authentication.try(request),
    });
    if (!this.#paused) conversation.begin();
  }

  #perform(request: ReadRequest): FakeReply | null {
    if (request.verb === 'quit') return null;
    this.#items.tick();
    const speaksMeta = this.#options.dialect !== 'classic';
    const done =
      classicCommand(this.#items, request) ??
      (speaksMeta ? metaCommand(this.#items, request) : undefined) ??
      serverCommand(this.#items, request, this.#facts());
    return done === undefined ? UNKNOWN : done.reply;
  }

  #facts(): FakeServerFacts {
    return {
      version: this.version,
      itemSizeMax: this.#itemSizeMax,
      startedAt: this.#startedAt,
      connections: this.#sockets.size,
      connectionsEver: this.#connectionsEver,
    };
  }
}

/**
 * Starts a server in this process, on 127.0.0.1 or a Unix socket, for the tests of an application: it speaks classic and
 * meta commands, and its clock, its requests and its answers are in the hands of the test.
 *
 * Rejects with ERR_MEMCACHE_CONNECT when it cannot listen.
 */
export async function startFakeMemcached(
  options: FakeMemcachedOptions = {},
): Promise<FakeMemcached> {
  const server = new Fake(options);
  await server.start();
  return server;
}
