import type { Connection } from '../connection/connection.ts';
import type { ConnectionParts } from '../connection/connection-host.ts';
import { MemcacheConnectionError, MemcacheError } from '../errors.ts';
import type { Version } from '../protocol/version.ts';
import { longestReply, type ServerLimits } from './limits.ts';
import { negotiate, type ServerFacts } from './negotiation.ts';
import type { ServerOptions } from './options.ts';

/** What a server can do, asked of it once for as long as it may still be the same process. */
export class Capabilities implements ServerLimits {
  readonly #options: ServerOptions;
  readonly #parts: Omit<ConnectionParts, 'host'>;
  #facts: ServerFacts | undefined;
  #fresh = false;
  /** The last time it was asked a question got no answer. */
  #doubtful = false;
  #asking: Promise<ServerFacts> | undefined;
  /** The connection it is or was asked on. */
  #asker: Connection | undefined;

  /** The connections it asks on are counted in the metrics of `parts`. */
  constructor(options: ServerOptions, parts: Omit<ConnectionParts, 'host'>) {
    this.#options = options;
    this.#parts = parts;
  }

  /** From the option `maxValueBytes`. */
  get configured(): number | undefined {
    return this.#options.maxValueBytes;
  }

  get itemSizeMax(): number | undefined {
    return this.#facts?.itemSizeMax;
  }

  get speaksMeta(): boolean {
    const { dialect } = this.#options;
    return dialect === 'auto' ? this.#facts?.meta === true : dialect === 'meta';
  }

  get marks(): boolean {
    return this.#options.opaque && this.speaksMeta;
  }

  get version(): Version | undefined {
    return this.#facts?.version;
  }

  get administration(): boolean {
    return this.#facts?.administration !== false;
  }

  /** Whoever answers next may be another process, with other settings. */
  stale(): void {
    this.#fresh = false;
  }

  /** Says the longest value a reply may hold, once the server has been asked; or why it could not be. */
  prepare(done: (error: MemcacheError | undefined, maxValueBytes: number) => void): void {
    const { dialect, maxValueBytes } = this.#options;
    if (this.#fresh || (dialect !== 'auto' && maxValueBytes !== undefined)) {
      done(undefined, longestReply(this.#facts?.itemSizeMax));
      return;
    }
    this.#asking ??= this.#ask();
    this.#asking.then(
      (facts) => {
        this.#asking = undefined;
        this.#facts = facts;
        this.#fresh = true;
        done(undefined, longestReply(facts.itemSizeMax));
      },
      (error: unknown) => {
        this.#asking = undefined;
        done(error instanceof MemcacheError ? error : this.#unasked(error), 0);
      },
    );
  }

  async close(): Promise<void> {
    await this.#asker?.close(0);
  }

  /**
   * A server that does not know a question may close over it; so may anything on the way, at any time. It is believed
   * the second time in a row: what was known of it holds until then, and where nothing was it is asked again at once.
   */
  async #ask(): Promise<ServerFacts> {
    const before = this.#doubtful;
    const facts = await this.#negotiate();
    return before || !facts.doubtful ? facts : (this.#facts ?? this.#negotiate());
  }

  async #negotiate(): Promise<ServerFacts> {
    const facts = await negotiate(this.#parts, (connection) => {
      this.#asker = connection;
    });
    this.#doubtful = facts.doubtful;
    return facts;
  }

  #unasked(cause: unknown): MemcacheError {
    const { name } = this.#parts.address;
    return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', `cannot connect to ${name}`, {
      server: name,
      retryable: true,
      cause,
    });
  }
}
