import { latin1 } from '../primitives/bytes.ts';
import { isKeyText } from '../protocol/key.ts';
import type { ItemFacts } from '../protocol/meta-flags.ts';
import {
  type MetaLine,
  metaLine,
  type MetaRequest,
  type MetaSet,
  metaSetLine,
} from '../protocol/meta-requests.ts';
import type { Grammar, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { isSince, type Version } from '../protocol/version.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import type { ServerLimits } from './limits.ts';
import { COUNTER } from './count-command.ts';
import { type Mark, markOf, NO_MARK } from './marks.ts';
import { SAID, statusIn } from './meta-status.ts';
import { refuseMeta, refuseRelease, unasked } from './refusals.ts';
import { ValueCommand, type ValueRequest } from './value-command.ts';

/** The words a meta command about one key is answered with. */
export type MetaStatus = 'HD' | 'NF' | 'EX' | 'NS' | 'VA';

/** What a meta command was answered. */
export interface MetaAnswer {
  readonly status: MetaStatus;
  /** Of `VA`. */
  readonly value: bigint | undefined;
  /** The decimal cas token, '' where the answer says none. */
  readonly cas: string;
  /** Whole seconds the item has left, -1 for no end, NaN where the answer does not say. */
  readonly ttl: number;
  /** Bytes, NaN where the answer does not say. */
  readonly size: number;
}

const WORDS: Readonly<Record<'md' | 'ma' | 'ms', readonly MetaStatus[]>> = {
  md: ['HD', 'NF', 'EX'],
  // Its value is always asked for.
  ma: ['NF', 'EX', 'NS'],
  ms: ['HD', 'NS', 'EX', 'NF'],
};

/** A meta command of one line about one key. */
export class MetaCommand extends AnswerCommand<MetaAnswer> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: MetaRequest['verb'];
  readonly #line: MetaLine;
  readonly #opaque: string | undefined;
  #mark: Mark = NO_MARK;

  constructor(request: MetaRequest, asked: Asked<MetaAnswer>) {
    super(request.key, asked);
    this.verb = request.verb;
    this.#line = metaLine(request);
    this.#opaque = request.opaque;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const { verb, key, server } = this;
    const mark = this.#mark;
    const status = statusIn({ bytes, start, end }, WORDS[verb], { verb, key, server, mark });
    if (status === undefined) return 'foreign';
    return this.answer(answerOf(status, SAID.cas, SAID, undefined));
  }

  override match(bytes: Buffer, start: number, end: number): number {
    return this.verb === 'ma' && isKeyText(this.key, bytes, start, end) ? 0 : -1;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  override item(_index: number, { bytes, start, end, cas, facts }: ItemView): void {
    const digits = latin1(bytes, start, end);
    if (facts.opaque !== this.#mark.text) throw unasked(this.verb, this.server, 'opaque');
    if (!COUNTER.test(digits)) throw unasked(this.verb, this.server, 'answer');
    this.answer(answerOf('VA', cas, facts, BigInt(digits.trim())));
  }

  protected override encode(writer: RequestWriter): void {
    const { text, since } = this.#line;
    checkMeta(this.verb, since, this.limits, this.server);
    this.#mark = markOf(this.limits, this.#opaque);
    const { flag } = this.#mark;
    writer.reserve(text.length + flag.length + 2);
    writer.text(text).text(flag).crlf();
  }
}

/** A meta command that stores a value. */
export interface MetaStoreRequest extends ValueRequest {
  readonly meta: MetaSet;
}

export class MetaStoreCommand extends ValueCommand<MetaAnswer> {
  readonly verb = 'ms';
  readonly #line: MetaLine;
  readonly #opaque: string | undefined;
  #mark: Mark = NO_MARK;

  constructor(request: MetaStoreRequest, asked: Asked<MetaAnswer>) {
    super(request, asked);
    const { key, flags, meta } = request;
    this.#line = metaSetLine(key, this.length, flags, meta);
    this.#opaque = meta.opaque;
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const { verb, key, server } = this;
    const mark = this.#mark;
    const status = statusIn({ bytes, start, end }, WORDS[verb], { verb, key, server, mark });
    if (status === undefined) return 'foreign';
    return this.answer(answerOf(status, SAID.cas, SAID, undefined));
  }

  protected override header(writer: RequestWriter): void {
    const { text, since } = this.#line;
    checkMeta(this.verb, since, this.limits, this.server);
    this.#mark = markOf(this.limits, this.#opaque);
    const { flag } = this.#mark;
    writer.reserve(text.length + flag.length + 2);
    writer.text(text).text(flag).crlf();
  }
}

/** Before a byte is sent: throws IllegalInputError (ERR_MEMCACHE_UNSUPPORTED) for what the server does not know. */
function checkMeta(verb: string, since: Version, limits: ServerLimits, server: string): void {
  const { speaksMeta, version } = limits;
  if (!speaksMeta) throw refuseMeta(verb, server);
  if (version !== undefined && !isSince(version, since)) throw refuseRelease(verb, server, since);
}

const answerOf = (
  status: MetaStatus,
  cas: string,
  { ttl, size }: ItemFacts,
  value: bigint | undefined,
): MetaAnswer => ({ status, value, cas, ttl, size });
