import { unsigned64 } from './c-numbers.ts';
import type { FakeClock } from './fake-clock.ts';

/** What an item is beside its data. */
export interface FakeItem {
  /** One character a byte. */
  readonly key: string;
  /** Its key is shown in base64: it was stored so, and has been made anew by no other command since. */
  readonly binary: boolean;
  readonly flags: number;
  data: Buffer;
  cas: bigint;
  /** Unix time at which it is gone; 0 for never. */
  ends: number;
  /** Unix time of the last use that counts as one. */
  used: number;
  /** It was read, and was read again. */
  fetched: boolean;
  active: boolean;
  /** It was marked by `md I`, and somebody was told to renew it. */
  stale: boolean;
  won: boolean;
}

export type StoreMode = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';
export type StoreRefusal = 'not-stored' | 'exists' | 'missing';

/** What is to be stored. */
export interface Store {
  readonly mode: StoreMode;
  readonly key: string;
  readonly binary: boolean;
  readonly flags: number;
  readonly ends: number;
  readonly data: Buffer;
  /** To be compared; 0 for none. */
  readonly cas: bigint;
  /** A lower cas stores, too, but leaves the item stale. */
  readonly mayBeStale: boolean;
}

export type CountAnswer = 'missing' | 'exists' | 'not-a-number' | { item: FakeItem; text: string };

/** Longer than this, a ttl is a moment. */
const LONGEST_TTL_SECONDS = 30 * 24 * 60 * 60;
/** memcached counts seconds from this long before its start; 0 is no moment, so what is long over ended at 1. */
const SECONDS_BEFORE_START = 62;
/** A cas that nothing gets. */
const NO_CAS = 0n;
/** Of each item, beside key, data and flags. */
const HEADER_BYTES = 59;
const FLAG_BYTES = 4;

export class FakeItems {
  readonly #items = new Map<string, FakeItem>();
  readonly #clock: FakeClock;
  readonly #maxBytes: number;
  readonly #longAgo: number;
  #now: number;
  /** What `stats` tells of them. */
  readonly counts: Record<
    'get_hits' | 'get_misses' | 'cmd_set' | 'cmd_flush' | 'cmd_touch',
    number
  > = { get_hits: 0, get_misses: 0, cmd_set: 0, cmd_flush: 0, cmd_touch: 0 };
  #cas = NO_CAS;
  /** What was used no later, or was stored before, has been flushed as soon as this moment has come. */
  #flushed = { used: 0, cas: NO_CAS };

  constructor(clock: FakeClock, maxBytes: number) {
    this.#clock = clock;
    this.#now = clock.now;
    this.#longAgo = clock.now - SECONDS_BEFORE_START + 1;
    this.#maxBytes = maxBytes;
  }

  /** Unix time; it stands still while a request is served. */
  get now(): number {
    return this.#now;
  }

  /** What comes now comes at this time. */
  tick(): void {
    this.#now = this.#clock.now;
  }

