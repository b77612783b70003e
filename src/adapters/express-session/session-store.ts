import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { IllegalInputError } from '../../errors.ts';
import type { DoneCallback, SessionCallback } from './session.ts';

/*
 * express-session makes sessions by methods of its class Store. Where it is installed that is what the store extends.
 * @fastify/session needs none of them and does without it: so its absence is no error before one of them is called.
 */

/* oxlint-disable typescript/no-explicit-any -- requests and sessions are of the types the middleware gives them */
/** What comes from express-session, where that is installed; else each throws ERR_MEMCACHE_UNSUPPORTED. */
export interface SessionStoreMethods {
  /** Ends the session of a request, and gives it a new one. */
  regenerate(request: any, callback: DoneCallback): void;
  /** As `get`, with the methods of a session. */
  load(id: string, callback: SessionCallback): void;
  /** Gives a request the session that was stored. */
  createSession(request: any, session: any): any;
}
/* oxlint-enable typescript/no-explicit-any */

/** A class Store as express-session has it. */
export type SessionStoreClass = new () => EventEmitter & SessionStoreMethods;

const METHODS: readonly (keyof SessionStoreMethods)[] = ['regenerate', 'load', 'createSession'];

/** Where the package is found: beside memvolley. Replaced in tests. */
export type LoadPackage = (name: string) => unknown;

const fromHere: LoadPackage = (name) => createRequire(import.meta.url)(name);

/** The class Store of express-session, or one whose methods say that it is not there. */
export function sessionStore(load: LoadPackage = fromHere): SessionStoreClass {
  try {
    return (load('express-session') as { Store: SessionStoreClass }).Store;
  } catch (cause) {
    return withoutExpressSession(cause);
  }
}

function withoutExpressSession(cause: unknown): SessionStoreClass {
  const Store = class extends EventEmitter {} as unknown as SessionStoreClass;
  for (const name of METHODS) {
    Object.defineProperty(Store.prototype, name, {
      value(): never {
        const sentence =
          'the package express-session cannot be loaded: it has to be installed beside memvolley';
        throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', sentence, { cause });
      },
    });
  }
  return Store;
}
