import type { ServerAddress } from '../connection/address.ts';
import { closed, unavailable } from '../connection/losses.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { TokenBucket } from '../primitives/token-bucket.ts';
import type { WireKey } from '../protocol/key.ts';
import { Server } from '../server/server.ts';
import type { FleetOptions } from './fleet-options.ts';
import type { HashKey, Hasher } from './hasher.ts';
import { Topology } from './topology.ts';

/** The servers of a fleet have changed. */
export interface TopologyChange {
  /** The addresses of all servers from now on. */
  readonly servers: readonly string[];
  /** Those that are new. */
  readonly added: readonly string[];
  /** Those that are no longer used. */
  readonly removed: readonly string[];
}

export interface FleetParts {
  readonly hasher: Hasher;
  readonly options: Pick<
    FleetOptions,
    'failover' | 'failoverOn' | 'failoverPerSecond' | 'movedGraceMs'
  >;
  /** Servers that stand in for lost ones under `failover: 'gutter'`. */
  readonly gutter: readonly ServerAddress[];
  readonly metrics: Metrics;
  /** Milliseconds a removed server has to answer what is under way. */
  readonly drainTimeoutMs: number;
  readonly makeServer: (address: ServerAddress, spare: boolean) => Server;
  readonly changed: (change: TopologyChange) => void;
}

