import type { MemcacheError } from '../errors.ts';
import { Ring } from '../primitives/ring.ts';
import type { Command } from './command.ts';
import type { ConnectionHost } from './connection-host.ts';
import type { InFlight } from './in-flight.ts';
import type { Journal } from './journal.ts';
import { QueueAges, type QueueTime } from './queue-ages.ts';

export interface SlotsParts {
  readonly host: Pick<ConnectionHost, 'leaving' | 'released' | 'shed'>;
  readonly inFlight: InFlight;
  /** What is told of requests, if anything is. */
  readonly journal: Journal | undefined;
  /** A command has left, whatever became of it. */
  readonly left: () => void;
}

/** The commands of one connection, oldest first, and the ways out of it: answered, taken back, failed, shed. */
export class Slots {
  readonly ring: Ring<Command> = new Ring<Command>();
  readonly #parts: SlotsParts;
  readonly #ages = new QueueAges();

  constructor(parts: SlotsParts) {
    this.#parts = parts;
  }

  push(command: Command): void {
    this.ring.push(command);
    this.#ages.joined();
    this.#parts.journal?.queued();
  }

  /** The oldest queued command has been encoded. */
  advance(command: Command): void {
    this.ring.advance();
    this.#ages.left();
    this.#parts.inFlight.add(command);
    const carrier = this.#parts.journal?.left(command);
    if (carrier !== undefined) command.carried?.(carrier);
    command.written();
  }

  /** Takes away the oldest written command; `failure` is for those who are told of requests. */
  takeWritten(isAnswered: boolean, failure?: () => MemcacheError): Command | undefined {
    const command = this.ring.shift();
    if (command === undefined) return undefined;
    this.#parts.inFlight.remove(command, isAnswered);
    this.#parts.journal?.settled(failure);
    this.#parts.host.leaving(command);
    return command;
  }

  /** Takes away the oldest queued command. Out of the ring first: whoever hears of it may have the rest failed. */
  takeBack(command: Command, error?: MemcacheError): void {
    this.ring.skip();
    this.#ages.left();
    this.#parts.journal?.tookBack();
    this.#parts.host.leaving(command);
    if (error !== undefined) command.fail(error);
    command.release?.();
    this.release(command);
  }

  release(command: Command): void {
    this.#parts.host.released(command);
    this.#parts.left();
  }

  failWritten(error: MemcacheError): void {
    const failure = (): MemcacheError => error;
    const take = (): Command | undefined => this.takeWritten(false, failure);
    for (let command = take(); command !== undefined; command = take()) {
      command.fail(error);
      this.release(command);
    }
  }

  failQueued(error: MemcacheError): void {
    for (let next = this.ring.next; next !== undefined; next = this.ring.next)
      this.takeBack(next, error);
  }

  /** What nobody waits for any more, and has not left, makes room at once. */
  dropAbandoned(): void {
    for (let next = this.ring.next; next?.abandoned === true; next = this.ring.next)
      this.takeBack(next);
  }

  /** Fails the oldest request that has not left, to make room for others; of how many operations it was. */
  shedOldest(error: MemcacheError): number {
    this.dropAbandoned();
    const { next } = this.ring;
    if (next === undefined || next.own === true) return 0;
    const { operations } = next;
    this.#shed(next, error);
    return operations;
  }

  /** Fails what has been queued for longer than so many milliseconds, to a tick; all of it with one error. */
  shedAged(ms: number, time: QueueTime, makeError: () => MemcacheError): void {
    this.dropAbandoned();
    let error: MemcacheError | undefined;
    for (let due = this.#ages.olderThan(ms, time); due > 0; due--) {
      const { next } = this.ring;
      if (next === undefined || next.own === true) return;
      if (next.abandoned) this.takeBack(next);
      else this.#shed(next, (error ??= makeError()));
    }
  }

  #shed(command: Command, error: MemcacheError): void {
    // Told first: taken back, it stands for nobody any more.
    this.#parts.host.shed(error, command.operations);
    this.takeBack(command, error);
  }
}
