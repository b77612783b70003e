import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { Chance } from './chance.ts';
import type { ChaosConditions } from './chaos-conditions.ts';
import { type ChaosConnection, ProxiedConnection } from './chaos-connection.ts';
import { ChaosPlan, type ChaosTarget } from './chaos-plan.ts';
import type { ChaosStrike, PendingStrike } from './chaos-strike.ts';
import type { ChaosDirection } from './chaos-way.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { endpointOf, type Listening } from './endpoint.ts';
import { reset } from './reset.ts';

/** How a chaos proxy is started. */
export interface ChaosProxyOptions {
  /** Where bytes are passed on to: `host:port`, `unix:/path`, or what has such an `address`, as servers of this kit have. */
  readonly to: Listening;
  /** What all chance comes from: the same seed does the same to the same bytes. Default: 1. */
  readonly seed?: number;
  /** TCP port on 127.0.0.1. Default: 0, a free one. Without meaning beside `unixSocket`. */
  readonly port?: number;
  /** Where to listen instead of a TCP port: the path of a Unix socket. */
  readonly unixSocket?: string;
  /** Keep what both sides send (see `ChaosConnection.recorded`). Default: false. */
  readonly record?: boolean;
  /** What may wait in a direction of a connection before its sender is no longer read from, in bytes. Default: 4 MiB. */
  readonly bufferBytes?: number;
}

/** Who may connect: everybody; nobody is answered; everybody is reset; nobody listens. */
export type ChaosAdmission = 'all' | 'silent' | 'reset' | 'refuse';

/** What has passed through a chaos proxy, and what struck it. */
export interface ChaosCounters {
  /** Connections ever made. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Bytes that left the proxy for clients. */
  readonly toClientBytes: number;
  /** Bytes that left the proxy for the server. */
  readonly toServerBytes: number;
  /** How often each fault struck, by its name: chunks delayed, borders split at, bytes lost in a black hole … */
  readonly faults: Readonly<Record<string, number>>;
}

