import { isText } from '../primitives/bytes.ts';
import { isBase64 } from '../protocol/key.ts';
import { metaStore } from '../protocol/meta-requests.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import type { Asked } from './answer-command.ts';
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

/**
 * `<verb> <key> <flags> <exptime> <length>[ <cas>]\r\n<data>\r\n`, answered with one word; for a key in base64 the
 * meta command.
 */
export class StoreCommand extends ValueCommand<StoreAnswer> {
  readonly verb: StoreVerb;
  readonly #request: StoreRequest;

  constructor(request: StoreRequest, asked: Asked<StoreAnswer>) {
    super(request, asked);
    this.verb = request.verb;
    this.#request = request;
  }

  protected override header(writer: RequestWriter): void {
    const { verb, key, flags, exptime, cas } = this.#request;
    if (isBase64(key)) {
      const header = metaStore(key, { verb, flags, exptime, length: this.length, cas });
      writer.reserve(header.length + 2);
      writer.text(header).crlf();
      return;
    }
    const numbers = ` ${flags} ${exptime} ${this.length}${cas === undefined ? '' : ` ${cas}`}`;
    writer.reserve(verb.length + key.length + numbers.length + 3);
    writer.text(verb).space().text(key).text(numbers).crlf();
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    if (isText('STORED', bytes, start, end)) return this.answer('stored');
    if (isText('NOT_STORED', bytes, start, end)) return this.answer('not stored');
    if (isBase64(this.key)) return this.#metaLine(bytes, start, end);
    if (this.verb !== 'cas') return 'foreign';
    if (isText('EXISTS', bytes, start, end)) return this.answer('exists');
    if (isText('NOT_FOUND', bytes, start, end)) return this.answer('missing');
    return 'foreign';
  }

  #metaLine(bytes: Buffer, start: number, end: number): LineVerdict {
    if (isText('HD', bytes, start, end)) return this.answer('stored');
    if (isText('NS', bytes, start, end)) return this.answer('not stored');
    if (this.verb !== 'cas') return 'foreign';
    if (isText('EX', bytes, start, end)) return this.answer('exists');
    if (isText('NF', bytes, start, end)) return this.answer('missing');
    return 'foreign';
  }
}