/** The servers in use, and for each key the one that has it: a fleet changes as a whole or not at all. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #failovers: TokenBucket | undefined;
  readonly #gutter: Topology | undefined;
  #topology: Topology | undefined;
  #lone: Server | undefined;
  /** What was before the last change, while misses may still look there. */
  #former: Topology | undefined;
  /** Former servers that may hold what has been removed since. */
  readonly #outdated = new Set<Server>();
  #graceEnds: NodeJS.Timeout | undefined;
  #changing: Promise<void> = Promise.resolve();
  readonly #draining = new Set<Server>();
  /** New servers that are being asked for an answer. */
  #proving: readonly Server[] = [];
  #closing = false;

  constructor(parts: FleetParts) {
    const { options, gutter, hasher } = parts;
    const rate = options.failoverPerSecond;
    this.#parts = parts;
    this.#failovers = rate === 0 ? undefined : new TokenBucket({ burst: rate, perSecond: rate });
    if (options.failover === 'gutter') {
      const spares = gutter.map((address) => parts.makeServer(address, true));
      this.#gutter = new Topology(gutter, spares, hasher);
    }
  }

  /** False until it has been told of its servers. */
  get known(): boolean {
    return this.#topology !== undefined;
  }

  get addresses(): readonly ServerAddress[] {
    return this.#topology?.addresses ?? [];
  }

  get servers(): readonly Server[] {
    return this.#topology?.servers ?? [];
  }

  /** Those that stand in under `failover: 'gutter'`. */
  get spares(): readonly Server[] {
    return this.#gutter?.servers ?? [];
  }

  /** The one server that has every key, whatever its health: there is nobody to spare or to stand in. */
  get lone(): Server | undefined {
    return this.#lone;
  }

  /** Whether keys have moved lately, and their former copies count. */
  get moving(): boolean {
    return this.#former !== undefined;
  }

  /** A server in use by its name, one of the spare ones too. */
  server(name: string): Server | undefined {
    return this.#topology?.server(name) ?? this.#gutter?.server(name);
  }

  /** The server a key belongs to, whatever its health; undefined before there are any. */
  owner(key: HashKey): Server | undefined {
    return this.#topology?.owner(key);
  }

  /** Where an operation on a key goes now, or why it goes nowhere; not to a server where it was `tried`. */
  route(key: HashKey, tried?: readonly string[]): Server | MemcacheError {
    const topology = this.#topology;
    if (topology === undefined) return unavailable('the fleet', undefined);
    if (this.#lone !== undefined) return this.#lone;
    const owner = topology.owner(key);
    if (!owner.health.out && tried?.includes(owner.name) !== true) return owner;
    return this.#standIn(owner, this.#standInsFor(topology)?.living(key, tried));
  }

  /** Whether an operation that failed is to be tried on the next server although its own is not out. */
  get triesNext(): boolean {
    const { failover, failoverOn } = this.#parts.options;
    return failoverOn === 'failure' && failover === 'next' && this.servers.length > 1;
  }

  /** Whether there is anybody to stand in for a server that is out. */
  get hasStandIns(): boolean {
    const topology = this.#topology;
    const standIns = topology === undefined ? undefined : this.#standInsFor(topology);
    return standIns?.servers.some(({ health }) => !health.out) ?? false;
  }

  /** Where a key was before the last change, if that is another server which can be counted on. */
  formerOwner(key: HashKey): Server | undefined {
    const former = this.#heldBefore(key);
    return former?.health.out === true ? undefined : former;
  }

  /** Removes the copy a former owner may have. One that cannot be told of it is not asked any more. */
  forgetFormer(key: HashKey, wire: WireKey, timeoutMs: number): void {
    const former = this.#heldBefore(key);
    if (former === undefined) return;
    const missed = (): void => void this.#outdated.add(former);
    if (former.health.out) missed();
    else former.forget(wire, timeoutMs, missed);
  }

  /** All that are in use, may be soon, or have something left to answer. */
  get all(): ReadonlySet<Server> {
    const former = this.#former?.servers ?? [];
    return new Set([
      ...[...this.servers, ...former, ...this.spares],
      ...[...this.#draining, ...this.#proving],
    ]);
  }

  /** Every server has been told to forget everything: former copies are not to be found any more. */
  forgetAllFormer(): void {
    for (const server of this.#former?.servers ?? []) this.#outdated.add(server);
  }

  /** The first list: nobody is asked whether it is there. */
  begin(addresses: readonly ServerAddress[]): void {
    const { makeServer, hasher } = this.#parts;
    const servers = addresses.map((address) => makeServer(address, false));
    this.#use(new Topology(addresses, servers, hasher));
  }

  /**
   * Another list, in the order of the calls. New servers are asked for an answer before keys move to them; one that
   * gives none is out until it does. What is under way on removed servers is answered there.
   */
  change(addresses: readonly ServerAddress[]): Promise<void> {
    const changed = this.#changing.then(() => this.#change(addresses));
    this.#changing = changed.catch(() => {});
    return changed;
  }

  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#graceEnds);
    const former = this.#former?.servers ?? [];
    const servers = new Set([...this.servers, ...former, ...this.spares, ...this.#draining]);
    const closing = [...servers].map((server) => server.close(timeoutMs, farewell));
    for (const server of this.#proving) closing.push(server.close(0));
    await Promise.all([...closing, this.#changing]);
  }

  async #change(addresses: readonly ServerAddress[]): Promise<void> {
    this.#refuseIfClosing();
    const before = this.#topology;
    if (before?.isOf(addresses) === true) return;
    const made: Server[] = [];
    const servers = addresses.map((address) => {
      const known = before?.server(address.name) ?? this.#former?.server(address.name);
      if (known !== undefined) return known;
      const server = this.#parts.makeServer(address, false);
      made.push(server);
      return server;
    });
    // Closed with the fleet, or when the hash refuses the list.
    this.#proving = made;
    const topology = this.#placed(addresses, servers);
    if (before !== undefined) await Promise.all(made.map((server) => server.prove()));
    this.#refuseIfClosing();
    this.#proving = [];
    this.#swap(topology, before);
  }

  #placed(addresses: readonly ServerAddress[], servers: readonly Server[]): Topology {
    try {
      return new Topology(addresses, servers, this.#parts.hasher);
    } catch (error) {
      for (const server of this.#proving) void server.close(0);
      this.#proving = [];
      throw error;
    }
  }

  #refuseIfClosing(): void {
    if (this.#closing) throw closed(undefined);
  }

  #swap(topology: Topology, before: Topology | undefined): void {
    this.#use(topology);
    for (const server of before?.servers ?? [])
      if (!topology.servers.includes(server)) server.handOver();
    this.#keepFormer(before);
    const names = topology.servers.map(({ name }) => name);
    const had = before?.servers.map(({ name }) => name) ?? [];
    this.#parts.changed({
      servers: names,
      added: names.filter((name) => !had.includes(name)),
      removed: had.filter((name) => !names.includes(name)),
    });
  }

  #use(topology: Topology): void {
    this.#topology = topology;
    this.#lone = this.#gutter === undefined ? topology.only : undefined;
  }

  /** What was before stays for the grace time; what was before that, and is not in use any more, goes. */
  #keepFormer(before: Topology | undefined): void {
    const { movedGraceMs } = this.#parts.options;
    const leaving = [this.#former, before];
    clearTimeout(this.#graceEnds);
    this.#outdated.clear();
    this.#former = movedGraceMs > 0 ? before : undefined;
    if (this.#former !== undefined) {
      // In turn with the changes: one under way may count on a former server.
      this.#graceEnds = setTimeout(() => {
        this.#changing = this.#changing.then(() => this.#endGrace(before));
      }, movedGraceMs);
      this.#graceEnds.unref();
    }
    this.#drain(leaving);
  }

  #endGrace(former: Topology | undefined): void {
    if (this.#former !== former) return;
    this.#former = undefined;
    this.#drain([former]);
  }

  /** Closes the servers of these lists that are in no use any more, once they have answered. */
  #drain(topologies: readonly (Topology | undefined)[]): void {
    const kept = new Set([...this.servers, ...(this.#former?.servers ?? [])]);
    const leaving = new Set(topologies.flatMap((topology) => topology?.servers ?? []));
    for (const server of leaving) {
      if (kept.has(server)) continue;
      this.#draining.add(server);
      void server.close(this.#parts.drainTimeoutMs).finally(() => this.#draining.delete(server));
    }
  }

  #heldBefore(key: HashKey): Server | undefined {
    const former = this.#former?.owner(key);
    if (former === undefined || former === this.owner(key) || this.#outdated.has(former))
      return undefined;
    return former;
  }

  #standIn(owner: Server, stand: Server | undefined): Server | MemcacheError {
    // With nobody left to stand in, its own callers may be the first to find it back.
    if (stand === undefined && this.#parts.options.failover === 'next') return owner;
    if (stand === undefined || this.#failovers?.take() === false) return owner.unavailable;
    this.#parts.metrics.failovers++;
    return stand;
  }

  #standInsFor(topology: Topology): Topology | undefined {
    const { failover } = this.#parts.options;
    return failover === 'next' ? topology : this.#gutter;
  }
}

/** Tells a server from the reason why there is none. */
export const isServer = (route: Server | MemcacheError): route is Server => route instanceof Server;
