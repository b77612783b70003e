import type { ServerAddress } from '../connection/address.ts';
import type { Server } from '../server/server.ts';
import type { HashKey, Hasher, Placement } from './hasher.ts';

/** A list of servers and where keys are among them. It never changes: a change of the fleet is another one. */
export class Topology {
  readonly addresses: readonly ServerAddress[];
  readonly servers: readonly Server[];
  /** The server, where there is but one. */
  readonly only: Server | undefined;
  readonly #placement: Placement;

  /** `servers` are those of `addresses`, in their order. */
  constructor(addresses: readonly ServerAddress[], servers: readonly Server[], hasher: Hasher) {
    this.addresses = addresses;
    this.servers = servers;
    this.only = servers.length === 1 ? servers[0] : undefined;
    this.#placement = hasher(addresses);
  }

  owner(key: HashKey): Server {
    return this.only ?? this.servers[this.#placement.locate(key)];
  }

  /** The first server that can be counted on, of those that stand in for each other, and has not been tried. */
  living(key: HashKey, tried: readonly string[] = NONE): Server | undefined {
    for (const number of this.#placement.candidates(key)) {
      const server = this.servers[number];
      if (!server.health.out && !tried.includes(server.name)) return server;
    }
    return undefined;
  }

  server(name: string): Server | undefined {
    return this.servers.find((server) => server.name === name);
  }

  /** Whether these are its own addresses, so that every key would be where it is. */
  isOf(addresses: readonly ServerAddress[]): boolean {
    return (
      addresses.length === this.addresses.length &&
      addresses.every((address, i) => isSame(address, this.addresses[i]))
    );
  }
}

const NONE: readonly string[] = [];

const isSame = (a: ServerAddress, b: ServerAddress): boolean =>
  a.name === b.name && a.weight === b.weight && a.label === b.label && a.spelling === b.spelling;
