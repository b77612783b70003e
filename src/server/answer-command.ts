import type { Carrier } from '../connection/carrier.ts';
import type { Command } from '../connection/command.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import { isBase64 } from '../protocol/key.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { type ErrorLine, errorFor } from '../protocol/status.ts';
import type { ServerLimits, ServerPort } from './limits.ts';
import { refuseAdministration, refuseBase64, timedOut } from './refusals.ts';
import type { AnswerSink } from './sinks.ts';

/** What a command is about, and who waits for its answer. */
export interface Asked<T> {
  readonly server: ServerPort;
  readonly sink: AnswerSink<T>;
  readonly tag: number;
}

/** Commands about a whole server: a proxy in front of several knows none of them, and nutcracker hangs up. */
export const ADMINISTRATION: ReadonlySet<string> = new Set([
  'stats',
  'flush_all',
  'cache_memlimit',
  'verbosity',
  'shutdown',
  'lru_crawler',
  'lru',
  'slabs',
  'watch',
]);

/** A command with one caller, whose answer is one line or several. */
export abstract class AnswerCommand<T> implements Command {
  readonly grammar: Grammar = 'lines';
  abstract readonly verb: string;
  readonly operations = 1;
  readonly complete = true;
  readonly release: (() => void) | undefined = undefined;
  /** The caller's key on the wire; '' for a command about the whole server. */
  readonly key: string;
  readonly #server: ServerPort;
  readonly #tag: number;
  #sink: AnswerSink<T> | undefined;

  constructor(key: string, asked: Asked<T>) {
    this.key = key;
    this.#server = asked.server;
    this.#sink = asked.sink;
    this.#tag = asked.tag;
  }

  protected get port(): ServerPort {
    return this.#server;
  }

  protected get server(): string {
    return this.#server.name;
  }

  protected get limits(): ServerLimits {
    return this.#server.limits;
  }

  get bytes(): number {
    return this.key.length;
  }

  /** Whether it concerns a key; one about the whole server concerns them all. */
  asks(key: string): boolean {
    return this.key === key || this.key === '';
  }

  get deadline(): number {
    return this.abandoned ? Infinity : (this.#sink as AnswerSink<T>).deadline;
  }

  get own(): boolean {
    return this.#sink?.own === true;
  }

  get abandoned(): boolean {
    return this.#sink === undefined || this.#sink.settled;
  }

  write(writer: RequestWriter): void {
    const { verb, server, limits } = this;
    if (isBase64(this.key) && !limits.speaksMeta) throw refuseBase64(verb, server);
    if (this.key === '' && !limits.administration && ADMINISTRATION.has(verb))
      throw refuseAdministration(verb, server);
    this.encode(writer);
  }

  protected abstract encode(writer: RequestWriter): void;
  abstract line(bytes: Buffer, start: number, end: number): LineVerdict;

  carried(by: Carrier): void {
    this.#sink?.carried?.(by);
  }

  written(): void {
    if (this.#sink !== undefined) this.#sink.sent = 'maybe';
  }

  refused(error: ErrorLine): void {
    if (!this.abandoned) this.#server.served();
    this.fail(errorFor(error, this.verb, this.server));
  }

  fail(error: MemcacheError): void {
    const sink = this.#takeSink();
    if (sink !== undefined) sink.fail(this.#tag, error);
  }

  expire(_now: number, sent: Sent): number {
    this.fail(timedOut(this.verb, this.server, sent));
    return 1;
  }

  refusedPart(_error: ErrorLine): LineVerdict {
    return 'foreign';
  }

  match(_bytes: Buffer, _start: number, _end: number): number {
    return -1;
  }
  wants(): boolean {
    return false;
  }
  item(_index: number, _item: ItemView): void {}
  end(): void {}

  protected answer(answer: T): 'last' {
    const sink = this.#takeSink();
    if (sink !== undefined) {
      this.#server.served();
      sink.answer(this.#tag, answer);
    }
    return 'last';
  }

  #takeSink(): AnswerSink<T> | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink?.settled === true ? undefined : sink;
  }
}

/** A request of one line. */
export interface LineRequest {
  readonly verb: string;
  readonly key: string;
  /** The line without its end. */
  readonly text: string;
}

/**
 * A request of one line whose answer is one line: `touch`, `delete`, `incr`, `version`. `read` makes the answer of the
 * reply's text, or says with undefined that it is none.
 */
export class LineCommand<T> extends AnswerCommand<T> {
  readonly verb: string;
  readonly #request: string;
  readonly #read: (reply: string) => { answer: T } | undefined;

  constructor(
    request: LineRequest,
    read: (reply: string) => { answer: T } | undefined,
    asked: Asked<T>,
  ) {
    super(request.key, asked);
    this.verb = request.verb;
    this.#request = request.text;
    this.#read = read;
  }

  protected override encode(writer: RequestWriter): void {
    writer.reserve(this.#request.length + 2);
    writer.text(this.#request).crlf();
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const reply = this.#read(latin1(bytes, start, end));
    return reply === undefined ? 'foreign' : this.answer(reply.answer);
  }
}
