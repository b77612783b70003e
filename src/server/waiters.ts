import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError } from '../errors.ts';
import type { ItemView } from '../protocol/reply.ts';
import type { ReadSink } from './sinks.ts';

interface Sharer {
  readonly sink: ReadSink;
  readonly tag: number;
}

/**
 * Who waits for the keys of a volley, by the key's place in it. Most keys have one waiter; further ones are kept apart.
 * Each is forgotten with the one thing it is told.
 */
export class Waiters {
  readonly #sinks: (ReadSink | undefined)[] = [];
  readonly #tags: number[] = [];
  #sharers: Map<number, Sharer[]> | undefined;

  add(place: number, sink: ReadSink, tag: number): void {
    this.#sinks[place] = sink;
    this.#tags[place] = tag;
  }

  share(place: number, sink: ReadSink, tag: number): void {
    this.#sharers ??= new Map();
    const sharers = this.#sharers.get(place);
    if (sharers === undefined) this.#sharers.set(place, [{ sink, tag }]);
    else sharers.push({ sink, tag });
  }

  /** Whether anybody still waits for this key. */
  wants(place: number): boolean {
    const first = this.#sinks[place];
    if (first !== undefined && !first.settled) return true;
    return this.#sharers?.get(place)?.some(({ sink }) => !sink.settled) ?? false;
  }

  /** Notes that the request of the first `count` keys has been handed to a socket. */
  markSent(count: number): void {
    for (let i = 0; i < count; i++) {
      const sink = this.#sinks[i];
      if (sink !== undefined) sink.sent = 'maybe';
    }
    if (this.#sharers === undefined) return;
    for (const sharers of this.#sharers.values()) {
      for (const { sink } of sharers) sink.sent = 'maybe';
    }
  }

  /** Tells those of the first `count` keys who want to know what carries them. */
  carried(count: number, by: Carrier): void {
    for (let i = 0; i < count; i++) {
      this.#sinks[i]?.carried?.(by);
      for (const { sink } of this.#sharers?.get(i) ?? []) sink.carried?.(by);
    }
  }

  /** Hands an item to those who wait for it; how many it were. */
  deliver(place: number, item: ItemView): number {
    let told = 0;
    const sink = this.#sinks[place];
    this.#sinks[place] = undefined;
    if (sink !== undefined && !sink.settled) {
      told++;
      sink.item(this.#tags[place], item);
    }
    const sharers = this.#takeSharers(place);
    if (sharers === undefined) return told;
    return told + share(sharers, item, told === 0);
  }

  /** Tells those who wait for a key; how many it were. */
  tell<A>(place: number, tell: (sink: ReadSink, tag: number, about: A) => void, about: A): number {
    let told = 0;
    const sink = this.#sinks[place];
    this.#sinks[place] = undefined;
    if (sink !== undefined && !sink.settled) {
      told++;
      tell(sink, this.#tags[place], about);
    }
    const sharers = this.#takeSharers(place);
    return sharers === undefined ? told : told + tellAll(sharers, tell, about);
  }

  /** Fails those of a key whose deadline is not after `now`; the earliest deadline of those that stay. */
  expire(place: number, now: number, failure: { error: MemcacheError; expired: number }): number {
    let next = Infinity;
    const isOver = (sink: ReadSink): boolean => {
      if (sink.settled || sink.deadline <= now) return true;
      next = Math.min(next, sink.deadline);
      return false;
    };
    const sink = this.#sinks[place];
    if (sink !== undefined && isOver(sink)) {
      this.#sinks[place] = undefined;
      failure.expired += failUnsettled(sink, this.#tags[place], failure.error);
    }
    const sharers = this.#sharers?.get(place);
    if (sharers === undefined) return next;
    const staying: Sharer[] = [];
    this.#sharers?.set(place, staying);
    for (const sharer of sharers) {
      if (!isOver(sharer.sink)) staying.push(sharer);
      else failure.expired += failUnsettled(sharer.sink, sharer.tag, failure.error);
    }
    return next;
  }

  forget(place: number): void {
    this.#sinks[place] = undefined;
    this.#sharers?.delete(place);
  }

  /** Empties the first `count` places for another use. */
  clear(count: number): void {
    this.#sinks.fill(undefined, 0, count);
    this.#sharers = undefined;
  }

  #takeSharers(place: number): Sharer[] | undefined {
    const sharers = this.#sharers?.get(place);
    if (sharers !== undefined) this.#sharers?.delete(place);
    return sharers;
  }
}

/** Tells those who share a key, or, if nobody has it yet, the first of them as if it were its own; how many it were. */
function share(sharers: readonly Sharer[], item: ItemView, nobodyHasIt: boolean): number {
  let told = 0;
  const others = lent(item);
  let view = nobodyHasIt ? item : others;
  for (const { sink, tag } of sharers) {
    if (sink.settled) continue;
    sink.item(tag, view);
    view = others;
    told++;
  }
  return told;
}

/**
 * An item as those get it who share its key with another: a buffer that is the first one's own is only lent to them,
 * and of several one has won, as if each had asked for itself.
 */
function lent(item: ItemView): ItemView {
  const { owned, facts } = item;
  if (facts.won) return { ...item, owned: false, facts: { ...facts, won: false, lost: true } };
  return owned ? { ...item, owned: false } : item;
}

function tellAll<A>(
  sharers: readonly Sharer[],
  tell: (sink: ReadSink, tag: number, about: A) => void,
  about: A,
): number {
  let told = 0;
  for (const { sink, tag } of sharers) {
    if (sink.settled) continue;
    told++;
    tell(sink, tag, about);
  }
  return told;
}

function failUnsettled(sink: ReadSink, tag: number, error: MemcacheError): 0 | 1 {
  if (sink.settled) return 0;
  sink.fail(tag, error);
  return 1;
}
