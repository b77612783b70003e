import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import {
  type ChaosProxy,
  type ChaosProxyOptions,
  startChaosProxy,
} from '../../../src/testing/index.ts';
import { until } from '../../support/fault-lab.ts';

/** One end of a connection and what it was sent. */
export class End {
  readonly socket: Socket;
  readonly reads: Buffer[] = [];
  ended = false;
  closed = false;
  error: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.reads.push(chunk));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code;
    });
  }

  get text(): string {
    return Buffer.concat(this.reads).toString('latin1');
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Resolves once so many characters have come. */
  async got(characters: number): Promise<string> {
    await until(() => this.text.length >= characters);
    return this.text;
  }
}

/** A server that says what the test says, a proxy in front of it, and clients. */
export class Wires {
  readonly proxy: ChaosProxy;
  /** The ends of the server, in the order of the connections that arrived. */
  readonly servers: End[];
  readonly #t: TestContext;

  private constructor(t: TestContext, proxy: ChaosProxy, servers: End[]) {
    this.#t = t;
    this.proxy = proxy;
    this.servers = servers;
  }

  static async lay(t: TestContext, options: Partial<ChaosProxyOptions> = {}): Promise<Wires> {
    const servers: End[] = [];
    const server = createServer({ noDelay: true }, (socket) => servers.push(new End(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const proxy = await startChaosProxy({ to: `127.0.0.1:${port}`, ...options });
    t.after(async () => {
      await proxy.stop();
      for (const { socket } of servers) socket.destroy();
      server.close();
    });
    return new Wires(t, proxy, servers);
  }

  /** A client that is connected as far as the proxy. */
  async client(): Promise<End> {
    const socket = connect({ host: '127.0.0.1', port: this.proxy.port, noDelay: true });
    this.#t.after(() => socket.destroy());
    const end = new End(socket);
    await once(socket, 'connect');
    return end;
  }

  /** A client and the end of the server that it reaches. */
  async connection(): Promise<{ client: End; server: End }> {
    const count = this.servers.length;
    const client = await this.client();
    await until(() => this.servers.length > count);
    return { client, server: this.servers[count] };
  }
}
