import { ManyError, MemcacheConnectionError } from '../../errors.ts';
import type { AdaptedClient } from '../adopted-client.ts';

/**
 * Knows whether any server can be reached. It is told of failures; when one looks like a lost server it asks all of
 * them, and where none answers it asks again until one does. Sessions are on hold meanwhile: nobody would notice.
 */
export class Reachability {
  readonly #client: AdaptedClient;
  readonly #probeMs: number;
  readonly #changed: (reachable: boolean) => void;
  #reachable = true;
  #asking = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: AdaptedClient, probeMs: number, changed: (reachable: boolean) => void) {
    this.#client = client;
    this.#probeMs = probeMs;
    this.#changed = changed;
  }

  /** An operation has failed. */
  doubt(error: unknown): void {
    if (!isLost(error) || this.#probeMs === 0 || !this.#reachable) return;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#closed) return;
    this.#asking = true;
    const reachable = await this.#anyAnswers();
    this.#asking = false;
    this.#heard(reachable);
  }

  #heard(reachable: boolean): void {
    if (this.#closed) return;
    if (!reachable) this.#timer = setTimeout(() => void this.#ask(), this.#probeMs).unref();
    if (reachable === this.#reachable) return;
    this.#reachable = reachable;
    this.#changed(reachable);
  }

  async #anyAnswers(): Promise<boolean> {
    try {
      await this.#client.version();
      return true;
    } catch (error) {
      if (!(error instanceof ManyError)) return !isLost(error);
      return error.values.size > 0 || [...error.errors.values()].some((one) => !isLost(one));
    }
  }
}

/** Whether an error looks like a lost server. A client that has too much to do says nothing about its servers. */
const isLost = (error: unknown): boolean =>
  error instanceof MemcacheConnectionError && error.code !== 'ERR_MEMCACHE_OVERLOADED';
