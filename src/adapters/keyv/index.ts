export type { AdaptedClient, AdaptedItems, ClientSource } from '../adopted-client.ts';
export {
  KeyvMemvolley,
  type KeyvMemvolleyEntry,
  type KeyvMemvolleyOptions,
} from './keyv-memvolley.ts';
