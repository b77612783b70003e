import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What an endpoint does about a question. */
export type ConfigScript = (socket: Socket, line: string) => void | Promise<void>;

/** The longest pause between two pieces that keeps them apart: the asker has polled in between. */
const APART_MS = 1;

/** Nodes as they are written on the wire, `host|ip|port`. */
export function configReply(
  version: number | string,
  nodes: readonly string[],
  header = 'CONFIG cluster',
): string {
  const payload = `${version}\n${nodes.join(' ')}\n`;
  return `${header} 0 ${Buffer.byteLength(payload)}\r\n${payload}\r\nEND\r\n`;
}

export const says =
  (reply: string): ConfigScript =>
  (socket) =>
    void socket.write(reply, 'latin1');

/** The reply cut before each of these bytes. */
export const saysInPieces =
  (reply: string, ...cuts: readonly number[]): ConfigScript =>
  async (socket) => {
    for (const [i, from] of [0, ...cuts].entries()) {
      if (!socket.destroyed) socket.write(reply.slice(from, cuts[i] ?? reply.length), 'latin1');
      await sleep(APART_MS);
    }
  };

export const saysNothing: ConfigScript = () => {};

export const hangsUp: ConfigScript = (socket) => void socket.end();

export const resets: ConfigScript = (socket) => void socket.resetAndDestroy();

/** Something that tells the nodes of a cluster, or does not: a configuration endpoint of a managed cluster, or a node. */
export class ConfigEndpoint {
  /** Every line it was asked, over all connections. */
  readonly questions: string[] = [];
  readonly sockets: Socket[] = [];
  /** What it does about the next questions, one script each; then `script`. */
  readonly next: ConfigScript[] = [];
  script: ConfigScript;
  readonly #server: Server;

  private constructor(script: ConfigScript, tls: TlsOptions | undefined) {
    this.script = script;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server =
      tls === undefined
        ? createServer({ noDelay: true }, accept)
        : createTlsServer(tls, accept).on('tlsClientError', () => {});
  }

  /** Ends with the test. */
  static async start(
    t: TestContext,
    script: ConfigScript,
    tls?: TlsOptions,
  ): Promise<ConfigEndpoint> {
    const endpoint = new ConfigEndpoint(script, tls);
    t.after(() => {
      for (const socket of endpoint.sockets) socket.destroy();
      endpoint.#server.close();
    });
    endpoint.#server.listen(0, '127.0.0.1');
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** As a cluster would name it. */
  get node(): string {
    return `localhost|127.0.0.1|${this.port}`;
  }

  /** Connections that nobody has closed. */
  get open(): number {
    return this.sockets.filter((socket) => !socket.destroyed).length;
  }

  #accept(socket: Socket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk.toString('latin1')}`.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.questions.push(line);
        void (this.next.shift() ?? this.script)(socket, line);
      }
    });
  }
}
