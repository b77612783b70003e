import type { Guard } from '../errors.ts';
import { isText, latin1 } from '../primitives/bytes.ts';
import { isKeyText, type WireKey } from '../protocol/key.ts';
import { type ItemFacts, MetaFlags } from '../protocol/meta-flags.ts';
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
import { COUNTER } from './meta-count.ts';
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
const FLAGS = new MetaFlags(false);

/** A meta command of one line about one key. */
export class MetaCommand extends AnswerCommand<MetaAnswer> {
  override readonly grammar: Grammar = 'meta';
  readonly verb: MetaRequest['verb'];
  readonly #line: MetaLine;
  readonly #opaque: string;

  constructor(request: MetaRequest, asked: Asked<MetaAnswer>) {
    super(request.key, asked);
    this.verb = request.verb;
    this.#line = metaLine(request);
    this.#opaque = request.opaque ?? '';
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const answer = statusLine({ bytes, start, end }, this, this.#opaque);
    if (answer === 'answer') return 'foreign';
    if (typeof answer === 'string') throw unasked(this.verb, this.server, answer);
    return this.answer(answer);
  }

  override match(bytes: Buffer, start: number, end: number): number {
    return this.verb === 'ma' && isKeyText(this.key, bytes, start, end) ? 0 : -1;
  }

  override wants(): boolean {
    return !this.abandoned;
  }

  override item(_index: number, { bytes, start, end, cas, facts }: ItemView): void {
    const digits = latin1(bytes, start, end);
    if (facts.opaque !== this.#opaque) throw unasked(this.verb, this.server, 'opaque');
    if (!COUNTER.test(digits)) throw unasked(this.verb, this.server, 'answer');
    this.answer(answerOf('VA', cas, facts, BigInt(digits.trim())));
  }

  protected override encode(writer: RequestWriter): void {
    const { text, since } = this.#line;
    checkMeta(this.verb, since, this.limits, this.server);
    writer.reserve(text.length + 2);
    writer.text(text).crlf();
  }
}

/** A meta command that stores a value. */
export interface MetaStoreRequest extends ValueRequest {
  readonly meta: MetaSet;
}

export class MetaStoreCommand extends ValueCommand<MetaAnswer> {
  readonly verb = 'ms';
  readonly #line: MetaLine;
  readonly #opaque: string;

  constructor(request: MetaStoreRequest, asked: Asked<MetaAnswer>) {
    super(request, asked);
    const { key, flags, meta } = request;
    this.#line = metaSetLine(key, this.length, flags, meta);
    this.#opaque = meta.opaque ?? '';
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const answer = statusLine({ bytes, start, end }, this, this.#opaque);
    if (answer === 'answer') return 'foreign';
    if (typeof answer === 'string') throw unasked(this.verb, this.server, answer);
    return this.answer(answer);
  }

  protected override header(writer: RequestWriter): void {
    const { text, since } = this.#line;
    checkMeta(this.verb, since, this.limits, this.server);
    writer.reserve(text.length + 2);
    writer.text(text).crlf();
  }
}

/** Before a byte is sent: throws IllegalInputError (ERR_MEMCACHE_UNSUPPORTED) for what the server does not know. */
function checkMeta(verb: string, since: Version, limits: ServerLimits, server: string): void {
  const { speaksMeta, version } = limits;
  if (!speaksMeta) throw refuseMeta(verb, server);
  if (version !== undefined && !isSince(version, since)) throw refuseRelease(verb, server, since);
}

/**
 * `<word>[ <flag>]*` about this key; for anything else the guard that stops it. Where neither key nor opaque stands in
 * it, the order of the answers says whose it is.
 */
function statusLine(
  { bytes, start, end }: { bytes: Buffer; start: number; end: number },
  { verb, key }: { verb: keyof typeof WORDS; key: WireKey },
  opaque: string,
): MetaAnswer | Guard {
  const status = WORDS[verb].find((word) => isText(word, bytes, start, start + 2));
  if (status === undefined) return 'answer';
  if (FLAGS.read(bytes, start + 2, end, true) !== end) return 'grammar';
  const { keyStart, keyEnd } = FLAGS;
  if (keyStart > 0 && !isKeyText(key, bytes, keyStart, keyEnd)) return 'key';
  if (FLAGS.opaque !== '' && FLAGS.opaque !== opaque) return 'opaque';
  return answerOf(status, FLAGS.cas, FLAGS, undefined);
}

const answerOf = (
  status: MetaStatus,
  cas: string,
  { ttl, size }: ItemFacts,
  value: bigint | undefined,
): MetaAnswer => ({ status, value, cas, ttl, size });
