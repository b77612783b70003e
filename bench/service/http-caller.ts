import { once } from 'node:events';
import { connect } from 'node:net';
import { type HttpAnswer, readAnswer } from './http-answer.ts';

const NOTHING = Buffer.alloc(0);
const ignore = (): void => {};

/** One keep-alive connection, on which one request at a time is asked. Bare sockets: node:http would be a load itself. */
export class HttpCaller {
  readonly #socket;
  #received: Buffer = NOTHING;
  #resolve: (answer: HttpAnswer) => void = ignore;
  #reject: (error: Error) => void = ignore;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('error', (error) => this.#reject(error));
    this.#socket.on('close', () => this.#reject(new Error('the service closed a connection')));
  }

  async connect(): Promise<void> {
    await once(this.#socket, 'connect');
  }

  ask(request: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (this.#socket.destroyed) reject(new Error('the service has closed a connection'));
      else this.#socket.write(request);
    });
  }

  #read(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    try {
      const answer = readAnswer(this.#received);
      if (answer === undefined) return;
      this.#received = NOTHING;
      this.#resolve(answer);
    } catch (error) {
      this.#reject(error as Error);
    }
  }
}
