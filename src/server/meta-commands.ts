import type { MemcacheError, Sent } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { isText, latin1 } from '../primitives/bytes.ts';
import { base64Text, type WireKey } from '../protocol/key.ts';
import { metaCount, metaGet } from '../protocol/meta-requests.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';
import type { ReadVerb } from './volley.ts';

/** A meta command about one key in base64, answered with an item or with the word for none. */
abstract class MetaCommand<T> extends AnswerCommand<T | undefined> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: string;
  readonly #request: string;
  readonly #none: string;

  constructor(
    request: { verb: string; key: WireKey; text: string; none: string },
    asked: Asked<T | undefined>,
  ) {
    super(request.key, asked);
    this.verb = request.verb;
    this.#request = request.text;
    this.#none = request.none;
  }

  /** The header of an item is shown here, too; the item follows. A server may put the key behind the word for none. */
  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const [word, ...flags] = latin1(bytes, start, end).split(' ');
    if (word === 'VA') return 'more';
    const key = flags.find((flag) => flag.startsWith('k'));
    if (word !== this.#none || (key !== undefined && key.slice(1) !== base64Text(this.key)))
      return 'foreign';
    return this.answer(undefined);
  }

  override match(bytes: Buffer, start: number, end: number): number {
    return isText(base64Text(this.key), bytes, start, end) ? 0 : -1;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  protected override encode(writer: RequestWriter): void {
    writer.reserve(this.#request.length + 2);
    writer.text(this.#request).crlf();
  }
}

/** A read, which no volley can carry. */
export class MetaRead extends MetaCommand<ItemView> {
  constructor(verb: ReadVerb, key: WireKey, asked: Asked<ItemView | undefined>) {
    super({ verb, key, text: metaGet(key, verb === 'gets'), none: 'EN' }, asked);
  }

  override item(_index: number, item: ItemView): void {
    this.answer(item);
  }
}

/** One step of a counter. */
export interface CountStep {
  readonly verb: 'incr' | 'decr';
  readonly key: WireKey;
  readonly delta: bigint;
}

export class MetaCount extends MetaCommand<bigint> {
  constructor({ verb, key, delta }: CountStep, asked: Asked<bigint | undefined>) {
    super({ verb, key, text: metaCount(verb, key, delta), none: 'NF' }, asked);
  }

  override item(_index: number, { bytes, start, end }: ItemView): void {
    this.answer(BigInt(latin1(bytes, start, end).trim()));
  }
}

/** Lets a read's sink wait for an answer that is an item or none. */
export class ItemAnswer implements AnswerSink<ItemView | undefined> {
  readonly #sink: ReadSink;
  readonly #metrics: Metrics;

  constructor(sink: ReadSink, metrics: Metrics) {
    this.#sink = sink;
    this.#metrics = metrics;
  }

  get deadline(): number {
    return this.#sink.deadline;
  }

  get settled(): boolean {
    return this.#sink.settled;
  }

  get sent(): Sent {
    return this.#sink.sent;
  }

  set sent(sent: Sent) {
    this.#sink.sent = sent;
  }

  answer(tag: number, item: ItemView | undefined): void {
    if (item === undefined) {
      this.#metrics.misses++;
      this.#sink.miss(tag);
    } else {
      this.#metrics.hits++;
      this.#sink.item(tag, item);
    }
  }

  fail(tag: number, error: MemcacheError): void {
    this.#sink.fail(tag, error);
  }
}
