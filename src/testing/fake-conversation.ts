import type { Socket } from 'node:net';
import type { FakeReply } from './fake-replies.ts';
import { EndlessLine, type FakeRequest, type ReadRequest, RequestReader } from './fake-request.ts';
import { reset } from './reset.ts';

/** Undefined: the next hook, or the usual answer. Null: no answer ever. Bytes: these, and nothing is done to the items. */
export type FakeAnswer = string | Uint8Array | null | undefined;

/** Answers a request in place of the server. Answers that come later keep the order of their connection. */
export type FakeHook = (request: FakeRequest, peer: FakePeer) => FakeAnswer | Promise<FakeAnswer>;

/** What a hook may do to the connection that its request came on. */
export interface FakePeer {
  /** Does what the request asks for and returns what memcached would answer; nothing where it would say nothing. */
  usual(): Buffer;
  /** Bytes before the answer, at once. */
  write(bytes: string | Uint8Array): void;
  /** FIN. */
  end(): void;
  /** RST. */
  reset(): void;
}

/** What the conversation needs of its server. */
export interface ConversationParts {
  readonly connection: number;
  readonly socket: Socket;
  readonly hooks: () => readonly FakeHook[];
  readonly log: (request: FakeRequest) => void;
  /** Does it and answers; null ends the connection. */
  readonly perform: (request: ReadRequest) => FakeReply | null;
}

/** One connection: its requests are answered one after the other. */
export class FakeConversation implements FakePeer {
  readonly #parts: ConversationParts;
  readonly #reader = new RequestReader();
  readonly #waiting: ReadRequest[] = [];
  #current: ReadRequest | undefined;
  #heardAll = false;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    const { socket } = parts;
    socket.on('error', () => {});
    socket.on('end', () => {
      this.#heardAll = true;
      if (this.#current === undefined) socket.end();
    });
    socket.on('data', (chunk: Buffer) => {
      this.#hear(chunk);
    });
  }

  /** Reads what comes. */
  begin(): void {
    this.#parts.socket.resume();
  }

  usual(): Buffer {
    const reply = this.#current === undefined ? undefined : this.#parts.perform(this.#current);
    if (reply === null) this.end();
    return bytesOf(reply ?? '');
  }

  write(bytes: string | Uint8Array): void {
    const { socket } = this.#parts;
    if (socket.writable && bytes.length > 0) socket.write(bytesOf(bytes));
  }

  end(): void {
    this.#parts.socket.destroySoon();
  }

  reset(): void {
    reset(this.#parts.socket);
  }

  #hear(chunk: Buffer): void {
    const { socket } = this.#parts;
    socket.cork();
    try {
      for (const request of this.#reader.read(chunk)) {
        this.#waiting.push(request);
        if (this.#current === undefined) this.#answerAll();
      }
    } catch (error) {
      if (!(error instanceof EndlessLine)) throw error;
      this.end();
    } finally {
      socket.uncork();
    }
  }

  #answerAll(): void {
    while (this.#waiting.length > 0) {
      const [request] = this.#waiting.splice(0, 1);
      this.#current = request;
      const answer = this.#answer(request);
      if (answer instanceof Promise) {
        void this.#later(answer);
        return;
      }
      this.#say(answer);
    }
  }

  /** A hook that rejects is a test that is wrong: it is heard of as an unhandled rejection. */
  async #later(answer: Promise<FakeAnswer>): Promise<void> {
    this.#say(await answer);
    this.#answerAll();
    if (this.#heardAll && this.#current === undefined) this.#parts.socket.end();
  }

  #say(answer: FakeAnswer): void {
    this.write(answer ?? '');
    this.#current = undefined;
  }

  #answer(request: ReadRequest): FakeAnswer | Promise<FakeAnswer> {
    const { verb, line, words, keys, data } = request;
    const shown = { connection: this.#parts.connection, verb, line, words, keys, data };
    this.#parts.log(shown);
    const hooks = this.#parts.hooks();
    return hooks.length === 0 ? this.usual() : this.#ask(hooks, shown);
  }

  /** Hooks that answer at once are not waited for. */
  #ask(hooks: readonly FakeHook[], request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
    for (const [index, hook] of hooks.entries()) {
      const answer = hook(request, this);
      if (answer instanceof Promise) {
        const rest = hooks.slice(index + 1);
        return answer.then((late) => (late === undefined ? this.#ask(rest, request) : late));
      }
      if (answer !== undefined) return answer;
    }
    return this.usual();
  }
}

function bytesOf(bytes: string | Uint8Array): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
}
