import type { Carrier } from '../connection/carrier.ts';
import type { Command } from '../connection/command.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import { isText } from '../primitives/bytes.ts';
import { KeyIndex } from '../primitives/key-index.ts';
import { AskedKeys } from '../protocol/asked-keys.ts';
import { isBase64, isKeyText, type WireKey } from '../protocol/key.ts';
import type { Grammar, ItemsSink, ItemView, LineVerdict } from '../protocol/reply.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { type ErrorLine, errorFor } from '../protocol/status.ts';
import { doubtOf, factsOnly, readFacts } from './facts-line.ts';
import type { ServerLimits } from './limits.ts';
import { ReadMarks } from './marks.ts';
import { GET, GETS, type ReadForm, type ReadVerb } from './read-form.ts';
import { checkForm, writeGet, writeMetaGets } from './read-request.ts';
import { timedOut, unasked, withoutCas } from './refusals.ts';
import { fail, miss, type ReadSink } from './sinks.ts';
import { Waiters } from './waiters.ts';

/** What a volley tells the lane it belongs to. */
export interface VolleyHost {
  readonly server: string;
  /** Looked at when it is written: by then the server has been asked. */
  readonly limits: ServerLimits;
  /** From this many bytes on an item is large. */
  readonly bulkBytes: number;
  /** Whether this is the way for large items. */
  readonly bulk: boolean;
  /** An item came the way that is not its own, by its size. */
  misplaced(key: WireKey): void;
  /** Nobody waits for this key any more: it is not asked for. */
  dropped(key: WireKey): void;
  /** A volley of several keys was answered with SERVER_ERROR: this one is to be asked anew, in the given half. */
  askAgain(volley: Volley, from: number, to: number): void;
  /** Whether the refused may be asked again: what is left of the budget for that. */
  mayRepeat(): boolean;
  /** Somebody had an answer in time. */
  served(): void;
  counted(hits: number, misses: number): void;
}

/**
 * The reads collected for one server in one moment, sent as one multi-key request, or as one meta command per key. A
 * key asked for by several callers stands in it once. Hits settle as they are parsed, misses with the end of the whole
 * answer: a key that was passed over might still be a swapped reply, which must destroy the connection without having
 * lied to anyone.
 */
export class Volley implements Command, ItemsSink {
  /** Keys it has room for. */
  readonly capacity: number;
  grammar: Grammar = 'items';
  #form: ReadForm = GET;
  deadline: number = Infinity;
  operations = 0;
  /** Bytes its keys take in the request. */
  bytes = 0;
  /** Part of a volley that was refused: it may be refused, too, and has been paid for. */
  isPart = false;
  readonly asked: AskedKeys;
  readonly #host: VolleyHost;
  readonly #index: KeyIndex;
  readonly #keys: WireKey[] = [];
  readonly #waiters = new Waiters();
  #count = 0;
  /** Items that came, and the callers they were told to. */
  #answered = 0;
  #hits = 0;
  /** Of a request in meta commands: answers that are still due, and what tells them apart. */
  #due = 0;
  readonly #marks = new ReadMarks();

  constructor(capacity: number, host: VolleyHost) {
    this.capacity = capacity;
    this.#host = host;
    this.#index = new KeyIndex(capacity);
    this.asked = new AskedKeys(capacity);
  }

  get verb(): ReadVerb {
    return this.#form.verb;
  }

  /** How its keys are asked for; to be set while it is empty. */
  get form(): ReadForm {
    return this.#form;
  }

  set form(form: ReadForm) {
    this.#form = form;
    this.grammar = form.metaOnly ? 'meta' : 'items';
  }

  /** Keys on the wire. */
  get size(): number {
    return this.#count;
  }

  get abandoned(): boolean {
    for (let i = this.asked.next; i < this.#count; i++) if (this.wants(i)) return false;
    for (let i = 0; i < this.asked.next; i++) if (this.wants(i)) return false;
    return true;
  }

  has(key: WireKey): boolean {
    return this.#index.find(key) >= 0;
  }

  /** Whether it asks for a key, sealed or not. */
  asks(key: WireKey): boolean {
    return this.#keys.includes(key);
  }

  /** '' for a key that was dropped. */
  keyAt(index: number): WireKey {
    return this.#keys[index];
  }

  /** Adds a waiter; true when its key was asked for already. */
  join(key: WireKey, sink: ReadSink, tag: number): boolean {
    const index = this.#index.findOrAdd(key, this.asked.put(key));
    this.operations++;
    if (sink.deadline < this.deadline) this.deadline = sink.deadline;
    if (index < this.#count) {
      this.#waiters.share(index, sink, tag);
      return true;
    }
    this.asked.keep(key.length);
    this.#keys[index] = key;
    this.#waiters.add(index, sink, tag);
    this.#count = index + 1;
    this.bytes += key.length + this.#form.bytesBeside;
    return false;
  }

  /** Hands the unsettled waiters of some keys to another volley. */
  moveTo(other: Volley, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.#waiters.tell(i, (sink, tag, key) => other.join(key, sink, tag), this.keyAt(i));
    }
  }

  /** Empties it for another use. */
  reset(): void {
    this.#index.clear();
    this.#keys.fill('', 0, this.#count);
    this.#waiters.clear(this.#count);
    this.#count = 0;
    this.asked.clear();
    this.#answered = 0;
    this.#hits = 0;
    this.#due = 0;
    this.operations = 0;
    this.bytes = 0;
    this.isPart = false;
    this.deadline = Infinity;
  }

