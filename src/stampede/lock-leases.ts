import { randomUUID } from '../primitives/late-crypto.ts';
import type { KeyPort } from './key-port.ts';
import type { Leases } from './leases.ts';
import { isThere, type Look } from './look.ts';
import type { Shared } from './shared.ts';

/** The lock was had too late: the value has come meanwhile. */
const FILLED = ' ';

/**
 * Leases for servers without the meta commands, and for formats in which a placeholder would be taken for a value: who
 * stores the lock beside the key first loads. A lease is the owner's name and, where an item was in the way, its cas
 * token. Between the last look at the lock and the store an `invalidate` can slip through.
 */
export class LockLeases implements Leases {
  readonly #port: KeyPort;
  readonly #locks: Shared<string>;

  constructor(port: KeyPort, locks: Shared<string>) {
    this.#port = port;
    this.#locks = locks;
  }

  get id(): string {
    return this.#port.id;
  }

  async look(): Promise<Look> {
    const look = await this.#port.look();
    return isThere(look) ? look : this.contend(look);
  }

  async contend(look: Look): Promise<Look> {
    const lease = await this.#locks.join(this.id, () => this.#acquire());
    const lost: Look = { ...look, lost: true, lease: '' };
    if (lease === FILLED) {
      const filled = await this.#port.look();
      return isThere(filled) ? filled : lost;
    }
    return lease === '' ? lost : { ...look, won: true, lease };
  }

  async fill(lease: string, value: unknown): Promise<unknown> {
    const [owner, token] = lease.split(' ');
    if ((await this.#port.lockOwner()) !== owner) return undefined;
    try {
      return await (token === '' ? this.#port.add(value) : this.#port.replace(token, value));
    } finally {
      await this.#port.unlock();
    }
  }

  async release(look: Look): Promise<unknown> {
    const [owner] = look.lease.split(' ');
    return (await this.#port.lockOwner()) === owner ? this.#port.unlock() : undefined;
  }

  async #acquire(): Promise<string> {
    const owner = randomUUID();
    if (!(await this.#port.lock(owner))) return '';
    const look = await this.#port.lookWithToken();
    if (!isThere(look)) return `${owner} ${look.lease}`;
    await this.#port.unlock();
    return FILLED;
  }
}
