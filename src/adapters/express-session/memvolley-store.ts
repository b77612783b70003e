import { kindOf } from '../../primitives/kind.ts';
import { IllegalInputError, MemcacheError } from '../../errors.ts';
import type { Namespace } from '../../index.ts';
import { type AdaptedItems, AdoptedClient, type ClientSource } from '../adopted-client.ts';
import { legalKey, legalName } from '../legal-key.ts';
import { type CheckedOptions, checkedOptions, type MemvolleyStoreOptions } from './options.ts';
import { Reachability } from './reachability.ts';
import {
  type DoneCallback,
  secondsOf,
  type SessionCallback,
  type StoredSession,
} from './session.ts';
import { sessionStore, type SessionStoreClass } from './session-store.ts';

/** How errors call it. */
const NAME = 'MemvolleyStore';

/** That of express-session, where it is installed. */
const Store: SessionStoreClass = sessionStore();

/**
 * Sessions in memcached, for express-session and for @fastify/session. Every method takes a callback, which is told of
 * every error, and returns at once.
 *
 * It emits `disconnect` when no server can be reached any more, and `connect` when one can again; `unreadable` for a
 * session that cannot be parsed, or has no cookie, which counts as none.
 */
export class MemvolleyStore extends Store {
  readonly #adopted: AdoptedClient;
  readonly #options: CheckedOptions;
  readonly #reachability: Reachability;
  readonly #items: AdaptedItems;
  /** The same, where it can be cleared. */
  readonly #view: Namespace | undefined;

  /**
   * `source` is a client, or what `createClient` takes; a client that is made of it is closed by `close`.
   * Throws IllegalInputError (ERR_MEMCACHE_OPTION) for what it cannot work with.
   */
  constructor(source: ClientSource, options: MemvolleyStoreOptions = {}) {
    super();
    const checked = checkedOptions(options, NAME);
    const adopted = new AdoptedClient(source, NAME);
    const { namespace, probeMs } = checked;
    this.#options = checked;
    this.#adopted = adopted;
    if (namespace !== undefined) this.#view = adopted.namespace(legalName(namespace), {}, NAME);
    this.#items = this.#view ?? adopted.client;
    this.#reachability = new Reachability(adopted.client, probeMs, (reachable) =>
      this.emit(reachable ? 'connect' : 'disconnect'),
    );
  }

  /** The session, or null where there is none. */
  get(id: string, callback: SessionCallback): void {
    this.#answer(callback, async () => {
      const stored = await this.#items.get(this.#key(id));
      return stored === undefined ? null : this.#parsed(stored);
    });
  }

  /** Stores a session for as long as its cookie lives, or the option `ttl` says where that ends with the browser. */
  set(id: string, session: StoredSession, callback?: DoneCallback): void {
    this.#answer(callback, async () => {
      const { serializer, ttl } = this.#options;
      const key = this.#key(id);
      const value = serializer.stringify(session);
      await this.#items.set(key, value, { ttl: secondsOf(session, ttl) });
    });
  }

  /** Gives a session a new life of the same kind. What is stored is not written again, and no other request's change lost. */
  touch(id: string, session: StoredSession, callback?: DoneCallback): void {
    this.#answer(callback, async () => {
      await this.#items.touch(this.#key(id), secondsOf(session, this.#options.ttl));
    });
  }

  /** Ends a session; also well where there is none. */
  destroy(id: string, callback?: DoneCallback): void {
    this.#answer(callback, async () => {
      await this.#items.delete(this.#key(id));
    });
  }

  /** Ends all sessions at once. Needs the option `namespace`: else it is told ERR_MEMCACHE_UNSUPPORTED. */
  clear(callback?: DoneCallback): void {
    this.#answer(callback, async () => {
      if (this.#view === undefined) {
        const problem = `clear() needs the option 'namespace' of ${NAME}: memcached cannot tell which sessions there are`;
        throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', problem);
      }
      await this.#view.invalidateNamespace();
    });
  }

  /** Closes the client, if it was made here, and looks after no server any more. */
  async close(): Promise<void> {
    this.#reachability.close();
    await this.#adopted.close();
  }

  #key(id: string): string {
    if (typeof id !== 'string' || id === '') {
      const problem = `the id of a session must be text that is not empty; got ${kindOf(id)}`;
      throw new IllegalInputError('ERR_MEMCACHE_KEY', problem);
    }
    return legalKey(this.#options.prefix + id);
  }

  #parsed(stored: unknown): unknown {
    const { serializer } = this.#options;
    try {
      const parsed = serializer === JSON ? parsedJson(stored) : serializer.parse(stored as never);
      return parsed === null || parsed === undefined ? null : checkedSession(parsed);
    } catch (cause) {
      const problem = 'a stored session cannot be parsed';
      const error = new MemcacheError('ERR_MEMCACHE_DECODE', problem, { sent: 'yes', cause });
      this.emit('unreadable', error);
      return null;
    }
  }

  /**
   * What a callback throws is its own: it is called outside of every promise. Where there is none, who listens to
   * `error` is told.
   */
  #answer(callback: SessionCallback | undefined, work: () => Promise<unknown>): void {
    const tell = (...answer: [unknown, unknown?]): void => {
      if (typeof callback === 'function') process.nextTick(callback, ...answer);
      else if (answer[0] !== null && this.listenerCount('error') > 0) this.emit('error', answer[0]);
    };
    work().then(
      (answer) => tell(null, answer),
      (error: unknown) => {
        this.#reachability.doubt(error);
        tell(error);
      },
    );
  }
}

/** express-session takes for granted that a session has a cookie, and throws where nobody catches it. */
function checkedSession(parsed: unknown): unknown {
  const { cookie } = parsed as StoredSession;
  if (typeof cookie === 'object' && (cookie as unknown) !== null) return parsed;
  throw new TypeError('it is no session: it has no cookie');
}

/** Some formats know no text, only bytes; others know JSON, and the client has parsed it. */
function parsedJson(stored: unknown): unknown {
  if (stored instanceof Uint8Array) return JSON.parse(Buffer.from(stored).toString());
  return typeof stored === 'object' ? stored : JSON.parse(stored as string);
}
