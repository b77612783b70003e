import type { Look } from './look.ts';

/** Who may load a value, agreed on through the cache, and what becomes of what was loaded. */
export interface Leases {
  /** What everything about the key is kept by. */
  readonly id: string;
  /** Looks again, and takes the lease if it is to be had. */
  look(): Promise<Look>;
  /** Tries for the lease where a look says neither that it was won nor lost, or says lost for too long. */
  contend(look: Look): Promise<Look>;
  /** Stores what was loaded with a lease, unless somebody has changed or removed the item since. */
  fill(lease: string, value: unknown): Promise<unknown>;
  /** Lets the next one load: the loader has failed, or has nothing to be remembered. */
  release(look: Look, failed: boolean): Promise<unknown>;
}
