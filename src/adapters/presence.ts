import { ManyError, MemcacheError } from '../errors.ts';
import type { AdaptedItems } from './adopted-client.ts';

/** Which of some keys have an item; where the server can say so, without having it sent. */
export class Presence {
  /** Asking for the values is all that this server, or the proxy before it, understands. */
  #readsValues = false;

  /** In the order of the keys. */
  async of(items: AdaptedItems, keys: readonly string[]): Promise<boolean[]> {
    const found = await this.#found(items, keys);
    return keys.map((key) => found.has(key));
  }

  async #found(
    items: AdaptedItems,
    keys: readonly string[],
  ): Promise<ReadonlyMap<unknown, unknown>> {
    if (this.#readsValues) return items.getMany(keys);
    try {
      return await items.inspectMany(keys);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      this.#readsValues = true;
      return items.getMany(keys);
    }
  }
}

/** The server, or one of them, has no meta commands. */
export function isUnsupported(error: unknown): boolean {
  if (error instanceof ManyError) return [...error.errors.values()].some(isUnsupported);
  return error instanceof MemcacheError && error.code === 'ERR_MEMCACHE_UNSUPPORTED';
}
