/**
 * A driver for unstorage and Nitro.
 *
 * @module memvolley/unstorage
 */
export type { AdaptedClient, AdaptedItems, ClientSource } from '../adopted-client.ts';
export {
  type DriverCallOptions,
  type DriverItem,
  type ItemMeta,
  memvolleyDriver,
  type MemvolleyDriver,
} from './memvolley-driver.ts';
/** For those who name a driver by its module, as Nitro does. */
export { memvolleyDriver as default } from './memvolley-driver.ts';
export type { MemvolleyDriverOptions } from './options.ts';
