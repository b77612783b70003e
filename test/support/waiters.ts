import type { MemcacheError, Sent } from '../../src/errors.ts';
import type { ItemView } from '../../src/protocol/reply.ts';
import { RequestWriter } from '../../src/protocol/request-writer.ts';
import type { ServerLimits, ServerPort } from '../../src/server/limits.ts';
import type { AnswerSink, ReadSink } from '../../src/server/sinks.ts';

/** Waits for items, and keeps what it is told of each tag: a value, 'miss', or the code of an error. */
export class ReadWaiter implements ReadSink {
  readonly told: [tag: number, what: string][] = [];
  readonly errors: MemcacheError[] = [];
  deadline: number;
  settled = false;
  bulk = false;
  sent: Sent = 'no';
  /** The cas token of the last item. */
  cas = '';

  constructor(deadline: number = Infinity) {
    this.deadline = deadline;
  }

  item(tag: number, { bytes, start, end, cas }: ItemView): void {
    this.cas = cas;
    this.told.push([tag, bytes.toString('latin1', start, end)]);
  }

  miss(tag: number): void {
    this.told.push([tag, 'miss']);
  }

  fail(tag: number, error: MemcacheError): void {
    this.errors.push(error);
    this.told.push([tag, error.code]);
  }
}

/** Waits for one answer. */
export class AnswerWaiter<T> implements AnswerSink<T> {
  readonly told: (T | MemcacheError)[] = [];
  deadline: number;
  settled = false;
  sent: Sent = 'no';
  readonly done: Promise<T | MemcacheError>;
  #settle: (result: T | MemcacheError) => void = () => {};

  constructor(deadline: number = Infinity) {
    this.deadline = deadline;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  answer(_tag: number, answer: T): void {
    this.told.push(answer);
    this.#settle(answer);
  }

  fail(_tag: number, error: MemcacheError): void {
    this.told.push(error);
    this.#settle(error);
  }
}

/** A server as its commands know it. */
export class Port implements ServerPort {
  readonly name = 'a:1';
  readonly limits: ServerLimits;
  /** How often somebody had an answer in time. */
  answers = 0;

  constructor(limits: Partial<ServerLimits> = {}) {
    this.limits = {
      configured: undefined,
      itemSizeMax: undefined,
      speaksMeta: false,
      marks: false,
      administration: true,
      version: [1, 6, 18],
      ...limits,
    };
  }

  served(): void {
    this.answers++;
  }
}

/** What a command puts on the wire, one character per byte. */
export function wireText(command: { write(writer: RequestWriter): void }): string {
  const writer = new RequestWriter();
  command.write(writer);
  return Buffer.concat(writer.take().chunks).toString('latin1');
}
