import type { ConnectionHost, ConnectionParts, Wait } from '../connection/connection-host.ts';
import type { Bound } from '../connection/in-flight.ts';
import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { SharedPool } from '../pool/shared-pool.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Capabilities } from './capabilities.ts';
import { Lane } from './lane.ts';
import type { LaneHost } from './lane-host.ts';
import type { ServerLimits } from './limits.ts';
import { LargeKeys } from './large-keys.ts';
import type { ServerOptions } from './options.ts';
import { overloaded } from './refusals.ts';

/** What the lanes tell of the server they lead to. */
export interface LanesEvents {
  changed(state: ConnectionState, error: MemcacheError | undefined): void;
  /** Callers gave up waiting. */
  late(wait: Wait): void;
  /** Something has left: there may be room for more. */
  left(): void;
  /** So many operations are failed unsent, because too much waits. */
  shed(error: MemcacheError, operations: number): void;
  /** Callers had their answer in time. */
  served(): void;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  mayRepeat(): boolean;
  /** One of so many commands whose answers nobody waits for came to an error. */
  rejected(error: MemcacheError, commands: number): void;
}

/** What the ways to one server carry. */
export interface LanesLoad {
  /** Connections that are ready. */
  readonly connections: number;
  /** Those of them with something under way. */
  readonly connectionsUsed: number;
  /** What waits to be sent, or for room to do so. */
  readonly queued: Bound;
  /** What has been sent and is not answered. */
  readonly inFlight: Bound;
}

/** The ways to one server, small and bulk: which one a command takes, and how much may wait. */
export class Lanes implements LaneHost {
  readonly options: ServerOptions;
  readonly metrics: Metrics;
  readonly #parts: Omit<ConnectionParts, 'host'>;
  readonly #capabilities: Capabilities;
  readonly #events: LanesEvents;
  readonly #small: SharedPool<Lane>;
  readonly #bulk: SharedPool<Lane>;
  readonly #lanes = new Set<Lane>();
  readonly #largeKeys = new LargeKeys();
  /** Whether there may be several small lanes, now or one after the other. */
  #several: boolean;
  /** The small lane that was taken last. */
  #latest: Lane;
  #closing = false;
  #operations = 0;
  #bytes = 0;
  #tooMany: MemcacheError | undefined;
  #tooLong: MemcacheError | undefined;

  constructor(
    options: ServerOptions,
    parts: Omit<ConnectionParts, 'host'>,
    room: { capabilities: Capabilities; events: LanesEvents },
  ) {
    const { connections, idleTimeoutMs, lifetimeMs } = options;
    this.options = options;
    this.metrics = parts.metrics;
    this.#parts = parts;
    this.#capabilities = room.capabilities;
    this.#events = room.events;
    this.#several = connections > 1 || idleTimeoutMs > 0 || lifetimeMs > 0;
    this.#small = this.#pool(connections, false);
    this.#bulk = this.#pool(1, true);
    this.#latest = this.#small.pick();
  }

  get limits(): ServerLimits {
    return this.#capabilities;
  }

  /** The server they lead to. */
  get name(): string {
    return this.#parts.address.name;
  }

