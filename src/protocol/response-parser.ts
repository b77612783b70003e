import { type Guard, MemcacheConnectionError } from '../errors.ts';
import { viewOf } from './asked-keys.ts';
import { type ItemFacts, MetaFlags } from './meta-flags.ts';
import type { ItemsSink, ItemView, ReplySink, ReplySlots } from './reply.ts';
import { errorLine, survives } from './status.ts';
import { ValueAssembler } from './value-assembler.ts';
import { KEY_OFFSET, MALFORMED, PARTIAL, ValueHeader } from './value-header.ts';

/** A longer line is taken for garbage; with it, any value that is not large fits the read buffer behind its header. */
const MAX_LINE_BYTES = 2048;

/**
 * From this length on, the rest of a value that has not arrived whole is read straight into a buffer of its own.
 * Below it, waiting for the rest in the read buffer is cheaper (`npm run bench -- --scenario get --size 10240`).
 */
const OWN_BUFFER_FROM_BYTES = 16_384;

const CR = 0x0d;
const LF = 0x0a;
const UPPER_E = 0x45;
const UPPER_N = 0x4e;
const UPPER_D = 0x44;
const UPPER_V = 0x56;
const UPPER_A = 0x41;

const broken = (guard: Guard, what: string): MemcacheConnectionError =>
  new MemcacheConnectionError(
    'ERR_MEMCACHE_PROTOCOL',
    `the server's answer cannot be right: ${what}`,
    {
      sent: 'maybe',
      retryable: true,
      guard,
    },
  );

/** What a classic answer says. */
const NO_FACTS: ItemFacts = new MetaFlags();

class Item implements ItemView {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  flags = 0;
  cas = '';
  owned = false;
  facts: ItemFacts = NO_FACTS;
}

export interface ParserOptions {
  /** Size of the one buffer that is read into again and again; at least 4096. */
  readBufferBytes: number;
  /** A longer value is taken for garbage. */
  maxValueBytes: number;
}

/**
 * Turns the byte stream of one socket into calls on the sinks of the commands it answers, in order.
 *
 * Read into `space()`, then say with `advance(n)` how much came. The memory belongs to the parser: small items are
 * shown to their sink as views of it and overwritten by later reads; the rest of a large value is read straight into a
 * buffer made for it alone, which then is its receiver's. Any split of the stream gives the same calls. What breaks
 * the rules of the protocol throws MemcacheConnectionError (ERR_MEMCACHE_PROTOCOL); the stream is then useless.
 */
export class ResponseParser {
  /** Whose answers these are; exchanged while a connection is probed. */
  slots: ReplySlots;
  maxValueBytes: number;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #ownFrom: number;
  readonly #header = new ValueHeader();
  readonly #item = new Item();
  #begin = 0;
  #end = 0;
  readonly #large = new ValueAssembler();
  /**
   * The last item was large, so the next one may be: little is read ahead, to be copied, before the rest of it can be
   * read to where it belongs (`npm run bench -- --scenario get --size 100000 --kind buffer`).
   */
  #amongLarge = false;

  constructor(slots: ReplySlots, options: ParserOptions) {
    this.slots = slots;
    this.maxValueBytes = options.maxValueBytes;
    this.#buffer = Buffer.allocUnsafeSlow(options.readBufferBytes);
    this.#view = viewOf(this.#buffer);
    this.#item.bytes = this.#buffer;
    this.#ownFrom = Math.min(OWN_BUFFER_FROM_BYTES, options.readBufferBytes >> 2);
  }

  /** Part of a large value has come. */
  get arriving(): boolean {
    return this.#large.active;
  }

