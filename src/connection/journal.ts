import type { BatchMessage } from '../observability/channels.ts';
import { BATCHES, COMMANDS } from '../observability/tracing.ts';
import type { MemcacheError } from '../errors.ts';
import { Ring } from '../primitives/ring.ts';
import { TurnClock } from '../primitives/turn-clock.ts';
import type { Carrier } from './carrier.ts';
import type { Command } from './command.ts';
import type { Telling } from './telling.ts';

/** A request that has left and is told of, or timed. */
interface Entry {
  /** Its place among all that have been written. */
  readonly place: number;
  readonly at: number;
  readonly message: BatchMessage | undefined;
}

let batches = 0;

/**
 * What is told of the requests of one connection, and how long they take. Requests are answered in the order in which
 * they were written: they are counted, and only those that somebody wants to hear of have an entry. With nobody
 * listening a request costs two additions.
 */
export class Journal {
  readonly #telling: Telling;
  readonly #clock = new TurnClock();
  readonly #entries = new Ring<Entry>();
  #written = 0;
  #answered = 0;
  #tells = false;
  #times = false;
  /** When the queue that leaves now began to wait: 0 for one that is not timed. */
  #queuedAt = 0;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** The first request of a flush has been queued. */
  queued(): void {
    if (this.#queuedAt === 0 && this.#telling.times.on) this.#queuedAt = this.#clock.now();
  }

  /** A flush begins: who wants to hear of its requests is asked once. */
  flushes(): void {
    this.#times = this.#telling.times.on;
    this.#tells = BATCHES.active || COMMANDS.active;
  }

  /** A request has been encoded; what its callers may be told of it. */
  left(command: Command): Carrier | undefined {
    const place = this.#written++;
    if (!this.#tells && !this.#times) return undefined;
    const at = this.#times ? this.#clock.now() : 0;
    if (this.#times && this.#queuedAt > 0) this.#telling.times.waited(at - this.#queuedAt);
    const message = this.#tells ? this.#messageOf(command) : undefined;
    if (this.#times || message !== undefined) {
      this.#entries.push({ place, at, message });
      this.#entries.advance();
    }
    if (!this.#tells) return undefined;
    if (message !== undefined) this.#telling.scope.run(() => BATCHES.begin(message));
    return { to: this.#telling.to, batch: message?.id };
  }

  /** What could be sent has been; the rest goes on waiting. */
  flushed(all: boolean): void {
    if (all) this.#queuedAt = 0;
  }

  /** The oldest request that was written has left the connection: answered, or else for a reason. */
  settled(failure?: () => MemcacheError): void {
    const place = this.#answered++;
    const entry = this.#entries.head;
    if (entry?.place !== place) return;
    this.#entries.shift();
    const { at, message } = entry;
    if (at > 0 && failure === undefined) this.#telling.times.used(this.#clock.now() - at);
    if (message !== undefined) BATCHES.done(message, failure?.());
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
