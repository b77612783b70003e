import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ReadRequest, RequestReader } from '../../src/testing/fake-request.ts';

/** What a test makes of a request; without a script the server answers as memcached would. */
export type Script = (request: ReadRequest, peer: Peer) => void;

/** The longest pause between two pieces that keeps them apart: the client has polled in between. */
const APART_MS = 2;

/** Of a longer value only the header is kept. */
const LONGEST_RECORD = 65_536;

/** What memcached would answer. */
export const answer: Script = (request, peer) => peer.answer(request);

/** What a server that is well answers to `version`. */
export function sayVersion(peer: Peer): void {
  peer.send('VERSION 1.6.18\r\n');
}

/** No answer ever. */
export const silence: Script = () => {};

interface Item {
  readonly flags: string;
  readonly data: Buffer;
  readonly cas: number;
}

/** One connection of a client, seen from the server. */
export class Peer {
  /** Requests about keys, in the order they came. */
  readonly requests: ReadRequest[] = [];
  /** Everything it sent but the questions of readiness and negotiation. */
  bytes = '';
  /** It asked for the server's settings: the connection that is thrown away. */
  negotiates = false;
  /** The questions of readiness it asked. */
  probes = 0;
  closed = false;
  readonly socket: Socket;
  readonly #server: ScriptedServer;
  /** What came since `hold`. */
  #held: (() => void)[] | undefined;

  constructor(socket: Socket, server: ScriptedServer) {
    this.socket = socket;
    this.#server = server;
  }

  /** Requests are taken and recorded, but nothing is done about them until `goOn`: answers keep their order. */
  hold(): void {
    this.#held ??= [];
  }

