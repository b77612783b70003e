import type { ReplySink, ReplySlots } from '../../src/protocol/reply.ts';
import { MetaFlags } from '../../src/protocol/meta-flags.ts';

const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const UPPER_V = 0x56;
const UPPER_E = 0x45;
const UPPER_N = 0x4e;

/**
 * What stands in for the product's parser in the scenario `guards`: it believes everything. Items go to the keys in the
 * order in which these were asked for, so it is right only where all are found, and no value is large.
 */
export class ResponseParser {
  slots: ReplySlots;
  maxValueBytes: number;
  readonly arriving = false;
  readonly #buffer: Buffer;
  readonly #item = {
    bytes: Buffer.alloc(0) as Buffer,
    start: 0,
    end: 0,
    flags: 0,
    cas: '',
    owned: false,
    facts: new MetaFlags(),
  };
  #begin = 0;
  #end = 0;
  #index = 0;
  #at = 0;

  constructor(slots: ReplySlots, options: { readBufferBytes: number; maxValueBytes: number }) {
    this.slots = slots;
    this.maxValueBytes = options.maxValueBytes;
    this.#buffer = Buffer.allocUnsafeSlow(options.readBufferBytes);
    this.#item.bytes = this.#buffer;
  }

  space(): Buffer {
    if (this.#begin > 0) {
      this.#buffer.copyWithin(0, this.#begin, this.#end);
      this.#end -= this.#begin;
      this.#begin = 0;
    }
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
  }

  advance(count: number): void {
    this.#end += count;
    while (this.#begin < this.#end && this.#step());
    if (this.#begin === this.#end) {
      this.#begin = 0;
      this.#end = 0;
    }
  }

  #step(): boolean {
    const sink = this.slots.head as ReplySink;
    const isItem = sink.grammar === 'items' && this.#buffer[this.#begin] === UPPER_V;
    return isItem ? this.#value(sink) : this.#line(sink);
  }

  /** `VALUE <key> <flags> <length>\r\n<data>\r\n` */
  #value(sink: ReplySink): boolean {
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#begin + 'VALUE '.length;
    while (at < end && buffer[at] !== SPACE) at++;
    const flags = this.#number(at + 1);
    const length = this.#number(this.#at + 1);
    const body = this.#at + 2;
    if (body + length + 2 > end) return false;
    const item = this.#item;
    item.start = body;
    item.end = body + length;
    item.flags = flags;
    this.#begin = item.end + 2;
    sink.item(this.#index++, item);
    return true;
  }

  #number(from: number): number {
    let value = 0;
    let at = from;
    for (; at < this.#end; at++) {
      const digit = this.#buffer[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return value;
  }

  #line(sink: ReplySink): boolean {
    const buffer = this.#buffer;
    const start = this.#begin;
    const next = buffer.indexOf(LF, start);
    if (next === -1 || next >= this.#end) return false;
    this.#begin = next + 1;
    if (sink.grammar === 'items' && buffer[start] === UPPER_E && buffer[start + 1] === UPPER_N) {
      this.#index = 0;
      sink.end();
      this.slots.answered();
    } else if (sink.line(buffer, start, next - 1) === 'last') this.slots.answered();
    return true;
  }
}
