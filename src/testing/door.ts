import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemcacheConnectionError } from '../errors.ts';
import { freePort } from './free-port.ts';

/** Somebody may have taken the port in between, or be about to leave it. */
const ATTEMPTS = 20;
const AGAIN_MS = 10;

/** Where a server of this process listens: it can be shut, so that nobody can connect, and opened at the same address. */
export class Door {
  readonly #welcome: (socket: Socket) => void;
  readonly #unixSocket: string | undefined;
  readonly #choosesPort: boolean;
  #port: number;
  #server: Server | undefined;

  constructor(
    where: { readonly port?: number; readonly unixSocket?: string },
    welcome: (socket: Socket) => void,
  ) {
    this.#welcome = welcome;
    this.#unixSocket = where.unixSocket;
    this.#port = where.unixSocket === undefined ? (where.port ?? 0) : 0;
    this.#choosesPort = where.unixSocket === undefined && this.#port === 0;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return this.#unixSocket === undefined ? `127.0.0.1:${this.#port}` : `unix:${this.#unixSocket}`;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  /** Listens. Rejects with ERR_MEMCACHE_CONNECT where that cannot be had. */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    // Half of a connection may end before the other; nothing is read before somebody wants it.
    const server = createServer(
      { noDelay: true, allowHalfOpen: true, pauseOnConnect: true },
      this.#welcome,
    );
    server.unref();
    this.#server = server;
    const mayChoose = this.#choosesPort && this.#port === 0;
    for (let attempt = 1; ; attempt++) {
      if (mayChoose) this.#port = (await freePort()) ?? 0;
      const problem = await this.#listen(server);
      if (problem === undefined) return;
      if (attempt < ATTEMPTS && (mayChoose || this.isOpen)) await sleep(AGAIN_MS);
      else throw this.#refusal(problem);
    }
  }

  /** Nobody can connect any more. Who is connected stays so. */
  shut(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  async #listen(server: Server): Promise<unknown> {
    const where =
      this.#unixSocket === undefined
        ? { host: '127.0.0.1', port: this.#port, exclusive: true }
        : { path: this.#unixSocket };
    try {
      server.listen(where);
      await once(server, 'listening');
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #refusal(cause: unknown): MemcacheConnectionError {
    const server = this.address;
    this.#server = undefined;
    return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', `Nothing can listen at ${server}`, {
      server,
      cause,
    });
  }
}
