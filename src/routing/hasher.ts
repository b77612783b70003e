/** A key as the caller gave it, or as a profile says it is hashed. */
export type HashKey = string | Uint8Array;

/** A server as a hasher knows it. */
export interface HashNode {
  /** `host:port`, `[v6]:port` or `unix:/path`. */
  readonly name: string;
  /** Its share of the keys relative to the others; above 0. */
  readonly weight: number;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  /** As it was configured, `h` where the name is `h:11211`; what Swift's ring hashes. Default: the name. */
  readonly spelling?: string;
  /** Hashed in place of the text that the hasher makes for this server. */
  readonly label?: string;
}

/** Where keys are, for one list of servers that never changes. */
export interface Placement {
  /** Number of the key's server in the list. */
  locate(key: HashKey): number;
  /**
   * Numbers of the servers in the order in which they stand in for each other, the key's own first; every server once,
   * unless the original client gives up sooner.
   */
  candidates(key: HashKey): readonly number[];
}

/** Makes the placement of a list of at least one server. */
export type Hasher = (nodes: readonly HashNode[]) => Placement;

const FIRST = [0] as const;

/** Of one server there is nothing to choose. */
export const ALONE: Placement = { locate: () => 0, candidates: () => FIRST };
