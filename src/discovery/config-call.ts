import type { Duplex } from 'node:stream';
import type { ServerAddress } from '../connection/address.ts';
import { openSocket } from '../connection/dial.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import { MemcacheConnectionError, MemcacheError, TimeoutError } from '../errors.ts';
import { type ClusterConfig, ClusterConfigParser, type ConfigQuestion } from './cluster-config.ts';

export interface ConfigCallParts {
  readonly question: ConfigQuestion;
  readonly connection: ConnectionOptions;
  /** Milliseconds from dialling to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks one node, on a connection of its own that is closed again. Rejects with a MemcacheError. */
export function askConfig(address: ServerAddress, parts: ConfigCallParts): Promise<ClusterConfig> {
  return new Promise((resolve, reject) => {
    new ConfigCall(address, parts, { resolve, reject }).begin();
  });
}

/** Larger than most answers; the parser keeps what it needs of it. */
const READ_BYTES = 4096;

class ConfigCall {
  readonly #server: string;
  readonly #address: ServerAddress;
  readonly #parts: ConfigCallParts;
  readonly #parser: ClusterConfigParser;
  readonly #settle: { resolve(config: ClusterConfig): void; reject(error: MemcacheError): void };
  readonly #memory = Buffer.allocUnsafe(READ_BYTES);
  #socket: Duplex | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #over = false;

  constructor(
    address: ServerAddress,
    parts: ConfigCallParts,
    settle: { resolve(config: ClusterConfig): void; reject(error: MemcacheError): void },
  ) {
    this.#server = address.name;
    this.#address = address;
    this.#parts = parts;
    this.#settle = settle;
    this.#parser = new ClusterConfigParser(address.name, parts.question);
  }

  begin(): void {
    const { signal, connection, timeoutMs } = this.#parts;
    if (signal.aborted) {
      this.#aborted();
      return;
    }
    signal.addEventListener('abort', this.#aborted);
    this.#deadline = setTimeout(() => this.#fail(this.#late()), timeoutMs);
    if (connection.unref) this.#deadline.unref();
    try {
      this.#socket = openSocket(this.#address, connection, {
        space: () => this.#memory,
        advance: (bytes) => this.#receive(this.#memory.subarray(0, bytes)),
      });
    } catch (cause) {
      this.#fail(this.#unreachable(cause));
      return;
    }
    this.#listen(this.#socket);
  }

  #listen(socket: Duplex): void {
    const { connection, question } = this.#parts;
    const own = connection.connect === undefined;
    if (connection.unref && 'unref' in socket) (socket as Duplex & { unref(): void }).unref();
    if (!own) socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', (cause) => this.#fail(this.#unreachable(cause)));
    socket.on('end', () => this.#fail(this.#ended()));
    socket.on('close', () => this.#fail(this.#ended()));
    const ask = (): void => void socket.write(`${question.command}\r\n`);
    // With TLS not before the server has shown who it is.
    if (own && connection.tls !== false) socket.once('secureConnect', ask);
    else ask();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#over) return;
    try {
      const config = this.#parser.feed(chunk);
      if (config === undefined) return;
      this.#end();
      this.#settle.resolve(config);
    } catch (error) {
      this.#fail(error as MemcacheError);
    }
  }

  #fail(error: MemcacheError): void {
    if (this.#over) return;
    this.#end();
    this.#settle.reject(error);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#parts.signal.removeEventListener('abort', this.#aborted);
    this.#socket?.destroy();
  }

  readonly #aborted = (): void => {
    const { signal, question } = this.#parts;
    this.#fail(
      new MemcacheError('ERR_MEMCACHE_ABORTED', 'the question for the servers was aborted', {
        server: this.#server,
        command: question.command,
        cause: signal.reason,
      }),
    );
  };

  #late(): MemcacheError {
    const { timeoutMs, question } = this.#parts;
    const message = `${this.#server} did not tell its configuration within ${timeoutMs} ms`;
    const details = { server: this.#server, command: question.command, retryable: true };
    return new TimeoutError('ERR_MEMCACHE_CONNECT', message, details);
  }

  #ended(): MemcacheError {
    return this.#connectError(`${this.#server} ended the connection and told no configuration`);
  }

  #unreachable(cause: unknown): MemcacheError {
    const why = reasonOf(cause);
    return this.#connectError(
      `${this.#server} cannot be asked for its configuration: ${why}`,
      cause,
    );
  }

  #connectError(message: string, cause?: unknown): MemcacheError {
    const { command } = this.#parts.question;
    const details = { server: this.#server, command, retryable: true, cause };
    return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, details);
  }
}

/** The system's word for it, such as ECONNREFUSED; of several addresses tried, the first one's. */
function reasonOf(cause: unknown): string {
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(first instanceof Error)) return 'no stream could be made';
  const { code } = first as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : first.message;
}
