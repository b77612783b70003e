import type { ServerAddress } from '../connection/address.ts';
import { closed } from '../connection/losses.ts';
import { serverFields } from '../connection/telling.ts';
import { Window } from '../connection/window.ts';
import { DiscoveryPoller } from '../discovery/poller.ts';
import {
  IllegalInputError,
  MemcacheConnectionError,
  type MemcacheError,
  TimeoutError,
} from '../errors.ts';
import type { ServerDurations } from '../observability/durations.ts';
import { ServerTimes } from '../observability/timing.ts';
import { Scope } from '../primitives/scope.ts';
import type { WireKey } from '../protocol/key.ts';
import { hashedPart } from '../protocol/key-rules.ts';
import { Fleet } from '../routing/fleet.ts';
import { type TagReader, tagReader } from '../routing/hash-tag.ts';
import type { HashKey } from '../routing/hasher.ts';
import { hasherOf } from '../routing/hashers.ts';
import type { HealthState } from '../server/health.ts';
import { overloaded, timedOut } from '../server/refusals.ts';
import { Server } from '../server/server.ts';
import type { ServerMetrics } from '../server/server-metrics.ts';
import { DeadlineKeeper, type Waiter } from './deadline-keeper.ts';
import type { PendingRoom } from './pending.ts';
import type { PlacesParts } from './places-parts.ts';
import type { Key } from './read.ts';
import { serverEventsOf } from './server-events.ts';

/** Which server a key is on: the fleet, what of a key is hashed, and where the list of servers comes from. */
export class Places implements PendingRoom {
  readonly fleet: Fleet;
  /** What all servers together may have under way, if that is bounded. */
  readonly window: Window | undefined;
  readonly #parts: PlacesParts;
  readonly #tagged: TagReader | undefined;
  readonly #poller: DiscoveryPoller | undefined;
  readonly #waiting: DeadlineKeeper;
  #known = false;
  #asking = false;
  /** Why the servers could not be learned when they were last asked for. */
  #trouble: MemcacheError | undefined;

