import type { BatchMessage } from '../observability/channels.ts';
import { BATCHES, COMMANDS } from '../observability/tracing.ts';
import type { MemcacheError } from '../errors.ts';
import { Ring } from '../primitives/ring.ts';
import { TurnClock } from '../primitives/turn-clock.ts';
import type { Carrier } from './carrier.ts';
import type { Command } from './command.ts';
import { QueueTimes } from './queue-times.ts';
import type { Telling } from './telling.ts';

/** A request that has left and is told of, or those that left in one moment and are only timed. */
interface Entry {
  /** The place of the first among all that have been written. */
  readonly place: number;
  /** That behind the last. */
  end: number;
  readonly at: number;
  readonly message: BatchMessage | undefined;
}

let batches = 0;

/**
 * What is told of the requests of one connection, and how long they take. Requests are answered in the order in which
 * they were written: they are counted, and only those that somebody wants to hear of have an entry. With nobody
 * listening a request costs a few additions.
 */
export class Journal {
  readonly #telling: Telling;
  readonly #clock = new TurnClock();
  readonly #entries = new Ring<Entry>();
  /** The one that was made last, while requests of it are unanswered. */
  #latest: Entry | undefined;
  #written = 0;
  #answered = 0;
  #tells = false;
  #times = false;
  readonly #queue = new QueueTimes();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** The first of what is collected for one flush has come. */
  collects(): void {
    if (this.#telling.times.on) this.#queue.collects(this.#clock.now());
  }

  /** What was being collected has been queued. */
  sealed(): void {
    this.#queue.sealed();
  }

  /** A request has been queued. */
  queued(): void {
    this.#queue.joined(this.#telling.times.on ? this.#clock.now() : 0);
  }

  /** The oldest request of the queue is not to be sent. */
  tookBack(): void {
    this.#queue.left();
  }

  /** A flush begins: who wants to hear of its requests is asked once. */
  flushes(): void {
    this.#times = this.#telling.times.on;
    this.#tells = BATCHES.active || COMMANDS.active;
  }

  /** A request has been encoded; what its callers may be told of it. */
  left(command: Command): Carrier | undefined {
    const place = this.#written++;
    const queuedAt = this.#queue.left();
    if (!this.#tells && !this.#times) return undefined;
    const at = this.#times ? this.#clock.now() : 0;
    if (this.#times && queuedAt > 0) this.#telling.times.waited(at - queuedAt);
    const message = this.#tells ? this.#messageOf(command) : undefined;
    if (this.#times || message !== undefined) this.#note(place, at, message);
    if (!this.#tells) return undefined;
    if (message !== undefined) this.#telling.scope.run(() => BATCHES.begin(message));
    return { to: this.#telling.to, batch: message?.id };
  }

  /** The oldest request that was written has left the connection: answered, or else for a reason. */
  settled(failure?: () => MemcacheError): void {
    const place = this.#answered++;
    const entry = this.#entries.head;
    if (entry === undefined || place < entry.place) return;
    const { end, at, message } = entry;
    if (place + 1 === end) {
      this.#entries.shift();
      if (this.#latest === entry) this.#latest = undefined;
    }
    if (at > 0 && failure === undefined) this.#telling.times.used(this.#clock.now() - at);
    if (message !== undefined) BATCHES.done(message, failure?.());
  }

  #note(place: number, at: number, message: BatchMessage | undefined): void {
    const latest = this.#latest;
    const isTimedOnly = message === undefined && latest?.message === undefined;
    if (isTimedOnly && latest?.end === place && latest.at === at) {
      latest.end++;
      return;
    }
    const entry = { place, end: place + 1, at, message };
    this.#latest = entry;
    this.#entries.push(entry);
    this.#entries.advance();
  }

  #messageOf(command: Command): BatchMessage | undefined {
    const { size, verb, operations, bytes } = command;
    if (size === undefined) return undefined;
    const { client, to } = this.#telling;
    return {
      id: ++batches,
      client,
      command: verb,
      ...to,
      keys: size,
      callers: operations,
      bytes,
    };
  }
}
