/**
 * A store of sessions for Express and Fastify.
 *
 * @module memvolley/express-session
 */
export type { AdaptedClient, AdaptedItems, ClientSource } from '../adopted-client.ts';
export { MemvolleyStore } from './memvolley-store.ts';
export type { SessionStoreClass, SessionStoreMethods } from './session-store.ts';
export type { MemvolleyStoreOptions, SessionSerializer } from './options.ts';
export type { DoneCallback, SessionCallback, SessionCookie, StoredSession } from './session.ts';