  /** When something with this ttl is over. */
  endOf(ttl: number): number {
    if (ttl === 0) return 0;
    if (ttl < 0) return this.#longAgo;
    return ttl > LONGEST_TTL_SECONDS ? Math.max(ttl, this.#longAgo) : this.now + ttl;
  }

  sizeOf({ key, data, flags }: Pick<FakeItem, 'key' | 'data' | 'flags'>): number {
    return HEADER_BYTES + key.length + data.length + (flags === 0 ? 0 : FLAG_BYTES);
  }

  fits(item: Pick<FakeItem, 'key' | 'data' | 'flags'>): boolean {
    return this.sizeOf(item) <= this.#maxBytes;
  }

  /** The item, if it is there; this is no use of it. */
  find(key: string): FakeItem | undefined {
    const item = this.#items.get(key);
    if (item === undefined || !this.#isGone(item)) return item;
    this.#items.delete(key);
    return undefined;
  }

  all(): FakeItem[] {
    return [...this.#items.keys()].flatMap((key) => this.find(key) ?? []);
  }

  /** It was read: from the second time on, that counts as a use. */
  read(item: FakeItem): void {
    if (item.active) return;
    if (item.fetched) {
      item.active = true;
      item.used = this.now;
    }
    item.fetched = true;
  }

  delete(key: string): boolean {
    const item = this.find(key);
    this.#items.delete(key);
    return item !== undefined;
  }

  clear(): void {
    this.#items.clear();
  }

  flush(delaySeconds: number): void {
    const from = delaySeconds > 0 ? this.endOf(delaySeconds) : this.now;
    this.#flushed = {
      used: from - 1,
      cas: delaySeconds > 0 ? this.#flushed.cas : this.nextCas(),
    };
  }

  nextCas(): bigint {
    return ++this.#cas;
  }

  /** An item of its own, in place of whatever was there. */
  put(item: Pick<FakeItem, 'key' | 'binary' | 'flags' | 'data' | 'ends'>): FakeItem {
    const made: FakeItem = {
      ...item,
      cas: this.nextCas(),
      used: this.now,
      fetched: false,
      active: false,
      stale: false,
      won: false,
    };
    this.#items.set(item.key, made);
    return made;
  }

  /** Answers the item that was made, or why none was. */
  store(wanted: Store): FakeItem | StoreRefusal {
    this.counts.cmd_set++;
    const old = this.find(wanted.key);
    if (old === undefined) {
      if (wanted.mode === 'cas') return 'missing';
      return wanted.mode === 'set' || wanted.mode === 'add' ? this.put(wanted) : 'not-stored';
    }
    switch (wanted.mode) {
      case 'add':
        return 'not-stored';
      case 'append':
      case 'prepend':
        return this.#extend(old, wanted);
      case 'cas':
        return this.#compareAndStore(old, wanted);
      default:
        return this.put(wanted);
    }
  }

  count(key: string, delta: bigint, cas: bigint): CountAnswer {
    const item = this.find(key);
    if (item === undefined) return 'missing';
    if (item.data.length === 0) return 'not-a-number';
    if (cas !== NO_CAS && item.cas !== cas) return 'exists';
    const value = unsigned64(item.data.toString('latin1'));
    if (value === undefined) return 'not-a-number';
    const sum = value + delta;
    const text = String(sum < 0n ? 0n : BigInt.asUintN(64, sum));
    if (text.length > item.data.length) {
      // A longer number is another item; the answer, and what it still changes, are of the old one.
      item.cas = this.put({ ...item, binary: false, data: Buffer.from(text) }).cas;
      return { item, text };
    }
    // The number of bytes stays what it was.
    item.data = Buffer.from(text.padEnd(item.data.length));
    item.cas = this.nextCas();
    return { item, text };
  }

  #isGone(item: FakeItem): boolean {
    const { now } = this;
    if (item.ends !== 0 && item.ends <= now) return true;
    const { used, cas } = this.#flushed;
    return used !== 0 && used <= now && (item.used <= used || item.cas < cas);
  }

  #extend(old: FakeItem, { mode, data, cas }: Store): FakeItem | 'exists' | 'not-stored' {
    if (cas !== NO_CAS && cas !== old.cas) return 'exists';
    const both = mode === 'append' ? [old.data, data] : [data, old.data];
    const longer = { ...old, binary: false, data: Buffer.concat(both) };
    return this.fits(longer) ? this.put(longer) : 'not-stored';
  }

  #compareAndStore(old: FakeItem, wanted: Store): FakeItem | 'exists' {
    if (wanted.cas === old.cas) return this.put(wanted);
    if (!wanted.mayBeStale || wanted.cas === NO_CAS || wanted.cas > old.cas) return 'exists';
    const { ends, won } = old;
    return Object.assign(this.put({ ...wanted, ends }), { stale: true, won });
  }
}