/** A TCP proxy in this process that does to connections what networks and servers do on bad days. */
export interface ChaosProxy {
  /** As `createClient` takes it. */
  readonly address: string;
  /** The TCP port; 0 with a Unix socket. */
  readonly port: number;
  /** Every connection ever made, in this order. */
  readonly connections: readonly ChaosConnection[];
  /** What has happened so far. */
  readonly counters: ChaosCounters;
  /** Conditions for what comes from now on, beside those set before. Throws ERR_MEMCACHE_OPTION for a name or value that means nothing. */
  set(conditions: ChaosConditions, target?: ChaosTarget): void;
  /** Something that happens at one place of the stream. Throws ERR_MEMCACHE_OPTION for an unknown one. */
  strike(strike: ChaosStrike, target?: ChaosTarget): PendingStrike;
  /** Ends all conditions and strikes; what is held goes on. */
  clear(): void;
  /** Decides about connections to come. */
  admit(who: ChaosAdmission): Promise<void>;
  /** Ends all connections, now. Default: 'reset' (RST); 'end' is FIN. */
  cut(how?: 'reset' | 'end'): void;
  /** Serves for `upMs`, then resets everybody and refuses for `downMs`, and so on until `heal`, from now on. */
  flap(times: { readonly upMs: number; readonly downMs: number }): void;
  /** No conditions, no strikes, no flapping, and everybody may connect. */
  heal(): Promise<void>;
  /** Resets all connections and listens no more. */
  stop(): Promise<void>;
  /** `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_BUFFER_BYTES = 4 * 2 ** 20;

class Proxy extends Doorkeeper implements ChaosProxy {
  readonly connections: ProxiedConnection[] = [];
  readonly #options: ChaosProxyOptions;
  readonly #target: NetConnectOpts;
  readonly #seed: number;
  readonly #faults: Record<string, number> = {};
  readonly #bytes: Record<ChaosDirection, number> = { toClient: 0, toServer: 0 };
  readonly #plan = new ChaosPlan(this.connections);
  #admission: ChaosAdmission = 'all';
  #flapping: NodeJS.Timeout | undefined;

  constructor(options: ChaosProxyOptions) {
    super(options);
    this.#options = options;
    this.#target = endpointOf(options.to, 'to');
    this.#seed = options.seed ?? 1;
  }

  get counters(): ChaosCounters {
    return {
      connections: this.connections.length,
      open: this.connections.filter(({ open }) => open).length,
      toClientBytes: this.#bytes.toClient,
      toServerBytes: this.#bytes.toServer,
      faults: { ...this.#faults },
    };
  }

  set(conditions: ChaosConditions, target: ChaosTarget = {}): void {
    this.#plan.set(conditions, target);
  }

  strike(strike: ChaosStrike, target: ChaosTarget = {}): PendingStrike {
    return this.#plan.strike(strike, target);
  }

  clear(): void {
    this.#plan.clear();
  }

  async admit(who: ChaosAdmission): Promise<void> {
    this.#admission = who;
    if (who === 'refuse') this.door.shut();
    else await this.door.open();
  }

  cut(how: 'reset' | 'end' = 'reset'): void {
    for (const connection of this.connections) {
      if (!connection.open) continue;
      this.#struck('cut', 1);
      connection.cut(how);
    }
  }

  flap({ upMs, downMs }: { readonly upMs: number; readonly downMs: number }): void {
    clearTimeout(this.#flapping);
    const turn = (up: boolean): void => {
      this.#flapping = setTimeout(
        () => {
          turn(!up);
          this.#struck('flap', 1);
          if (up) this.cut();
          // Whoever took the port meanwhile keeps it until the turn after the next.
          this.admit(up ? 'refuse' : 'all').catch(() => {});
        },
        up ? upMs : downMs,
      ).unref();
    };
    turn(true);
  }

  async heal(): Promise<void> {
    clearTimeout(this.#flapping);
    this.clear();
    await this.admit('all');
  }

  stop(): Promise<void> {
    clearTimeout(this.#flapping);
    this.door.shut();
    for (const connection of this.connections) connection.cut();
    return Promise.resolve();
  }

  protected welcome(client: Socket): void {
    if (this.#admission === 'reset') {
      this.#struck('refuse', 1);
      reset(client);
      return;
    }
    const index = this.connections.length;
    const silent = this.#admission === 'silent';
    const connection = new ProxiedConnection({
      client,
      server: silent ? undefined : this.#dial(),
      record: this.#options.record ?? false,
      bufferBytes: this.#options.bufferBytes ?? DEFAULT_BUFFER_BYTES,
      dice: (direction) => this.#diceOf(index, direction),
      struck: (name, times) => {
        this.#struck(name, times);
      },
      left: (direction, bytes) => {
        this.#bytes[direction] += bytes;
      },
    });
    this.connections.push(connection);
    this.#plan.welcome();
  }

  #dial(): Socket {
    return createConnection({ ...this.#target, noDelay: true, allowHalfOpen: true }).pause();
  }

  #diceOf(index: number, direction: ChaosDirection): (name: string) => Chance {
    const known = new Map<string, Chance>();
    return (name) => {
      const dice = known.get(name) ?? new Chance(this.#seed, `${index} ${direction} ${name}`);
      known.set(name, dice);
      return dice;
    };
  }

  #struck(name: string, times: number): void {
    this.#faults[name] = (this.#faults[name] ?? 0) + times;
  }
}

/**
 * Starts a proxy in front of a server, on 127.0.0.1 or a Unix socket. It does nothing to what passes until it is told
 * to, and never keeps the process alive.
 *
 * Rejects with ERR_MEMCACHE_OPTION when `to` is no address, with ERR_MEMCACHE_CONNECT when it cannot listen.
 */
export async function startChaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  const proxy = new Proxy(options);
  await proxy.start();
  return proxy;
}
