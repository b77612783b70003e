import { isText, latin1 } from '../primitives/bytes.ts';
import { isBase64, isKeyText, type WireKey } from '../protocol/key.ts';
import { metaCount } from '../protocol/meta-requests.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { type Mark, markOf } from './marks.ts';
import { statusIn } from './meta-status.ts';
import { unasked } from './refusals.ts';

/** One step of a counter. */
export interface CountStep {
  readonly verb: 'incr' | 'decr';
  readonly key: WireKey;
  readonly delta: bigint;
}

/** As a counter is stored: one that has lost digits is followed by blanks. */
export const COUNTER: RegExp = /^\d{1,20} *$/;
/** As a classic step is answered. */
const COUNT = /^\d{1,20}$/;
const MISS = ['NF'] as const;

/**
 * A step of a counter, answered with the new count, or undefined where there is no such key. It is `ma` for a key that
 * only a meta command can carry, and where answers are to be marked.
 */
export class CountCommand extends AnswerCommand<bigint | undefined> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: CountStep['verb'];
  readonly #delta: bigint;
  /** Of a meta command. */
  #mark: Mark | undefined;

  constructor({ verb, key, delta }: CountStep, asked: Asked<bigint | undefined>) {
    super(key, asked);
    this.verb = verb;
    this.#delta = delta;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const { verb, key, server } = this;
    const mark = this.#mark;
    if (mark !== undefined) {
      const word = statusIn({ bytes, start, end }, MISS, { verb, key, server, mark });
      return word === undefined ? 'foreign' : this.answer(undefined);
    }
    if (isText('NOT_FOUND', bytes, start, end)) return this.answer(undefined);
    const count = latin1(bytes, start, end);
    return COUNT.test(count) ? this.answer(BigInt(count)) : 'foreign';
  }

  override match(bytes: Buffer, start: number, end: number): number {
    return this.#mark !== undefined && isKeyText(this.key, bytes, start, end) ? 0 : -1;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  override item(_index: number, { bytes, start, end, facts }: ItemView): void {
    const digits = latin1(bytes, start, end);
    if (facts.opaque !== this.#mark?.text) throw unasked(this.verb, this.server, 'opaque');
    if (!COUNTER.test(digits)) throw unasked(this.verb, this.server, 'answer');
    this.answer(BigInt(digits.trim()));
  }

  protected override encode(writer: RequestWriter): void {
    const { verb, key, limits } = this;
    const delta = this.#delta;
    this.#mark = isBase64(key) || limits.marks ? markOf(limits) : undefined;
    const request =
      this.#mark === undefined
        ? `${verb} ${key} ${delta}`
        : metaCount(verb, key, delta) + this.#mark.flag;
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }
}
