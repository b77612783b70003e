import { type ChaosConditions, checkConditions } from './chaos-conditions.ts';
import type { ProxiedConnection } from './chaos-connection.ts';
import { type ChaosStrike, type PendingStrike, Strike } from './chaos-strike.ts';
import type { ChaosDirection } from './chaos-way.ts';

/** What a condition or a strike is meant for. */
export interface ChaosTarget {
  /** Default: 'toClient'. */
  readonly direction?: ChaosDirection | 'both';
  /** All there are and will be (the default), the next one to be made, or the one of this number, 0 the first ever made. */
  readonly connection?: 'all' | 'next' | number;
}

type PerDirection = Record<ChaosDirection, ChaosConditions>;

/** A strike and whom it is meant for. */
interface Order {
  readonly strike: Strike;
  readonly directions: readonly ChaosDirection[];
  /** Undefined for all. */
  readonly connection: number | undefined;
}

const DIRECTIONS = ['toClient', 'toServer'] as const;
const nothing = (): PerDirection => ({ toClient: {}, toServer: {} });

/** What is to be done to which connection, those to come included. */
export class ChaosPlan {
  readonly #connections: readonly ProxiedConnection[];
  #forAll = nothing();
  readonly #forOne = new Map<number, PerDirection>();
  #orders: Order[] = [];

  /** The list grows with the connections that are made. */
  constructor(connections: readonly ProxiedConnection[]) {
    this.#connections = connections;
  }

  set(conditions: ChaosConditions, target: ChaosTarget): void {
    checkConditions(conditions);
    const index = this.#indexOf(target);
    const store = index === undefined ? this.#forAll : this.#ownOf(index);
    for (const direction of directionsOf(target)) {
      store[direction] = { ...store[direction], ...conditions };
    }
    this.#update();
  }

  strike(what: ChaosStrike, target: ChaosTarget): PendingStrike {
    const order: Order = {
      strike: new Strike(what),
      directions: directionsOf(target),
      connection: this.#indexOf(target),
    };
    this.#orders = this.#orders.filter(({ strike }) => strike.pending);
    this.#orders.push(order);
    for (const index of this.#connections.keys()) this.#aim(order, index);
    return order.strike;
  }

  clear(): void {
    this.#forAll = nothing();
    this.#forOne.clear();
    for (const { strike } of this.#orders) strike.cancel();
    this.#orders = [];
    this.#update();
    for (const connection of this.#connections) connection.clear();
  }

  /** The last one of the list is new. */
  welcome(): void {
    const index = this.#connections.length - 1;
    for (const order of this.#orders) this.#aim(order, index);
    this.#updateOne(index);
  }

  #aim({ strike, directions, connection }: Order, index: number): void {
    if (connection !== undefined && connection !== index) return;
    for (const direction of directions) this.#connections[index].aim(direction, strike);
  }

  #update(): void {
    for (const index of this.#connections.keys()) this.#updateOne(index);
  }

  #updateOne(index: number): void {
    const own = this.#forOne.get(index);
    for (const direction of DIRECTIONS) {
      const conditions = { ...this.#forAll[direction], ...own?.[direction] };
      this.#connections[index].update(direction, conditions);
    }
  }

  #indexOf({ connection = 'all' }: ChaosTarget): number | undefined {
    if (connection === 'all') return undefined;
    return connection === 'next' ? this.#connections.length : connection;
  }

  #ownOf(index: number): PerDirection {
    const own = this.#forOne.get(index) ?? nothing();
    this.#forOne.set(index, own);
    return own;
  }
}

function directionsOf({ direction = 'toClient' }: ChaosTarget): readonly ChaosDirection[] {
  return direction === 'both' ? DIRECTIONS : [direction];
}
