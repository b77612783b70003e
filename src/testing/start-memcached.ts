import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemcacheConnectionError, type MemcacheError } from '../errors.ts';
import { askStats } from './ask-stats.ts';
import { findMemcached } from './find-memcached.ts';
import { freePort } from './free-port.ts';
import { memcachedArguments, type MemcachedSettings } from './memcached-arguments.ts';
import { MemcachedProcess } from './memcached-process.ts';

/** How a real memcached is started. */
export interface StartMemcachedOptions extends MemcachedSettings {
  /** The program. Default: MEMCACHED_BIN, else `memcached` on the PATH, else in the usual folders. */
  readonly binary?: string;
  /** TCP port on 127.0.0.1. Default: 0, a free one. Without meaning beside `unixSocket`. */
  readonly port?: number;
  /** How long the server may take until it answers, in milliseconds. Default: 5000. */
  readonly startTimeoutMs?: number;
}

/** A real memcached, child of this process. It ends with the process at the latest and never keeps it alive. */
export interface RunningMemcached {
  /** As `createClient` takes it: `127.0.0.1:PORT` or `unix:/path`. Stays the same over restarts. */
  readonly address: string;
  /** The TCP port; 0 with a Unix socket. */
  readonly port: number;
  /** The process id of the present run. */
  readonly pid: number;
  /** Such as `1.6.18`. */
  readonly version: string;
  /** Ends the server (SIGTERM, soon SIGKILL) and resolves once it is gone, at once if it is gone already. */
  stop(): Promise<void>;
  /** Freezes the server (SIGSTOP): connections stay open and no answer comes. */
  pause(): void;
  /** Lets a frozen server go on (SIGCONT). */
  resume(): void;
  /** Ends the server as a crash would (SIGKILL) and resolves once it is gone. */
  kill(): Promise<void>;
  /**
   * Stops the server if it runs, and starts it anew, empty, at the same address. Rejects as `startMemcached` does.
   */
  restart(): Promise<void>;
  /** `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_START_TIMEOUT_MS = 5_000;
const POLL_MS = 10;
/** One probe: far more than a loopback answer takes, so that a stopped machine is not taken for a dead server. */
const PROBE_MS = 1_000;

const LOST_THE_PORT = /in use|failed to listen/i;

function failure(server: string | undefined, sentence: string): MemcacheError {
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', sentence, { server });
}

/** A server that wants a password before it says anything does not tell its version: the program does. */
function versionOf(binary: string): string {
  return execFileSync(binary, ['-V'], { encoding: 'utf8' })
    .replace(/^memcached\s+/, '')
    .trim();
}

class Memcached implements RunningMemcached {
  readonly #binary: string;
  readonly #options: StartMemcachedOptions;
  #port: number;
  #process: MemcachedProcess | undefined;
  #version = '';

  constructor(binary: string, options: StartMemcachedOptions) {
    this.#binary = binary;
    this.#options = options;
    this.#port = options.unixSocket === undefined ? (options.port ?? 0) : 0;
  }

  get address(): string {
    const { unixSocket } = this.#options;
    return unixSocket === undefined ? `127.0.0.1:${this.#port}` : `unix:${unixSocket}`;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get version(): string {
    return this.#version;
  }

  async stop(): Promise<void> {
    await this.#process?.end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#process?.end('SIGKILL');
  }

  pause(): void {
    this.#process?.freeze();
  }

  resume(): void {
    this.#process?.thaw();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Spawns until a run answers. A run that lost its port to somebody else is followed by another one, unless it is the
   * caller who chose that port: the first start then says at once that it is taken.
   */
  async start(): Promise<void> {
    const deadline = Date.now() + (this.#options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS);
    const choosesPort = this.#port === 0 && this.#options.unixSocket === undefined;
    const mayTryAgain = choosesPort || this.#version !== '';
    let complaint = '';
    for (;;) {
      if (choosesPort) this.#port = await this.#freePort();
      const run = new MemcachedProcess(this.#binary, memcachedArguments(this.#options, this.#port));
      this.#process = run;
      if (await this.#answers(run, deadline)) return;
      await run.end('SIGKILL');
      // The last run may have been ended by the deadline before it could say what the others said.
      if (run.complaint !== '') complaint = run.complaint;
      const lostThePort = LOST_THE_PORT.test(complaint);
      if (!lostThePort || !mayTryAgain || Date.now() >= deadline) throw this.#refusal(complaint);
      await sleep(POLL_MS);
    }
  }

  async #freePort(): Promise<number> {
    const port = await freePort();
    if (port !== undefined) return port;
    throw failure(undefined, 'No free port was found on 127.0.0.1; name one by the option `port`');
  }

  /** True once this very run answers, false when it ended or the time is over. */
  async #answers(run: MemcachedProcess, deadline: number): Promise<boolean> {
    const { unixSocket, tls } = this.#options;
    const target =
      unixSocket === undefined ? { host: '127.0.0.1', port: this.#port } : { path: unixSocket };
    while (Date.now() < deadline) {
      const identity = await askStats(target, tls !== undefined, PROBE_MS);
      if (run.exited) return false;
      if (identity !== undefined && (identity.pid ?? run.pid) === run.pid) {
        this.#version = identity.version ?? versionOf(this.#binary);
        return true;
      }
      await sleep(POLL_MS);
    }
    return false;
  }

  #refusal(complaint: string): MemcacheError {
    const said = complaint === '' ? 'without a word' : `saying: ${complaint}`;
    return failure(
      this.address,
      `${this.#binary} did not start answering at ${this.address}, and ended ${said}. ` +
        'Check its arguments, or give it longer by `startTimeoutMs`',
    );
  }
}

/**
 * Starts a real memcached that listens on 127.0.0.1 (or on a Unix socket) and resolves once it answers.
 *
 * Rejects with a `MemcacheError`, code `ERR_MEMCACHE_CONNECT`, when no program is found, when it ends at once (its own
 * words are in the message; a `port` that is taken is such a case), or when it does not answer within `startTimeoutMs`.
 */
export async function startMemcached(
  options: StartMemcachedOptions = {},
): Promise<RunningMemcached> {
  const server = new Memcached(findMemcached(options.binary), options);
  await server.start();
  return server;
}
