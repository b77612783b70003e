import type { Connection } from '../connection/connection.ts';
import type { ConnectionParts } from '../connection/connection-host.ts';
import { MemcacheConnectionError, MemcacheError } from '../errors.ts';
import type { Version } from '../protocol/version.ts';
import { longestReply, type ServerLimits } from './limits.ts';
import { negotiate, type ServerFacts } from './negotiation.ts';
import type { ServerOptions } from './options.ts';

interface Asking {
  /** It answers. */
  readonly there: Promise<void>;
  readonly facts: Promise<ServerFacts>;
}

/** What a server can do, asked of it once for as long as it may still be the same process. */
export class Capabilities implements ServerLimits {
  readonly #options: ServerOptions;
  readonly #parts: Omit<ConnectionParts, 'host'>;
  #facts: ServerFacts | undefined;
  #fresh = false;
  /** The last time it was asked a question got no answer. */
  #doubtful = false;
  #asking: Asking | undefined;
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

  /**
   * Says the longest value a reply may hold, once the server has been asked; or why it could not be. Says before that it
   * is there, where it has to be asked.
   */
  prepare(
    done: (error: MemcacheError | undefined, maxValueBytes: number) => void,
    there: () => void = () => {},
  ): void {
    const { dialect, maxValueBytes } = this.#options;
    if (this.#fresh || (dialect !== 'auto' && maxValueBytes !== undefined)) {
      done(undefined, longestReply(this.#facts?.itemSizeMax));
      return;
    }
    this.#asking ??= this.#ask();
    void this.#asking.there.then(there);
    this.#asking.facts.then(
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

  #ask(): Asking {
    let reached = (): void => {};
    const there = new Promise<void>((resolve) => {
      reached = resolve;
    });
    return { there, facts: this.#factsOnce(reached) };
  }

  /**
   * A server that does not know a question may close over it; so may anything on the way, at any time. It is believed
   * the second time in a row: what was known of it holds until then, and where nothing was it is asked again at once.
   */
  async #factsOnce(reached: () => void): Promise<ServerFacts> {
    const before = this.#doubtful;
    const facts = await this.#negotiate(reached);
    return before || !facts.doubtful ? facts : (this.#facts ?? this.#negotiate(reached));
  }

  async #negotiate(reached: () => void): Promise<ServerFacts> {
    const begun = (connection: Connection): void => {
      this.#asker = connection;
    };
    const facts = await negotiate(this.#parts, { begun, reached });
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