  write(writer: RequestWriter): void {
    const form = this.#form;
    const { limits, server } = this.#host;
    if (form !== GET && form !== GETS) checkForm(form, limits, server);
    for (let i = 0; i < this.#count; i++) if (!this.wants(i)) this.#drop(i);
    if (form.metaOnly) {
      this.#marks.begin(limits, this.#count);
      this.#due = writeMetaGets(writer, form, this.#keys, this.#count, this.#marks);
    } else writeGet(writer, form, this.asked, this.bytes);
  }

  carried(by: Carrier): void {
    this.#waiters.carried(this.#count, by);
  }

  written(): void {
    this.#index.clear();
    this.#waiters.markSent(this.#count);
  }

  match(bytes: Buffer, start: number, end: number): number {
    if (this.grammar === 'meta') return this.#matchNext(bytes, start, end);
    for (let i = this.asked.next; i < this.#count; i++) {
      if (isText(this.#keys[i], bytes, start, end)) return i;
    }
    return -1;
  }

  wants(index: number): boolean {
    return this.#waiters.wants(index);
  }

  item(index: number, item: ItemView): void {
    if (item.cas === '' && this.#form.withCas) throw withoutCas(this.#host.server);
    if (this.grammar === 'meta') {
      const guard = doubtOf(item.facts, this.#markAt(index), this.#form);
      if (guard !== undefined) throw unasked(this.#form.verb, this.#host.server, guard);
    }
    this.asked.next = index + 1;
    this.#answered++;
    const large = item.end - item.start >= this.#host.bulkBytes;
    if (large !== this.#host.bulk && item.facts.valued) this.#host.misplaced(this.#keys[index]);
    this.#hits += this.#waiters.deliver(index, item);
    if (this.grammar === 'meta') this.#took();
  }

  get complete(): boolean {
    return this.#due === 0;
  }

  end(): void {
    let misses = 0;
    if (this.#answered < this.#count) {
      for (let i = 0; i < this.#count; i++) misses += this.#waiters.tell(i, miss, undefined);
    }
    this.#host.counted(this.#hits, misses);
  }

  /** An answer without a value. */
  line(bytes: Buffer, start: number, end: number): LineVerdict {
    const next = this.#next();
    if (next < 0) return 'foreign';
    const mark = { text: this.#markAt(next), demanded: this.#marks.demanded };
    const asker = { verb: this.verb, key: this.#keys[next], server: this.#host.server, mark };
    const found = readFacts({ bytes, start, end }, this.#form, asker);
    if (found === undefined) return 'foreign';
    if (found === 'hit') this.item(next, factsOnly());
    else {
      this.asked.next = next + 1;
      this.#took();
    }
    return this.complete ? 'last' : 'more';
  }

  /** One key of those that were asked for by themselves: only it has failed. */
  refusedPart(error: ErrorLine): LineVerdict {
    const next = this.#next();
    if (next < 0) return 'foreign';
    if (this.wants(next)) this.#host.served();
    this.asked.next = next + 1;
    this.#waiters.tell(next, fail, errorFor(error, this.verb, this.#host.server));
    this.#took();
    return this.complete ? 'last' : 'more';
  }

  /** One bad key must not be everybody's error: behind a proxy one dead backend fails the whole request. */
  refused(error: ErrorLine): void {
    this.#host.counted(this.#hits, 0);
    if (!this.abandoned) this.#host.served();
    const severable = error.status === 'SERVER_ERROR' && this.#count > 1;
    if (severable && (this.isPart || this.#host.mayRepeat())) {
      const half = this.#count >> 1;
      this.#host.askAgain(this, 0, half);
      this.#host.askAgain(this, half, this.#count);
      return;
    }
    this.fail(errorFor(error, this.verb, this.#host.server));
  }

  fail(error: MemcacheError): void {
    for (let i = 0; i < this.#count; i++) this.#waiters.tell(i, fail, error);
  }

  expire(now: number, sent: Sent): number {
    const failure = { error: timedOut(this.verb, this.#host.server, sent), expired: 0 };
    this.deadline = Infinity;
    for (let i = 0; i < this.#count; i++) {
      this.deadline = Math.min(this.deadline, this.#waiters.expire(i, now, failure));
    }
    return failure.expired;
  }

  /** The place of the key whose answer is due, or -1. */
  #next(): number {
    let next = this.asked.next;
    while (next < this.#count && this.#keys[next] === '') next++;
    return next < this.#count ? next : -1;
  }

  /** A key in base64 is not repeated by the answer. */
  #matchNext(bytes: Buffer, start: number, end: number): number {
    const next = this.#next();
    if (next < 0 || !this.#form.valued) return -1;
    const key = this.#keys[next];
    return (isBase64(key) && start === end) || isKeyText(key, bytes, start, end) ? next : -1;
  }

  #markAt(index: number): string {
    return this.#marks.of(this.#form, this.#keys[index], index);
  }

  #took(): void {
    if (--this.#due === 0) this.end();
  }

  #drop(index: number): void {
    this.#host.dropped(this.#keys[index]);
    this.#waiters.forget(index);
    this.asked.takeOut(index);
    this.#keys[index] = '';
  }
}
