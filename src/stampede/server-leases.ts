import { randomUUID } from '../primitives/late-crypto.ts';
import type { KeyPort } from './key-port.ts';
import type { Leases } from './leases.ts';
import { isThere, type Look } from './look.ts';
import type { Shared } from './shared.ts';

/**
 * Leases that the server gives out itself, with the meta commands: who asks for a missing item makes a placeholder and
 * wins, and its cas token is the lease. An item that is changed, removed or invalidated meanwhile has another one.
 */
export class ServerLeases implements Leases {
  readonly #port: KeyPort;
  readonly #locks: Shared<string>;

  constructor(port: KeyPort, locks: Shared<string>) {
    this.#port = port;
    this.#locks = locks;
  }

  get id(): string {
    return this.#port.id;
  }

  look(): Promise<Look> {
    return this.#port.look();
  }

  /** The server gives a lease once. Who is to renew the item after all is whoever gets the lock beside it. */
  async contend(look: Look): Promise<Look> {
    // There was no room for a placeholder, or somebody has stored what looks like one.
    if (look.kind === 'empty' && !look.lost) return { ...look, won: true };
    const owner = await this.#locks.join(this.id, () => this.#lock());
    return owner === '' ? { ...look, lost: true } : { ...look, won: true, lost: false };
  }

  fill(lease: string, value: unknown): Promise<unknown> {
    return lease === '' ? this.#port.add(value) : this.#port.replace(lease, value);
  }

  async release(look: Look, failed: boolean): Promise<unknown> {
    if (look.lease === '') return undefined;
    // What there is may still be served while somebody else tries; what is known to be gone may not.
    return failed && isThere(look) ? this.#port.spoil(look.lease) : this.#port.remove(look.lease);
  }

  /** It ends by itself: by then another winner would have been waited for. */
  async #lock(): Promise<string> {
    const owner = randomUUID();
    return (await this.#port.lock(owner)) ? owner : '';
  }
}
