import type { MemcacheError, Sent } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { isText, latin1 } from '../primitives/bytes.ts';
import type { WireKey } from '../protocol/key.ts';
import { metaCount, metaGet } from '../protocol/meta-requests.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';
import type { ReadVerb } from './volley.ts';

/** A read of one key in base64, which no volley can carry. */
export class MetaRead extends AnswerCommand<ItemView | undefined> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: ReadVerb;

  constructor(verb: ReadVerb, key: WireKey, asked: Asked<ItemView | undefined>) {
    super(key, asked);
    this.verb = verb;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    return isText('EN', bytes, start, end) ? this.answer(undefined) : headerOrForeign(bytes, start);
  }

  override match(): number {
    return 0;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  override item(_index: number, item: ItemView): void {
    this.answer(item);
  }

  protected override encode(writer: RequestWriter): void {
    const request = metaGet(this.key, this.verb === 'gets');
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }
}

/** One step of a counter. */
export interface CountStep {
  readonly verb: 'incr' | 'decr';
  readonly key: WireKey;
  readonly delta: bigint;
}

/** Steps a counter whose key is in base64. */
export class MetaCount extends AnswerCommand<bigint | undefined> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: 'incr' | 'decr';
  readonly #delta: bigint;

  constructor(step: CountStep, asked: Asked<bigint | undefined>) {
    super(step.key, asked);
    this.verb = step.verb;
    this.#delta = step.delta;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    return isText('NF', bytes, start, end) ? this.answer(undefined) : headerOrForeign(bytes, start);
  }

  override match(): number {
    return 0;
  }

  override wants(): boolean {
    return true;
  }

  override item(_index: number, { bytes, start, end }: ItemView): void {
    this.answer(BigInt(latin1(bytes, start, end).trim()));
  }

  protected override encode(writer: RequestWriter): void {
    const request = metaCount(this.verb, this.key, this.#delta);
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }
}

/** The header of an item is shown as a line, too; the item follows. */
const headerOrForeign = (bytes: Buffer, start: number): LineVerdict =>
  latin1(bytes, start, start + 3) === 'VA ' ? 'more' : 'foreign';

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
