import { MemcacheClientError } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import type { LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';

/** What a line of an answer looks like: a name, and the rest of the line. A key may hold blanks. */
const STAT = /^STAT ([^ ]+) ?(.*)$/;
const ITEM = /^ITEM (.*) (\[\d+ b; -?\d+ s\])$/;
const PREFIX = /^PREFIX (.*?) (get \d+ .*)$/;

/**
 * `stats[ <argument>]`: a line for each name up to END; RESET or OK where that is the whole answer. memcached 1.6.18
 * puts no END behind what it says to `sizes_enable` and `sizes_disable`: a `version` is asked behind them, and its
 * answer is the end.
 */
export class StatsCommand extends AnswerCommand<Map<string, string>> {
  readonly verb = 'stats';
  readonly #request: string;
  readonly #shape: RegExp;
  readonly #endless: boolean;
  readonly #stats = new Map<string, string>();

  constructor(args: string, asked: Asked<Map<string, string>>) {
    super('', asked);
    this.#request = args === '' ? 'stats' : `stats ${args}`;
    this.#shape = args.startsWith('cachedump') ? ITEM : args === 'detail dump' ? PREFIX : STAT;
    this.#endless = args === 'sizes_enable' || args === 'sizes_disable';
  }

  protected override encode(writer: RequestWriter): void {
    writer.reserve(this.#request.length + 11);
    writer.text(this.#request).crlf();
    if (this.#endless) writer.text('version').crlf();
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const line = latin1(bytes, start, end);
    if (this.#isLast(line)) return this.answer(this.#stats);
    if (line === 'END') return 'more';
    const stat = this.#shape.exec(line);
    if (stat === null) return 'foreign';
    this.#stats.set(stat[1], stat[2]);
    return 'more';
  }

  #isLast(line: string): boolean {
    if (this.#endless) return line.startsWith('VERSION ');
    return line === 'END' || line === 'RESET' || line === 'OK';
  }
}

/** `cache_memlimit <megabytes>`: OK, or MEMLIMIT_TOO_SMALL and MEMLIMIT_ADJUST_FAILED with a reason. */
export class MemlimitCommand extends AnswerCommand<true> {
  readonly verb = 'cache_memlimit';
  readonly #megabytes: number;

  constructor(megabytes: number, asked: Asked<true>) {
    super('', asked);
    this.#megabytes = megabytes;
  }

  protected override encode(writer: RequestWriter): void {
    const request = `cache_memlimit ${this.#megabytes}`;
    writer.reserve(request.length + 2);
    writer.text(request).crlf();
  }

  override line(bytes: Buffer, start: number, end: number): LineVerdict {
    const line = latin1(bytes, start, end);
    if (line === 'OK') return this.answer(true);
    if (!line.startsWith('MEMLIMIT_')) return 'foreign';
    const { verb, server } = this;
    const message = `${server} answered ${verb} with: ${line}`;
    const details = { server, command: verb, sent: 'yes' as const };
    this.fail(new MemcacheClientError('ERR_MEMCACHE_CLIENT', message, details));
    return 'last';
  }
}
