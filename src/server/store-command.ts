import { isText } from '../primitives/bytes.ts';
import { isBase64 } from '../protocol/key.ts';
import { metaStore } from '../protocol/meta-requests.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import type { Asked } from './answer-command.ts';
import { type Mark, markOf } from './marks.ts';
import { statusIn } from './meta-status.ts';
import { ValueCommand, type ValueRequest } from './value-command.ts';

export type StoreVerb = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** What became of a store; only `cas` is answered with 'exists' or 'missing'. */
export type StoreAnswer = 'stored' | 'not stored' | 'exists' | 'missing';

export interface StoreRequest extends ValueRequest {
  readonly verb: StoreVerb;
  readonly exptime: number;
  /** Decimal, for the verb `cas`. */
  readonly cas: string | undefined;
}

const META = { HD: 'stored', NS: 'not stored', EX: 'exists', NF: 'missing' } as const;
const META_WORDS = { cas: ['HD', 'NS', 'EX', 'NF'], other: ['HD', 'NS'] } as const;

/**
 * `<verb> <key> <flags> <exptime> <length>[ <cas>]\r\n<data>\r\n`, answered with one word; the meta command for a key in
 * base64, and where answers are to be marked.
 */
export class StoreCommand extends ValueCommand<StoreAnswer> {
  readonly verb: StoreVerb;
  readonly #request: StoreRequest;
  /** Of a meta command. */
  #mark: Mark | undefined;

  constructor(request: StoreRequest, asked: Asked<StoreAnswer>) {
    super(request, asked);
    this.verb = request.verb;
    this.#request = request;
  }

  protected override header(writer: RequestWriter): void {
    const { limits, length } = this;
    const { verb, key, flags, exptime, cas } = this.#request;
    this.#mark = isBase64(key) || limits.marks ? markOf(limits) : undefined;
    if (this.#mark !== undefined) {
      const header = metaStore(key, { verb, flags, exptime, length, cas }) + this.#mark.flag;
      writer.reserve(header.length + 2);
      writer.text(header).crlf();
      return;
    }
    const numbers = ` ${flags} ${exptime} ${length}${cas === undefined ? '' : ` ${cas}`}`;
    writer.reserve(verb.length + key.length + numbers.length + 3);
    writer.text(verb).space().text(key).text(numbers).crlf();
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const { verb, key, server } = this;
    const mark = this.#mark;
    if (mark !== undefined) {
      const words = META_WORDS[verb === 'cas' ? verb : 'other'];
      const word = statusIn({ bytes, start, end }, words, { verb, key, server, mark });
      return word === undefined ? 'foreign' : this.answer(META[word]);
    }
    if (isText('STORED', bytes, start, end)) return this.answer('stored');
    if (isText('NOT_STORED', bytes, start, end)) return this.answer('not stored');
    if (verb !== 'cas') return 'foreign';
    if (isText('EXISTS', bytes, start, end)) return this.answer('exists');
    if (isText('NOT_FOUND', bytes, start, end)) return this.answer('missing');
    return 'foreign';
  }
}