  constructor(parts: PlacesParts) {
    const { options, ticker, counts, events } = parts;
    const { hashTag, discovery } = options;
    this.#parts = parts;
    this.#tagged = hashTag === undefined ? undefined : tagReader(hashTag);
    const { adaptive } = options.window;
    this.window = adaptive ? new Window(options.window, () => options.timeoutMs) : undefined;
    this.#waiting = new DeadlineKeeper(ticker, () => this.#late());
    this.fleet = new Fleet({
      hasher: hasherOf(options.hash),
      options,
      gutter: options.gutter.servers,
      metrics: counts.own,
      get drainTimeoutMs() {
        return options.closeTimeoutMs;
      },
      makeServer: (address, spare) => this.#server(address, spare),
      changed: (change) => events.emit('topology', change),
    });
    if (discovery === undefined) {
      this.fleet.begin(options.servers);
      this.#known = true;
    } else {
      this.#poller = new DiscoveryPoller({
        discovery,
        limits: options.discoveryLimits,
        connection: options,
        apply: (servers) => this.change(servers),
        failed: (error, kept) => {
          this.#trouble = error;
          events.emit('discovery', { error, kept: kept.map(({ name }) => name) });
        },
      });
    }
  }

  /** Whether there are servers, and nothing that came before has still to be sent to them. */
  get known(): boolean {
    return this.#known;
  }

  /** Where an operation placed by this key goes now, or why it goes nowhere; not to a server where it was `tried`. */
  route(by: Key, tried?: readonly string[]): Server | MemcacheError {
    try {
      return this.fleet.lone ?? this.fleet.route(this.hashed(by), tried);
    } catch (error) {
      // A hasher of the user's own: thrown on, it would leave whoever waits for a worker or a pause without an answer.
      return error as MemcacheError;
    }
  }

  /** The server a key belongs to, whatever its health. Throws while no server is known. */
  owner(by: Key): Server {
    const owner = this.fleet.owner(this.hashed(by));
    if (owner !== undefined) return owner;
    const message = `${this.#source} has not named any server yet`;
    const details = { retryable: true, cause: this.#trouble };
    throw new MemcacheConnectionError('ERR_MEMCACHE_UNAVAILABLE', message, details);
  }

  formerOwner(by: Key): Server | undefined {
    return this.fleet.formerOwner(this.hashed(by));
  }

  forgetFormer(by: Key, wire: WireKey): void {
    this.fleet.forgetFormer(this.hashed(by), wire, this.#parts.options.timeoutMs);
  }

  /** Runs `operation` once the servers are known; they are asked for now. */
  whenKnown(waiter: Waiter, tag: number, operation: () => void): void {
    const { maxQueued, whenFull } = this.#parts.options;
    if (this.#waiting.size >= maxQueued.operations && whenFull !== 'wait') {
      const error = overloaded(this.#source, `${maxQueued.operations} operations`);
      this.shed(error, 1);
      if (whenFull === 'reject' || !this.#waiting.failOldest(error)) {
        waiter.fail(tag, error);
        return;
      }
    }
    // A codec of the user's own is to find the caller's stores even then.
    const caller = new Scope();
    this.#waiting.add(waiter, tag, () => caller.run(operation));
    this.#begin();
  }

  /**
   * With `whenFull: 'shed-oldest'` fails so many operations that have not left, and what leaves together with them: where
   * most waits, the oldest requests. False if there are fewer.
   */
  makeRoom(operations: number, error: MemcacheError): boolean {
    if (this.#parts.options.whenFull !== 'shed-oldest') return false;
    let left = operations;
    for (; left > 0 && this.#waiting.failOldest(error); left--) this.shed(error, 1);
    while (left > 0) {
      const shed = this.#fullest()?.entrance.shedOldest(error) ?? 0;
      if (shed === 0) return false;
      left -= shed;
    }
    return true;
  }

  /** So many operations are turned away, or failed unsent, because too much waits. */
  shed(error: MemcacheError, operations: number): void {
    const { counts, events } = this.#parts;
    counts.own.shed += operations;
    events.emit('shed', { error, operations });
  }

  /** Learns the servers; rejects with why they cannot be learned. */
  async learn(): Promise<void> {
    if (this.#known) return;
    this.#begin();
    await this.#poller?.refresh();
  }

  /** Whether what failed on a server would go to another now: that one is out, has left, or is passed over. */
  goesElsewhere(error: MemcacheError): boolean {
    const { server } = error;
    if (server === undefined) return false;
    const mine = this.fleet.server(server);
    if (mine === undefined) return true;
    // Turned away because it is out, an operation has been elsewhere in vain.
    if (error === mine.unavailable) return false;
    return (mine.health.out || this.fleet.triesNext) && this.#hasStandIns;
  }

  async change(servers: readonly ServerAddress[]): Promise<void> {
    await this.fleet.change(servers);
    this.#known = true;
    this.#waiting.release();
  }

  /** Takes over the options as they are now; servers that come later begin with them. */
  retuned(): void {
    this.window?.retuned();
    for (const server of this.fleet.all) server.retuned();
  }

  /** How each server in use is doing, by name. */
  metrics(): Record<string, ServerMetrics> {
    return Object.fromEntries(this.#servers.map((one) => [one.name, one.snapshot()]));
  }

  /** What the connections of each server in use take, by name. */
  durations(): Record<string, ServerDurations> {
    return Object.fromEntries(this.#servers.map((one) => [one.name, one.durations()]));
  }

  /** Asks the discovery now. Believes what it says even if it held that back before. */
  async rediscover(): Promise<void> {
    if (this.#poller === undefined) {
      const message = 'there is nothing to rediscover: the client was made without a discovery';
      throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', message);
    }
    this.#begin();
    await this.#poller.refresh({ force: true });
  }

  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.#waiting.end(() => closed(undefined));
    await Promise.all([this.#poller?.close(), this.fleet.close(timeoutMs, farewell)]);
  }

  /** Of an operation whose deadline comes before the servers are known. */
  #late(): MemcacheError {
    const cause = this.#trouble;
    if (cause === undefined) return timedOut('where its servers are', this.#source, 'no');
    const message = `no server is known in time: ${cause.message}`;
    return new TimeoutError('ERR_MEMCACHE_TIMEOUT', message, { retryable: true, cause });
  }

  /** What errors call it that says where the servers are. */
  get #source(): string {
    return this.#parts.options.discovery?.name ?? 'the fleet';
  }

  get #hasStandIns(): boolean {
    return this.fleet.lone === undefined && this.fleet.hasStandIns;
  }

  /** The server with most that is not sent. */
  #fullest(): Server | undefined {
    let fullest: Server | undefined;
    let most = 0;
    for (const server of this.#servers) {
      const { operations } = server.entrance.load().queued;
      if (operations <= most) continue;
      most = operations;
      fullest = server;
    }
    return fullest;
  }

  get #servers(): readonly Server[] {
    return [...this.fleet.servers, ...this.fleet.spares];
  }

  #begin(): void {
    if (this.#asking) return;
    this.#asking = true;
    // Whoever listens for `discovery` hears of a failure; it is asked again.
    this.#parts.scope.run(() => {
      this.#poller?.start().catch(() => {});
    });
  }

  /** What of a key is hashed. */
  hashed(by: Key): HashKey {
    const key = this.#tagged === undefined ? by : this.#tagged(by);
    const { options, prefix, wire } = this.#parts;
    const part = options.hashedPart;
    return part === 'key' ? key : hashedPart(part, key, prefix, wire(key));
  }

  #server(address: ServerAddress, spare: boolean): Server {
    const { options, ticker, counts, client, timing, scope } = this.#parts;
    const { window } = this;
    const metrics = counts.join();
    const to = serverFields(address);
    return new Server({
      address,
      options,
      ticker,
      metrics,
      window,
      events: serverEventsOf(this.#parts, to, {
        health: (state) => this.#note(to.server, state),
        shed: (error, operations) => this.shed(error, operations),
        closed: () => counts.leave(metrics),
      }),
      maxTtl: spare ? options.gutter.ttl : undefined,
      telling: { client, to, scope, times: new ServerTimes(timing) },
    });
  }

  #note(server: string, state: HealthState): void {
    if (state === 'suspect' || state === 'down') this.#poller?.onTrouble();
    if (state === 'down' && this.#hasStandIns) this.fleet.server(server)?.handOver();
  }
}
