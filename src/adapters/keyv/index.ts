/**
 * A store for Keyv, and so for cache-manager and Nest.
 *
 * @module memvolley/keyv
 */
export type { AdaptedClient, AdaptedItems, ClientSource } from '../adopted-client.ts';
export {
  KeyvMemvolley,
  type KeyvMemvolleyEntry,
  type KeyvMemvolleyOptions,
} from './keyv-memvolley.ts';
