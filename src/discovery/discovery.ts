import type { ServerAddress, ServerSpec } from '../connection/address.ts';
import type { ConnectionOptions } from '../connection/options.ts';

/** What a discovery is told when it is asked. */
export interface DiscoverContext {
  /** The servers in use; none at the start. Where every node knows the list, any of them may be asked. */
  readonly known: readonly ServerAddress[];
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Asked by hand to believe what is said now, even if it is older than what was said before. */
  readonly force?: boolean;
  /** How the client connects to its servers: a discovery that dials does as it does. */
  readonly connection?: ConnectionOptions;
}

/** Where a fleet's servers are learned from. */
export interface Discovery {
  /** How it is called in events and errors, such as `elasticache my.cfg.host:11211`. */
  readonly name: string;
  /** Milliseconds between two questions; 0: only when asked or told. */
  readonly pollMs: number;
  /**
   * Its list comes from this machine, so it may name local addresses and unix sockets. Default
   * false: what comes from a network may not, see `DiscoveryLimits.allowLocal`.
   */
  readonly local?: boolean;
  /** The list as it is now. Rejects when it cannot be learned. */
  discover(context: DiscoverContext): Promise<readonly ServerSpec[]>;
  /** Tells when the list may have changed; returns what ends that. */
  watch?(changed: () => void): () => void;
}

/** A discovery in its shortest form; it is asked once a minute. */
export type DiscoverFunction = (
  context: DiscoverContext,
) => readonly ServerSpec[] | Promise<readonly ServerSpec[]>;
