import { isText } from '../primitives/bytes.ts';
import { isBase64 } from '../protocol/key.ts';
import { metaDelete, metaTouch } from '../protocol/meta-requests.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { type Mark, markOf } from './marks.ts';
import { statusIn } from './meta-status.ts';

/** A change of one item that is answered with whether there was one: as a classic command, and as a meta command. */
export type YesOrNo =
  | { readonly verb: 'delete'; readonly key: string }
  | { readonly verb: 'touch'; readonly key: string; readonly exptime: number };

const CLASSIC = { delete: ['DELETED', 'NOT_FOUND'], touch: ['TOUCHED', 'NOT_FOUND'] } as const;
const META = { delete: ['HD', 'NF'], touch: ['HD', 'EN'] } as const;

/**
 * `delete` and `touch`; for a key in base64 `md` and `mg`, which says of a stale item whether somebody is to renew it.
 * `delete` is `md` where answers are to be marked, too. `touch` is not: `mg` takes from a stale item who is to renew it.
 */
export class YesOrNoCommand extends AnswerCommand<boolean> {
  readonly verb: YesOrNo['verb'];
  readonly #change: YesOrNo;
  /** Of a meta command. */
  #mark: Mark | undefined;

  constructor(change: YesOrNo, asked: Asked<boolean>) {
    super(change.key, asked);
    this.verb = change.verb;
    this.#change = change;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const { verb, key, server } = this;
    const mark = this.#mark;
    if (mark !== undefined) {
      const word = statusIn({ bytes, start, end }, META[verb], { verb, key, server, mark });
      return word === undefined ? 'foreign' : this.answer(word === 'HD');
    }
    const [yes, no] = CLASSIC[verb];
    if (isText(yes, bytes, start, end)) return this.answer(true);
    return isText(no, bytes, start, end) ? this.answer(false) : 'foreign';
  }

  protected override encode(writer: RequestWriter): void {
    const { limits } = this;
    const meta = isBase64(this.key) || (limits.marks && this.verb === 'delete');
    this.#mark = meta ? markOf(limits) : undefined;
    const request = this.#mark === undefined ? this.#classic() : this.#meta() + this.#mark.flag;
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }

  #classic(): string {
    const change = this.#change;
    if (change.verb === 'delete') return `delete ${change.key}`;
    return `touch ${change.key} ${change.exptime}`;
  }

  #meta(): string {
    const change = this.#change;
    return change.verb === 'delete'
      ? metaDelete(change.key)
      : metaTouch(change.key, change.exptime);
  }
}
