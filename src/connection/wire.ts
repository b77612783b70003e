import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { MemcacheError } from '../errors.ts';
import type { Gathered } from '../protocol/request-writer.ts';
import type { ResponseParser } from '../protocol/response-parser.ts';
import type { ServerAddress } from './address.ts';
import { openSocket } from './dial.ts';
import { lost, unread } from './losses.ts';
import type { ConnectionOptions } from './options.ts';

/** What the owner of a wire is told. */
export interface WireEvents {
  /** The socket is connected; with TLS, the server has proved who it is. */
  opened(): void;
  /** So many bytes came and have been parsed. */
  received(bytes: number): void;
  /** The wire is gone, and nothing more is told. No error when the server ended it in good order. */
  closed(error: MemcacheError | undefined): void;
}

/** One socket with its parser: bytes out, replies in, until the first thing that goes wrong. */
export class Wire {
  readonly parser: ResponseParser;
  readonly #events: WireEvents;
  readonly #server: string;
  readonly #socket: Duplex;
  #closed = false;
  #leaving: (() => void) | undefined;

  constructor(
    address: ServerAddress,
    options: ConnectionOptions,
    parts: { parser: ResponseParser; events: WireEvents; tls: TlsOptions | undefined },
  ) {
    this.parser = parts.parser;
    this.#events = parts.events;
    this.#server = address.name;
    const reader = {
      space: () => this.parser.space(),
      advance: (bytes: number) => this.#receive(bytes),
    };
    const socket = openSocket(address, options, { reader, tls: parts.tls });
    this.#socket = socket;
    if (options.unref && 'unref' in socket) (socket as Duplex & { unref(): void }).unref();
    if (options.connect !== undefined) {
      socket.on('data', (chunk: Uint8Array) => this.#receive(chunk.length, chunk));
    }
    const connecting = (socket as Duplex & { connecting?: boolean }).connecting === true;
    if (options.connect === undefined || connecting) {
      socket.once(
        options.tls === false || options.connect !== undefined ? 'connect' : 'secureConnect',
        () => this.#opened(),
      );
    } else process.nextTick(() => this.#opened());
    socket.on('error', (cause) =>
      this.destroy(lost(this.#server, `the connection to ${this.#server} failed`, cause)),
    );
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  /**
   * Hands requests to the socket, headers and values in one go. `left` is called once, when the socket has no more use
   * for their memory. Only one hand-over is under way at a time, so that every byte is given to the kernel in the turn
   * in which it was encoded or stays in the order of the list.
   */
  write(gathered: Gathered, left: () => void): void {
    const { chunks } = gathered;
    this.#leaving = left;
    // A stream may answer a hand-over before it says that it has let go of it: by then another may be under way.
    // One that failed says so before it says that it is gone: what is still queued must not be handed to it.
    const done = (error?: Error | null): void => {
      if (this.#leaving === left && (error === undefined || error === null)) this.#left();
    };
    const last = chunks.length - 1;
    if (last > 0) this.#socket.cork();
    for (let i = 0; i < last; i++) this.#socket.write(chunks[i]);
    this.#socket.write(chunks[last], done);
    if (last > 0) this.#socket.uncork();
  }

  /** Gives the wire up, for `error` or in good order. */
  destroy(error?: MemcacheError): void {
    if (this.#closed) return;
    this.#closed = true;
    const gone = this.#socket.closed;
    this.#socket.destroy();
    this.#events.closed(error);
    // Last, for whoever hears that memory is free again sends more: by then the owner must know that this wire is gone.
    if (gone) this.#left();
    else this.#socket.on('close', () => this.#left());
  }

  /** Says a last word and lets the server end the wire, for which it has `withinMs`. */
  leave(word: string, withinMs: number): void {
    if (this.#closed) return;
    this.#closed = true;
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), withinMs);
    timer.unref();
    socket.on('close', () => {
      clearTimeout(timer);
      this.#left();
    });
    socket.end(word);
    this.#events.closed(undefined);
  }

  #opened(): void {
    if (!this.#closed) this.#events.opened();
  }

  #left(): void {
    const left = this.#leaving;
    this.#leaving = undefined;
    left?.();
  }

  /** `chunk` only where the stream brought its own memory. */
  #receive(bytes: number, chunk?: Uint8Array): void {
    if (this.#closed) return;
    try {
      if (chunk === undefined) this.parser.advance(bytes);
      else this.parser.feed(chunk);
    } catch (error) {
      this.destroy(unread(this.#server, error));
      return;
    }
    this.#events.received(bytes);
  }
}
