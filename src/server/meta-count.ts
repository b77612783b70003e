import { isText, latin1 } from '../primitives/bytes.ts';
import { isKeyText, type WireKey } from '../protocol/key.ts';
import { MetaFlags } from '../protocol/meta-flags.ts';
import { metaCount } from '../protocol/meta-requests.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { unasked } from './refusals.ts';

/** One step of a counter. */
export interface CountStep {
  readonly verb: 'incr' | 'decr';
  readonly key: WireKey;
  readonly delta: bigint;
}

/** As a counter is stored: one that has lost digits is followed by blanks. */
export const COUNTER: RegExp = /^\d{1,20} *$/;
const FLAGS = new MetaFlags(false);

/** Steps a counter whose key only a meta command can carry. */
export class MetaCount extends AnswerCommand<bigint | undefined> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: string;
  readonly #request: string;

  constructor({ verb, key, delta }: CountStep, asked: Asked<bigint | undefined>) {
    super(key, asked);
    this.verb = verb;
    this.#request = metaCount(verb, key, delta);
  }

  /** A server may put the key behind the word for none. */
  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const known =
      isText('NF', bytes, start, start + 2) && FLAGS.read(bytes, start + 2, end, true) === end;
    if (!known) return 'foreign';
    const { keyStart, keyEnd } = FLAGS;
    if (keyStart > 0 && !isKeyText(this.key, bytes, keyStart, keyEnd)) return 'foreign';
    return this.answer(undefined);
  }

  override match(bytes: Buffer, start: number, end: number): number {
    return isKeyText(this.key, bytes, start, end) ? 0 : -1;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  override item(_index: number, { bytes, start, end }: ItemView): void {
    const digits = latin1(bytes, start, end);
    if (!COUNTER.test(digits)) throw unasked(this.verb, this.server, 'answer');
    this.answer(BigInt(digits.trim()));
  }

  protected override encode(writer: RequestWriter): void {
    writer.reserve(this.#request.length + 2);
    writer.text(this.#request).crlf();
  }
}