  /** Sends the rest of the answer that is due, and serves what has come meanwhile. */
  goOn(bytes = ''): void {
    if (bytes !== '') this.send(bytes);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const serve of held) this.inTurn(serve);
  }

  inTurn(serve: () => void): void {
    if (this.#held === undefined) serve();
    else this.#held.push(serve);
  }

  send(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Pieces that reach the client in reads of their own. */
  async sendApart(...pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) {
      this.send(piece);
      await sleep(APART_MS);
    }
  }

  /** What memcached would answer. */
  answer(request: ReadRequest): void {
    this.send(this.#server.replyTo(request));
  }

  /** FIN, in good order. */
  end(lastBytes = ''): void {
    if (!this.socket.destroyed) this.socket.end(lastBytes);
  }

  /** RST. What was sent just before has left first. */
  async reset(): Promise<void> {
    await sleep(APART_MS);
    this.socket.resetAndDestroy();
  }

  /** Answers, and reads no more. */
  answerAndPause(request: ReadRequest): void {
    this.answer(request);
    this.pause();
  }

  /** Reads no more: the client's writes fill the buffers of the kernel. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }
}

/**
 * A server in this process that keeps a record of what it was sent and does what a test says. It passes a client's
 * negotiation and readiness by itself.
 */
export class ScriptedServer {
  readonly peers: Peer[] = [];
  readonly items: Map<string, Item> = new Map();
  /** What happens to requests about keys, one script each; then `script`. */
  readonly next: Script[] = [];
  /** What happens to every other request about a key. */
  script: Script = answer;
  /** What happens to a connection before it says anything. */
  greet: (peer: Peer) => void = () => {};
  /** What happens to `version`, asked for readiness and after idle times. */
  probed: (peer: Peer) => void = sayVersion;
  itemSizeMax = 1_048_576;
  /** Ends the connection of whoever asks what a proxy does not know. */
  refusesToNegotiate = false;
  #server: Server;
  #port = 0;
  #cas = 0;

  private constructor() {
    this.#server = this.#create();
  }

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.listen();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Connections that carried a caller's commands, or could have. */
  get users(): Peer[] {
    return this.peers.filter((peer) => !peer.negotiates);
  }

  /** Requests about keys on all connections, by connection. */
  get requests(): ReadRequest[] {
    return this.users.flatMap((peer) => peer.requests);
  }

  /** The same as the lines they began with. */
  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** Everything that was sent on users' connections but questions of readiness. */
  get record(): string {
    return this.users.map(({ bytes }) => bytes).join('');
  }

  /** On the port of the last time, if there was one. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Nobody can connect any more, and those who are connected are reset. */
  async away(): Promise<void> {
    const gone = once(this.#server, 'close');
    this.#server.close();
    for (const { socket } of this.peers) socket.resetAndDestroy();
    await gone;
    this.#server = this.#create();
  }

  async stop(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    if (!this.#server.listening) return;
    const gone = once(this.#server, 'close');
    this.#server.close();
    await gone;
  }

  replyTo({ verb, keys, data, words }: ReadRequest): string | Buffer {
    const [key] = keys;
    const item = this.items.get(key);
    switch (verb) {
      case 'get':
      case 'gets':
        return Buffer.concat([
          ...keys.map((one) => this.#value(verb, one)),
          Buffer.from('END\r\n'),
        ]);
      case 'delete':
        return this.items.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n';
      case 'touch':
        return item === undefined ? 'NOT_FOUND\r\n' : 'TOUCHED\r\n';
      case 'incr':
      case 'decr':
        return this.#count(key, item, verb === 'incr' ? BigInt(words[2]) : -BigInt(words[2]));
      case 'flush_all':
        this.items.clear();
        return 'OK\r\n';
      case 'add':
        if (item !== undefined) return 'NOT_STORED\r\n';
        break;
      case 'replace':
        if (item === undefined) return 'NOT_STORED\r\n';
        break;
      case 'set':
        break;
      default:
        return 'ERROR\r\n';
    }
    this.items.set(key, { flags: words[2], data, cas: ++this.#cas });
    return 'STORED\r\n';
  }

  #value(verb: string, key: string): Buffer {
    const item = this.items.get(key);
    if (item === undefined) return Buffer.alloc(0);
    const cas = verb === 'gets' ? ` ${item.cas}` : '';
    const header = `VALUE ${key} ${item.flags} ${item.data.length}${cas}\r\n`;
    return Buffer.concat([Buffer.from(header, 'latin1'), item.data, Buffer.from('\r\n')]);
  }

  #count(key: string, item: Item | undefined, delta: bigint): string {
    if (item === undefined) return 'NOT_FOUND\r\n';
    const text = item.data.toString('latin1');
    if (!/^\d+ *$/.test(text))
      return 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
    const sum = String(BigInt(text.trim()) + delta);
    this.items.set(key, { ...item, data: Buffer.from(sum) });
    return `${sum}\r\n`;
  }

  #create(): Server {
    return createServer({ noDelay: true }, (socket) => {
      const peer = new Peer(socket, this);
      this.peers.push(peer);
      const reader = new RequestReader();
      socket.on('data', (chunk: Buffer) => {
        for (const request of reader.read(chunk)) {
          if (!request.terminated)
            throw new Error(`the value of '${request.line}' does not end where it should`);
          this.#serve(request, peer);
        }
      });
      // Resets are what these tests are about; what the client made of them is looked at there.
      socket.on('error', () => {});
      socket.on('close', () => {
        peer.closed = true;
      });
      this.greet(peer);
    });
  }

  #serve(request: ReadRequest, peer: Peer): void {
    switch (request.line) {
      case 'version':
        peer.probes++;
        this.probed(peer);
        return;
      case 'stats settings':
      case 'mn':
        peer.negotiates = true;
        if (this.refusesToNegotiate) peer.end();
        else if (request.line === 'mn') peer.send('MN\r\n');
        else peer.send(`STAT item_size_max ${this.itemSizeMax}\r\nEND\r\n`);
        return;
      default:
        peer.requests.push(request);
        peer.bytes +=
          request.data.length > LONGEST_RECORD
            ? `${request.line}\r\n`
            : request.bytes.toString('latin1');
        peer.inTurn(() => (this.next.shift() ?? this.script)(request, peer));
    }
  }
}
