import type { Look } from './look.ts';

/** The commands about one key that a fetch needs. They reject as the client's verbs do. */
export interface KeyPort {
  /** The key as it stands on the wire: what everything about it is kept by. */
  readonly id: string;
  /** Reads it the way the fetch does: where leases are the server's, this takes one if it is to be had. */
  look(): Promise<Look>;
  /** Reads it together with its cas token, which is the look's lease. */
  lookWithToken(): Promise<Look>;
  /** Stores a value, or the mark of nothing for undefined, where there is no item. */
  add(value: unknown): Promise<unknown>;
  /** The same, if the item is still the one with this cas token. */
  replace(token: string, value: unknown): Promise<unknown>;
  /** Removes the item if it still has this cas token. */
  remove(token: string): Promise<unknown>;
  /** Marks it stale if it still has this cas token: the next to ask wins. */
  spoil(token: string): Promise<unknown>;
  /** Takes the lock beside the key for as long as a lease lasts; false if somebody has it. */
  lock(owner: string): Promise<boolean>;
  lockOwner(): Promise<string | undefined>;
  unlock(): Promise<unknown>;
}