  /** Where the next bytes of the stream are to be read to. */
  space(): Buffer {
    if (this.#large.gathering) return this.#large.rest;
    if (this.#begin > 0) {
      this.#buffer.copyWithin(0, this.#begin, this.#end);
      this.#end -= this.#begin;
      this.#begin = 0;
    }
    if (this.#amongLarge) return this.#buffer.subarray(this.#end, this.#end + this.#ownFrom);
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
  }

  /** `count` more bytes of the stream have been put into what `space` gave. */
  advance(count: number): void {
    if (this.#large.gathering) {
      this.#large.advance(count);
      return;
    }
    this.#end += count;
    while (this.#begin < this.#end && this.#step());
    if (this.#begin === this.#end) {
      this.#begin = 0;
      this.#end = 0;
    }
  }

  /** The same for bytes that were read elsewhere; they are copied. */
  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const space = this.space();
      const part = chunk.subarray(at, at + space.length);
      space.set(part);
      this.advance(part.length);
      at += part.length;
    }
  }

  /** Takes one item or line; false when it has not arrived whole. */
  #step(): boolean {
    if (this.#large.active) return this.#finishLarge();
    const sink = this.slots.head;
    if (sink === undefined) throw broken('unsolicited', 'it answers nothing that was asked');
    const first = this.#buffer[this.#begin];
    if (first === UPPER_V && isItems(sink)) return this.#items(sink);
    if (first === UPPER_V && sink.grammar === 'meta') {
      if (this.#end - this.#begin < 2) return false;
      if (this.#buffer[this.#begin + 1] === UPPER_A) return this.#metaItem(sink);
    }
    return this.#line(sink);
  }

  /**
   * Takes items for as long as they come whole: one loop over one sink, of which the engine inlines all that is done
   * per item (`npm run bench -- --scenario guards`).
   */
  #items(sink: ItemsSink): boolean {
    const header = this.#header;
    const bytes = this.#buffer;
    const end = this.#end;
    const item = this.#item;
    item.facts = NO_FACTS;
    const { asked } = sink;
    do {
      const begin = this.#begin;
      const alike = asked.alike(this.#view, begin + KEY_OFFSET, end);
      const body = header.readClassic(bytes, begin, end, alike);
      if (!this.#hasCome(body)) return false;
      const { keyStart, keyEnd } = header;
      const isNext = alike === asked.nextLength && alike === keyEnd - keyStart;
      const index = isNext ? asked.next : sink.match(bytes, keyStart, keyEnd);
      if (!this.#take(sink, index, body)) return this.#begin < end;
      sink.item(index, item);
    } while (this.#begin < end && bytes[this.#begin] === UPPER_V);
    return true;
  }

  #metaItem(sink: ReplySink): boolean {
    const header = this.#header;
    const body = header.readMeta(this.#buffer, this.#begin, this.#end);
    if (!this.#hasCome(body)) return false;
    const index = sink.match(this.#buffer, header.keyStart, header.keyEnd);
    if (!this.#take(sink, index, body)) return this.#begin < this.#end;
    this.#deliver(sink, index);
    return true;
  }

  /** Whether an item whose bytes begin at `body` is there, or enough of it to read the rest to a place of its own. */
  #hasCome(body: number): boolean {
    if (body === MALFORMED) throw broken('grammar', 'an item has a malformed header');
    checkLine((body === PARTIAL ? this.#end : body - 1) - this.#begin);
    if (body === PARTIAL) return false;
    const { length } = this.#header;
    if (length > this.maxValueBytes)
      throw broken('size', 'an item is longer than any the server may hold');
    return length >= this.#ownFrom || body + length + 2 <= this.#end;
  }

  /** Takes an item that has come whole; of any other only the beginning, and answers false. */
  #take(sink: ReplySink, index: number, body: number): boolean {
    if (index < 0) throw broken('key', 'an item has a key that is not awaited');
    const header = this.#header;
    const stop = body + header.length;
    if (stop + 2 > this.#end) {
      this.#large.begin(header, index, sink.wants(index));
      this.#begin = body + this.#large.absorb(this.#buffer, body, this.#end);
      this.#amongLarge = true;
      return false;
    }
    this.#begin = stop + 2;
    this.#checkEnd(stop);
    this.#amongLarge = false;
    const item = this.#item;
    item.start = body;
    item.end = stop;
    item.flags = header.flags;
    item.cas = header.cas;
    return true;
  }

  #deliver(sink: ReplySink, index: number): void {
    const meta = sink.grammar === 'meta';
    this.#item.facts = meta ? this.#header.meta : NO_FACTS;
    sink.item(index, this.#item);
    if (meta && sink.complete) this.slots.answered();
  }

  /** A large value whose bytes are all there lacks only its CRLF; one nobody wants is still being passed over. */
  #finishLarge(): boolean {
    const large = this.#large;
    this.#begin += large.absorb(this.#buffer, this.#begin, this.#end);
    if (!large.complete || this.#end - this.#begin < 2) return false;
    this.#checkEnd(this.#begin);
    this.#begin += 2;
    const bytes = large.finish();
    const sink = this.slots.head;
    if (sink === undefined) throw broken('unsolicited', 'it answers nothing that was asked');
    const item = this.#item;
    item.bytes = bytes ?? this.#buffer;
    item.start = 0;
    item.end = bytes === undefined ? 0 : large.length;
    item.flags = large.flags;
    item.cas = large.cas;
    item.owned = bytes !== undefined;
    this.#deliver(sink, large.index);
    item.bytes = this.#buffer;
    item.owned = false;
    return true;
  }

  #line(sink: ReplySink): boolean {
    const buffer = this.#buffer;
    const start = this.#begin;
    let next = start;
    while (next < this.#end && buffer[next] !== LF) next++;
    checkLine(next - start);
    if (next === this.#end) return false;
    const end = next - 1;
    if (end < start || buffer[end] !== CR)
      throw broken('grammar', 'a line ends without a carriage return');
    this.#begin = next + 1;
    if (sink.grammar === 'items' && isEnd(buffer, start, end)) {
      sink.end();
      this.slots.answered();
    } else this.#statusLine(sink, start, end);
    return true;
  }

  #statusLine(sink: ReplySink, start: number, end: number): void {
    const error = errorLine(this.#buffer, start, end);
    if (error !== undefined) {
      const part = sink.grammar === 'meta' && survives(error) ? sink.refusedPart(error) : 'foreign';
      if (part === 'foreign') this.slots.refused(error);
      else if (part === 'last') this.slots.answered();
      if (!survives(error))
        throw broken('error', `the stream cannot be trusted after ${error.status}`);
      return;
    }
    const verdict = sink.grammar === 'items' ? 'foreign' : sink.line(this.#buffer, start, end);
    if (verdict === 'foreign') throw broken('answer', 'a line is no answer to its command');
    if (verdict === 'last') this.slots.answered();
  }

  #checkEnd(at: number): void {
    if (this.#buffer[at] !== CR || this.#buffer[at + 1] !== LF)
      throw broken('length', 'an item is not as long as it says');
  }
}

const isItems = (sink: ReplySink): sink is ItemsSink => sink.grammar === 'items';

/** `bytes` stand before a line's LF, or have come without one: however a stream is split, the same lines are taken. */
function checkLine(bytes: number): void {
  if (bytes > MAX_LINE_BYTES) throw broken('grammar', 'a line does not end');
}

function isEnd(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start === 3 &&
    bytes[start] === UPPER_E &&
    bytes[start + 1] === UPPER_N &&
    bytes[start + 2] === UPPER_D
  );
}
