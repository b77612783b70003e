/** A key as the caller gave it, or as a profile says it is hashed. */
export type HashKey = string | Uint8Array;

/** A server as a hasher knows it. */
export interface HashNode {
  /** `host:port`, `[v6]:port` or `unix:/path`. */
  readonly name: string;
  /** Its share of the keys relative to the others; above 0. */
  readonly weight: number;
  /** Of a server on TCP. */
  readonly host?: string;
  /** Of a server on TCP. */
  readonly port?: number;
  /** Of a server on a Unix socket. */
  readonly path?: string;
  /** As it was configured, `h` where the name is `h:11211`; what Swift's ring hashes. Default: the name. */
  readonly spelling?: string;
  /** Hashed in place of the text that the hasher makes for this server. */
  readonly label?: string;
}

/**
 * Why a key is where it is, in the numbers of its hash. Hashes are lower-case hexadecimal, lists are in the order of the
 * servers.
 *
 * - `alone`: there is one server.
 * - `scores`: each server has a score for the key, and the highest has it; of equal ones the greater text.
 * - `ring`: the hash lies in one of so many stretches of a ring, which ends at `end` and belongs to the server.
 * - `remainder`: the hash modulo the number of servers is the server's place in the list.
 * - `table`: the hash modulo the places of a table leads to the place where the server stands.
 * - `jump`: the hash jumps to one of the buckets, which are the servers in their order.
 */
export type Reason =
  | {
      /** One server: there is nothing to choose. */
      readonly kind: 'alone';
    }
  | {
      /** The highest score wins. */
      readonly kind: 'scores';
      /** One of each server. */
      readonly scores: readonly number[];
    }
  | {
      /** A stretch of a ring. */
      readonly kind: 'ring';
      /** The key's hash. */
      readonly hash: string;
      /** Where its stretch ends. */
      readonly end: string;
      /** How many stretches there are. */
      readonly stretches: number;
    }
  | {
      /** The hash modulo the servers. */
      readonly kind: 'remainder';
      /** The key's hash. */
      readonly hash: string;
      /** The server's place in the list. */
      readonly remainder: number;
    }
  | {
      /** The hash modulo the places of a table. */
      readonly kind: 'table';
      /** The key's hash. */
      readonly hash: string;
      /** Which place it is. */
      readonly place: number;
      /** How many places there are. */
      readonly places: number;
    }
  | {
      /** Jump consistent hash. */
      readonly kind: 'jump';
      /** The key's hash. */
      readonly hash: string;
      /** The server's place in the order that the hash goes by. */
      readonly bucket: number;
    };

/** An unsigned 32-bit number as reasons show it. */
export const hex32 = (hash: number): string => (hash >>> 0).toString(16).padStart(8, '0');

/** Where keys are, for one list of servers that never changes. */
export interface Placement {
  /** Number of the key's server in the list. */
  locate(key: HashKey): number;
  /**
   * Numbers of the servers in the order in which they stand in for each other, the key's own first; every server once,
   * unless the original client gives up sooner.
   */
  candidates(key: HashKey): readonly number[];
  /** Why the key's server has it; undefined where nobody can say. */
  explain(key: HashKey): Reason | undefined;
}

/** Makes the placement of a list of at least one server. */
export type Hasher = (nodes: readonly HashNode[]) => Placement;

const FIRST = [0] as const;

/** Of one server there is nothing to choose. */
export const ALONE: Placement = {
  locate: () => 0,
  candidates: () => FIRST,
  explain: () => ({ kind: 'alone' }),
};
