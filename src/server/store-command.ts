import { isText } from '../primitives/bytes.ts';
import { isBase64 } from '../protocol/key.ts';
import { metaStore } from '../protocol/meta-requests.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { longestValue } from './limits.ts';
import { changedSinceCall, tooLarge } from './refusals.ts';

export type StoreVerb = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** What became of a store; only `cas` is answered with 'exists' or 'missing'. */
export type StoreAnswer = 'stored' | 'not stored' | 'exists' | 'missing';

export interface StoreRequest {
  readonly verb: StoreVerb;
  readonly key: string;
  readonly flags: number;
  readonly exptime: number;
  /** Decimal, for the verb `cas`. */
  readonly cas: string | undefined;
  /** Text goes out as UTF-8; bytes are the command's until it is answered. */
  readonly data: string | Uint8Array;
  readonly release: (() => void) | undefined;
}

/**
 * `<verb> <key> <flags> <exptime> <length>[ <cas>]\r\n<data>\r\n`, answered with one word; for a key in base64 the
 * meta command. A value the server would refuse for its length is never sent: refusing it, the server deletes the old
 * item.
 */
export class StoreCommand extends AnswerCommand<StoreAnswer> {
  readonly verb: StoreVerb;
  readonly length: number;
  readonly release: (() => void) | undefined;
  readonly #request: StoreRequest;

  constructor(request: StoreRequest, asked: Asked<StoreAnswer>) {
    super(request.key, asked);
    this.verb = request.verb;
    this.length = dataLength(request.data);
    this.release = request.release;
    this.#request = request;
  }

  override get bytes(): number {
    return this.key.length + this.length;
  }

  protected override encode(writer: RequestWriter): void {
    const { verb, key, flags, exptime, data, cas } = this.#request;
    const allowed = longestValue(this.limits, key, flags);
    if (this.length > allowed) throw tooLarge(verb, this.server, { bytes: this.length, allowed });
    if (typeof data !== 'string' && (data.length !== this.length || isDetached(data)))
      throw changedSinceCall(verb, this.server);
    if (isBase64(key)) {
      const header = metaStore(key, { verb, flags, exptime, length: this.length, cas });
      writer.reserve(header.length + 2);
      writer.text(header).crlf();
    } else {
      const numbers = ` ${flags} ${exptime} ${this.length}${cas === undefined ? '' : ` ${cas}`}`;
      writer.reserve(verb.length + key.length + numbers.length + 3);
      writer.text(verb).space().text(key).text(numbers).crlf();
    }
    writer.data(data, this.length);
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

/** Its memory has gone elsewhere: it looks as if it were empty, and throws when it is copied. */
function isDetached(data: Uint8Array): boolean {
  if (data.length > 0) return false;
  try {
    return new Uint8Array(data.buffer).length < 0;
  } catch {
    return true;
  }
}

const dataLength = (data: string | Uint8Array): number =>
  typeof data === 'string' ? Buffer.byteLength(data, 'utf8') : data.length;