  /** Everything about one key goes one way while any of it is unanswered: order across sockets does not exist. */
  laneFor(key: WireKey, bytes: number): Lane {
    if (this.#closing) return this.#pinnedTo(key) ?? this.#latest;
    const wantsBulk =
      bytes >= this.options.bulkBytes || (this.#largeKeys.size > 0 && this.#largeKeys.has(key));
    if (!this.#several && !wantsBulk && this.#lanes.size === 1) return this.#latest;
    const pinned = this.#pinnedTo(key);
    if (pinned !== undefined) return pinned;
    if (!wantsBulk) return this.#smallLane();
    // One small lane keeps no count of its keys: they are looked for when it matters.
    return !this.#several && this.#latest.holds(key) ? this.#latest : this.#bulk.pick();
  }

  /** Whether one more command may wait, on this lane. */
  hasRoom(lane: Lane): boolean {
    const { operations, bytes } = this.options.maxQueued;
    return (
      this.#operations + lane.collected < operations && this.#bytes + lane.collectedBytes < bytes
    );
  }

  /** Why one more may not. The same failure for all who meet it: to turn somebody away is to be cheap. */
  overload(lane: Lane): MemcacheError {
    const { operations, bytes } = this.options.maxQueued;
    const { name } = this;
    if (this.#operations + lane.collected >= operations)
      return (this.#tooMany ??= overloaded(name, `${operations} operations`));
    return (this.#tooLong ??= overloaded(name, `${bytes} bytes`));
  }

  /** Fails the oldest request that has not left, on this lane or else on another; of how many operations it was. */
  shedOldest(lane: Lane, error: MemcacheError): number {
    let shed = lane.connection.shedOldest(error);
    for (const other of this.#lanes) if (shed === 0) shed = other.connection.shedOldest(error);
    return shed;
  }

  /** A value stored under this key is large: gets of it take the way of large values. */
  isLarge(key: WireKey): void {
    this.#largeKeys.add(key);
  }

  /** Takes over the options as they are now. */
  retuned(): void {
    const { connections } = this.options;
    this.#tooMany = undefined;
    this.#tooLong = undefined;
    for (const lane of this.#lanes) lane.retuned();
    if (connections > 1 && !this.#several) {
      this.#several = true;
      for (const lane of this.#lanes) lane.pin();
    }
    if (!this.#closing) this.#small.resize(connections);
  }

  /** Lets the next command dial, although a pause after failures is not over. */
  endPauses(): void {
    for (const lane of this.#lanes) lane.connection.endPause();
  }

  handOver(error: MemcacheError): void {
    for (const lane of this.#lanes) lane.connection.handOver(error);
  }

  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#lanes].map((lane) => lane.connection.close(timeoutMs, farewell)));
    await Promise.all([this.#small.close(), this.#bulk.close()]);
  }

  prepare(...waiting: Parameters<ConnectionHost['prepare']>): void {
    this.#capabilities.prepare(...waiting);
  }

  changed(state: ConnectionState, error: MemcacheError | undefined): void {
    if (state !== 'ready') this.#capabilities.stale();
    this.#events.changed(state, error);
  }

  late(wait: Wait): void {
    this.#events.late(wait);
  }

  served(): void {
    this.#events.served();
  }

  mayRepeat(): boolean {
    return this.#events.mayRepeat();
  }

  shed(error: MemcacheError, operations: number): void {
    this.#events.shed(error, operations);
  }

  /** Half of what may wait does. */
  get crowded(): boolean {
    const { operations, bytes } = this.options.maxQueued;
    return 2 * this.#operations >= operations || 2 * this.#bytes >= bytes;
  }

  rejected(error: MemcacheError, commands: number): void {
    this.#events.rejected(error, commands);
  }

  load(): LanesLoad {
    let connections = 0;
    let connectionsUsed = 0;
    const queued = { operations: this.#operations, bytes: this.#bytes };
    const inFlight = { operations: 0, bytes: 0 };
    for (const lane of this.#lanes) {
      const sent = lane.connection.inFlight;
      if (lane.connected) {
        connections++;
        if (sent.operations > 0) connectionsUsed++;
      }
      inFlight.operations += sent.operations;
      inFlight.bytes += sent.bytes;
      queued.operations += lane.collected - sent.operations;
      queued.bytes += lane.collectedBytes - sent.bytes;
    }
    return { connections, connectionsUsed, queued, inFlight };
  }

  queued(operations: number, bytes: number): void {
    this.#operations += operations;
    this.#bytes += bytes;
    if (operations < 0) this.#events.left();
  }

  misplaced(key: WireKey, bulk: boolean): void {
    if (bulk) this.#largeKeys.delete(key);
    else this.#largeKeys.add(key);
  }

  /** What leaves together travels together: a lane that is collecting is taken again. */
  #smallLane(): Lane {
    if (this.#several && !this.#latest.collecting) this.#latest = this.#small.pick();
    return this.#latest;
  }

  #pinnedTo(key: WireKey): Lane | undefined {
    for (const lane of this.#lanes) if (lane.pinned(key)) return lane;
    return undefined;
  }

  #pool(max: number, bulk: boolean): SharedPool<Lane> {
    const { idleTimeoutMs, lifetimeMs } = this.options;
    return new SharedPool<Lane>({
      max,
      idleTimeoutMs,
      lifetimeMs,
      create: () => {
        const pins = bulk || this.#several;
        const lane = new Lane(this, this.#parts, { bulk, pins });
        this.#lanes.add(lane);
        return lane;
      },
      destroy: (lane) => {
        this.#lanes.delete(lane);
        return lane.connection.close(0);
      },
      load: (lane) => lane.load,
    });
  }
}
