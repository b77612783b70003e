import type { CurrentVersion } from '../namespace/current-version.ts';
import type { Core } from './core.ts';
import {
  checkInvalidateNamespaceOptions,
  type InvalidateNamespaceOptions,
} from './namespace-options.ts';
import { NamespacedCalls, type NamespacedParts } from './namespaced-calls.ts';
import { WatchedCalls } from './watched-calls.ts';
import { KeyVerbs } from './key-verbs.ts';

/**
 * A part of a client's keys that is invalidated as a whole. It has the client's verbs about keys, by the caller's own
 * keys, and lives as long as its client. Keys are placed on servers as the client places them.
 *
 * Its version stands in each key on the wire, and is asked for together with the items: what another client has
 * invalidated is not read any more. Where another version than the known one stood, the operation is done once more
 * under that one: so neither a value nor a key of bytes may be changed until the promise settles, and a write that
 * was told to have failed with `sent: 'maybe'` may have been done under a version that nobody reads.
 */
export class Namespace extends KeyVerbs {
  /** As it was given to `namespace`. */
  readonly name: string;
  readonly #core: Core;
  readonly #version: CurrentVersion;

  /** Made by `namespace` of a client. */
  constructor(name: string, parts: NamespacedParts) {
    super(
      new WatchedCalls(
        parts.core.observer,
        (message) => new NamespacedCalls({ ...parts, message }),
      ),
    );
    this.name = name;
    this.#core = parts.core;
    this.#version = parts.version;
  }

  /**
   * Makes every item stored before unreachable, for all clients, by putting another version there: however many items
   * there are, it costs the same. What is stored meanwhile may be kept or not. The items stay in memory until their
   * ttl ends or memcached needs the room. Rejects where the version cannot be put there, or may not have been.
   */
  async invalidateNamespace(options?: InvalidateNamespaceOptions): Promise<void> {
    await this.calls.whole('invalidateNamespace', undefined, async () => {
      if (options !== undefined) checkInvalidateNamespaceOptions(options);
      const deadline = this.#core.deadline('invalidateNamespace', options);
      await this.#version.invalidate({ deadline, signal: options?.signal });
    });
  }
}
