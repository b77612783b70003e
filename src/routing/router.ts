import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Hasher, HashKey, HashNode, Placement, Reason } from './hasher.ts';
import { hasherOf, type HashOption } from './hashers.ts';

/** A server of a router: its name alone, or with what else a hasher may want to know. */
export type RouterNode = string | (Pick<HashNode, 'name'> & Partial<HashNode>);

/**
 * Says which of some servers has a key, with any hasher and without a connection: for proxies, for tools, for looking
 * where a key is. Servers can be added and removed; a weight left out is 1.
 */
export class Router {
  readonly #hasher: Hasher;
  #nodes: readonly HashNode[] = [];
  #placement: Placement | undefined;

  /** `hash` as the client's option; default `rendezvous`. Throws IllegalInputError for what is no list or no hash. */
  constructor(nodes: Iterable<RouterNode> = [], hash: HashOption = 'rendezvous') {
    const given: unknown = nodes;
    // Text is iterable, too, and each of its letters would be a server.
    if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
      throw illegal(`a list of servers is needed, not ${kindOf(given)}`);
    }
    this.#hasher = hasherOf(hash);
    for (const node of nodes) this.add(node);
  }

  /** The names of the servers in the order in which they were added. */
  get nodes(): readonly string[] {
    return this.#nodes.map(({ name }) => name);
  }

  /** Throws IllegalInputError for a name that is there already, no name, or a weight that is not above 0. */
  add(node: RouterNode): void {
    const added = checkedNode(node);
    if (this.#nodes.some(({ name }) => name === added.name)) {
      throw illegal('a server of this name is there already');
    }
    this.#change([...this.#nodes, added]);
  }

  /** Throws IllegalInputError for a name that is not there. */
  remove(name: string): void {
    const left = this.#nodes.filter((node) => node.name !== name);
    if (left.length === this.#nodes.length) throw illegal('there is no server of this name');
    this.#change(left);
  }

  /** The name of the key's server; undefined while there is none. */
  locate(key: HashKey): string | undefined {
    const placement = this.#current();
    return placement === undefined ? undefined : this.#nodes[placement.locate(key)].name;
  }

  /** The names of the servers in the order in which they stand in for each other, the key's own first. */
  candidates(key: HashKey): string[] {
    return (this.#current()?.candidates(key) ?? []).map((number) => this.#nodes[number].name);
  }

  /**
   * Why `locate` answers what it does, in the numbers of the hash; servers are in the order of `nodes`. Undefined while
   * there is no server, and for a hash that is a function of the user's own.
   */
  explain(key: HashKey): Reason | undefined {
    return this.#current()?.explain(key);
  }

  #change(nodes: readonly HashNode[]): void {
    this.#nodes = nodes;
    this.#placement = undefined;
  }

  #current(): Placement | undefined {
    if (this.#nodes.length > 0) this.#placement ??= this.#hasher(this.#nodes);
    return this.#placement;
  }
}

function checkedNode(given: unknown): HashNode {
  const node = typeof given === 'string' ? { name: given } : given;
  if (typeof node !== 'object' || node === null) {
    throw illegal(`a server is a name or an object with one, not ${kindOf(node)}`);
  }
  const { name, weight = 1 } = node as { name?: unknown; weight?: unknown };
  if (typeof name !== 'string' || name === '') {
    throw illegal(`the name of a server is a string that is not empty, not ${kindOf(name)}`);
  }
  if (!Number.isFinite(weight) || (weight as number) <= 0) {
    throw illegal(`the weight of a server is a number above 0, not ${kindOf(weight)}`);
  }
  return { ...node, name, weight: weight as number };
}

const illegal = (problem: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', `option 'nodes': ${problem}`);
