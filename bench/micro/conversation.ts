import type { MemcacheError, Sent } from '../../src/errors.ts';
import type { ItemView } from '../../src/protocol/reply.ts';
import { RequestWriter } from '../../src/protocol/request-writer.ts';
import { ResponseParser } from '../../src/protocol/response-parser.ts';
import { Ring } from '../../src/primitives/ring.ts';
import type { ServerLimits, ServerPort } from '../../src/server/limits.ts';
import type { ReadForm } from '../../src/server/read-form.ts';
import { Volley, type VolleyHost } from '../../src/server/volley.ts';
import { expect } from './micro-case.ts';

const READ_BUFFER_BYTES = 131_072;
const MAX_VALUE_BYTES = 1_048_576;

const LIMITS: ServerLimits = {
  configured: undefined,
  itemSizeMax: MAX_VALUE_BYTES,
  speaksMeta: true,
  marks: false,
  administration: true,
  version: [1, 6, 31],
};

/** What commands know of a server that is not there. */
export const PORT: ServerPort = { name: 'a server', limits: LIMITS, served: (): void => {} };

const unexpected = (what: string) => (): never => {
  throw new Error(what);
};

/** As the way for small values and that for large ones: none of these is misplaced. */
const hostFor = (bulk: boolean): VolleyHost => ({
  server: PORT.name,
  limits: LIMITS,
  bulkBytes: bulk ? 0 : Infinity,
  bulk,
  misplaced: unexpected('an item came the wrong way'),
  dropped: unexpected('a key was dropped'),
  askAgain: unexpected('a volley was refused'),
  mayRepeat: () => false,
  served: () => {},
  counted: () => {},
});

/** Takes items as callers do, and counts them and their bytes. */
class Caller {
  readonly deadline = Infinity;
  readonly settled = false;
  readonly bulk = false;
  sent: Sent = 'no';
  items = 0;
  bytes = 0;
  /** While it is there, each value is compared with it. */
  value: Buffer | undefined;

  item(_tag: number, { bytes, start, end }: ItemView): void {
    this.items++;
    this.bytes += end - start;
    if (this.value !== undefined)
      expect(this.value.equals(bytes.subarray(start, end)), 'the value of an item');
  }

  readonly miss: () => never = unexpected('a miss');

  fail(_tag: number, error: MemcacheError): void {
    throw error;
  }
}

export interface ConversationOptions {
  readonly volleys: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly form?: ReadForm;
  /** Values are as long as those that travel by themselves. Default: false. */
  readonly bulk?: boolean;
}

const keyOf = (volley: number, index: number): string => `bench:${volley}:${1000 + index}`;

/** What a connection does between its callers and its socket, without either: volleys asked, written and answered. */
export class Conversation {
  readonly parser: ResponseParser;
  /** The answer to all volleys. */
  readonly answer: Buffer;
  readonly #caller = new Caller();
  readonly #ring = new Ring<Volley>();
  readonly #writer = new RequestWriter();
  readonly #volleys: readonly Volley[];
  readonly #keys: readonly (readonly string[])[];
  readonly #form: ReadForm | undefined;
  readonly #expected: { readonly items: number; readonly bytes: number };

  constructor({ volleys, keys, valueBytes, form, bulk = false }: ConversationOptions) {
    const ring = this.#ring;
    const slots = {
      get head(): Volley | undefined {
        return ring.head;
      },
      answered: () => void ring.shift(),
      refused: unexpected('an error line'),
    };
    this.parser = new ResponseParser(slots, {
      readBufferBytes: READ_BUFFER_BYTES,
      maxValueBytes: MAX_VALUE_BYTES,
    });
    const host = hostFor(bulk);
    this.#form = form;
    this.#volleys = Array.from({ length: volleys }, () => new Volley(keys, host));
    this.#keys = this.#volleys.map((_, volley) =>
      Array.from({ length: keys }, (__, index) => keyOf(volley, index)),
    );
    const value = 'v'.repeat(valueBytes);
    this.#caller.value = Buffer.from(value);
    this.answer = Buffer.from(this.#keys.map((of) => answerTo(of, value, form)).join(''));
    this.#expected = { items: volleys * keys, bytes: volleys * keys * valueBytes };
  }

  /** In all volleys together. */
  get items(): number {
    return this.#expected.items;
  }

  /** Collects all volleys. */
  collect(): void {
    for (const [i, volley] of this.#volleys.entries()) {
      const keys = this.#keys[i];
      volley.reset();
      if (this.#form !== undefined) volley.form = this.#form;
      for (let tag = 0; tag < keys.length; tag++) volley.join(keys[tag], this.#caller, tag);
    }
  }

  /** Writes them; how many bytes they are. */
  write(): number {
    const writer = this.#writer;
    for (const volley of this.#volleys) {
      this.#ring.push(volley);
      volley.write(writer);
      this.#ring.advance();
      volley.written();
    }
    const { length } = writer;
    writer.recycle(writer.take().blocks);
    return length;
  }

  /** Forgets what was written: nothing will be answered. */
  hangUp(): void {
    while (this.#ring.shift() !== undefined);
  }

  /** The whole answer is in the parser's buffer, as if it had been read to there; `advance` is what is left. */
  arrive(): void {
    this.collect();
    this.write();
    this.answer.copy(this.parser.space());
  }

  /** Asks and is answered once, in pieces of so many bytes; throws for what comes out wrong. */
  check(pieceBytes: number): this {
    const { items, bytes } = this.#caller;
    this.collect();
    expect(this.write() > 0, 'a request');
    this.feed(pieceBytes);
    const caller = this.#caller;
    expect(this.#ring.empty, 'a volley is still open');
    expect(caller.items - items === this.#expected.items, 'how many items came');
    expect(caller.bytes - bytes === this.#expected.bytes, 'how long they were');
    caller.value = undefined;
    return this;
  }

  /** The answer arrives in pieces. */
  feed(pieceBytes: number): void {
    const { answer } = this;
    for (let at = 0; at < answer.length; at += pieceBytes)
      this.parser.feed(answer.subarray(at, at + pieceBytes));
  }
}

function answerTo(keys: readonly string[], value: string, form: ReadForm | undefined): string {
  if (form?.metaOnly === true)
    return keys.map((key) => `VA ${value.length} k${key} f16\r\n${value}\r\n`).join('');
  return `${keys.map((key) => `VALUE ${key} 16 ${value.length}\r\n${value}\r\n`).join('')}END\r\n`;
}
