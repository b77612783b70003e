import { IllegalInputError } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import { base64Text, isBase64, type WireKey } from '../protocol/key.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { refuseMeta } from './refusals.ts';

/** What `me` says of an item. Numbers are those of the server: seconds, and bytes. */
export interface DebugLine {
  /** -1 for an item without an end. */
  readonly exp: number;
  readonly la: number;
  readonly cas: string;
  readonly fetch: boolean;
  readonly cls: number;
  readonly size: number;
}

const FACTS =
  /^ exp=(?<exp>-?\d+) la=(?<la>\d+) cas=(?<cas>\d+) fetch=(?<fetch>yes|no) cls=(?<cls>\d+) size=(?<size>\d+)$/;

/**
 * `me <key>\r\n`, answered `ME <key> exp=<n> la=<n> cas=<n> fetch=<yes or no> cls=<n> size=<n>` or `EN`. For a key in
 * base64 it is `me <key> b b`: 1.6.45 looks for `b` only in front of another word. The server then repeats the key in
 * base64 or as raw bytes, by how the item was made; so a key with a line feed cannot be asked about.
 */
export class MetaDebug extends AnswerCommand<DebugLine | undefined> {
  readonly verb = 'me';

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const line = latin1(bytes, start, end);
    if (line === 'EN') return this.answer(undefined);
    const said = this.#spellings().find((key) => line.startsWith(`ME ${key} exp=`));
    const facts = said === undefined ? null : FACTS.exec(line.slice(3 + said.length));
    if (facts === null) return 'foreign';
    return this.answer(debugLine(facts.groups ?? {}));
  }

  protected override encode(writer: RequestWriter): void {
    const { key, server } = this;
    if (!this.limits.speaksMeta) throw refuseMeta(this.verb, server);
    if (isBase64(key) && rawText(key).includes('\n')) {
      const message = 'me cannot be asked about a key with a line feed: it would end the answer';
      throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', message, { server, command: 'me' });
    }
    const request = isBase64(key) ? `me ${base64Text(key)} b b` : `me ${key}`;
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }

  #spellings(): string[] {
    const { key } = this;
    if (isBase64(key)) return [base64Text(key), rawText(key)];
    return [key, Buffer.from(key, 'latin1').toString('base64')];
  }
}

/** `mn\r\n`, answered `MN`. */
export class MetaNoop extends AnswerCommand<true> {
  readonly verb = 'mn';

  constructor(asked: Asked<true>) {
    super('', asked);
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    return latin1(bytes, start, end) === 'MN' ? this.answer(true) : 'foreign';
  }

  protected override encode(writer: RequestWriter): void {
    if (!this.limits.speaksMeta) throw refuseMeta(this.verb, this.server);
    writer.reserve(4);
    writer.text('mn').crlf();
  }
}

const rawText = (key: WireKey): string => Buffer.from(base64Text(key), 'base64').toString('latin1');

const debugLine = (facts: Partial<Record<string, string>>): DebugLine => ({
  exp: Number(facts['exp']),
  la: Number(facts['la']),
  cas: facts['cas'] ?? '',
  fetch: facts['fetch'] === 'yes',
  cls: Number(facts['cls']),
  size: Number(facts['size']),
});
