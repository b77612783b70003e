import type { MemcacheError } from '../errors.ts';
import { OncePerTurn } from '../primitives/once-per-turn.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import type { Sweeper } from '../primitives/ticker.ts';
import type { ReplySlots } from '../protocol/reply.ts';
import { RequestWriter } from '../protocol/request-writer.ts';
import { type ErrorLine, errorFor } from '../protocol/status.ts';
import { Activity } from './activity.ts';
import type { Command } from './command.ts';
import type { ConnectionHost, ConnectionParts } from './connection-host.ts';
import { Deadlines } from './deadlines.ts';
import { isFull } from './flush-limit.ts';
import { momentFor } from './flush-policy.ts';
import { type Bound, InFlight } from './in-flight.ts';
import { Journal } from './journal.ts';
import { Link, type LinkEvents } from './link.ts';
import { LinkMetrics } from './link-metrics.ts';
import { Slots } from './slots.ts';
import { broken, closed, ended, stalled, tooLate, tooLong, unavailable } from './losses.ts';

/** Written commands nobody waits for any more: beyond this many their replies are not worth reading. */
const MAX_TOMBSTONES = 1000;

/** Commands in, replies out, over one link: their ring, their flush, their deadlines. */
export class Connection implements ReplySlots, LinkEvents, Sweeper {
  readonly #parts: ConnectionParts;
  readonly #host: ConnectionHost;
  readonly #server: string;
  readonly #link: Link;
  readonly #inFlight: InFlight;
  readonly #slots: Slots;
  readonly #ring: Slots['ring'];
  readonly #writer = new RequestWriter();
  readonly #turn: OncePerTurn = new OncePerTurn(() => this.#flush());
  /** What the socket has not let go of yet: until then nothing more is handed to it. */
  #leaving: object | undefined;
  readonly #deadlines = new Deadlines();
  readonly #activity = new Activity();
  readonly #drained: (() => void)[] = [];
  #handedOver: MemcacheError | undefined;
  readonly #counts: LinkMetrics;
  readonly #journal: Journal | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#counts = new LinkMetrics(parts.metrics);
    this.#host = parts.host;
    this.#server = parts.address.name;
    this.#inFlight = new InFlight(parts.options.maxInFlight, parts.window, () => this.#resume());
    this.#journal = parts.telling === undefined ? undefined : new Journal(parts.telling);
    this.#slots = new Slots({
      host: parts.host,
      journal: this.#journal,
      inFlight: this.#inFlight,
      left: () => this.#left(),
    });
    this.#ring = this.#slots.ring;
    const { address, options, guarded, telling } = parts;
    this.#link = new Link(address, options, { slots: this, events: this, guarded, telling });
  }

  get head(): Command | undefined {
    return this.#ring.head;
  }

  /** What has been written and is not answered. */
  get inFlight(): Bound {
    return this.#inFlight;
  }

  get connected(): boolean {
    return this.#link.state === 'ready';
  }

  get busy(): boolean {
    return !this.#ring.empty || this.#host.collecting;
  }

  /** Why a new command would be turned away now, before a byte of it is queued. */
  refusal(): MemcacheError | undefined {
    const state = this.#link.state;
    if (state === 'closed' || this.#drained.length > 0) return closed(this.#server);
    return state === 'backoff' ? this.#link.refusal : undefined;
  }

  /** Queues a command; it leaves with the next flush. Call `refusal` first. */
  send(command: Command): void {
    this.#slots.push(command);
    this.#deadlines.note(command);
    this.wake();
  }

  /** Something waits to be sent: a flush is due, or a dial. */
  wake(): void {
    const { state } = this.#link;
    // A flush asked for before the connection was lost helps nobody.
    if (this.#turn.pending && state !== 'idle') return;
    this.#journal?.collects();
    this.#parts.ticker.wake(this);
    if (state === 'idle') this.#link.dial();
    else if (state === 'ready') this.#turn.request(momentFor(this.#parts.options, this.#ring));
  }

  /** Lets the next command dial, although the pause after a failure is not over. */
  endPause(): void {
    this.#link.endPause();
  }

  /** Fails what is not sent and would have to wait for a socket. What was written before it is told first. */
  handOver(error: MemcacheError): void {
    if (this.#link.state === 'ready') return;
    if (this.#ring.head === undefined) this.#failAll(error);
    else this.#handedOver = error;
  }

  /** Fails the oldest request that has not left; of how many operations it was, 0 if there is none. */
  shedOldest(error: MemcacheError): number {
    if (this.#ring.next === undefined) this.#seal();
    return this.#slots.shedOldest(error);
  }

  /** Visits the commands that are not answered yet. */
  forEach(visit: (command: Command) => void): void {
    this.#ring.forEach(visit);
  }

  /** No new commands; resolves when the last one is answered, at the latest after `timeoutMs`. */
  async close(timeoutMs: number, farewell?: 'quit'): Promise<void> {
    this.#seal();
    if (this.busy && this.#link.state !== 'closed') {
      let timer: PatientTimer | undefined;
      await new Promise<void>((settle) => {
        this.#drained.push(settle);
        timer = new PatientTimer(timeoutMs, () => settle());
      });
      timer?.stop();
    }
    // Before the link goes: nobody is to be told that the server ended it, and no read is to be tried again.
    if (this.busy) this.#failAll(closed(this.#server), closed(this.#server, 'maybe'));
    this.#link.close(farewell);
  }

  answered(): void {
    const command = this.#slots.takeWritten(true);
    if (command !== undefined) this.#slots.release(command);
  }

  refused(error: ErrorLine): void {
    const verb = this.#ring.head?.verb ?? '';
    const command = this.#slots.takeWritten(true, () => errorFor(error, verb, this.#server));
    if (command === undefined) return;
    command.refused(error);
    this.#slots.release(command);
  }

  prepare(...waiting: Parameters<LinkEvents['prepare']>): void {
    this.#host.prepare(...waiting);
  }

  ready(version: string): void {
    this.#counts.ready();
    this.#activity.begins(performance.now());
    this.#host.changed('ready', undefined, version);
    // Not at once: what came behind the version in the same read would be taken for the answer to what leaves now.
    if (this.busy) this.wake();
  }

  received(bytes: number): void {
    this.#activity.heard();
    this.#parts.metrics.bytesRead += bytes;
  }

  down(error: MemcacheError | undefined): void {
    const state = this.#link.state;
    this.#leaving = undefined;
    this.#counts.down(error);
    this.#host.changed(state, error);
    this.#slots.failWritten(error ?? ended(this.#server));
    if (this.#handedOver !== undefined) this.#failAll(this.#handedOver);
    else if (state === 'backoff')
      this.#failAll(error?.sent === 'no' ? error : unavailable(this.#server, error));
    else if (this.busy && this.#link.state === 'idle') this.#link.dial();
    this.#handedOver = undefined;
  }

  sweep(now: number, pausedMs: number): void {
    this.#seal();
    // Deadlines lag behind after a pause; what is heard is heard now.
    const clock = now + pausedMs;
    this.#activity.note(clock, pausedMs);
    if (this.#expire(now, clock) > MAX_TOMBSTONES) return this.#link.drop(tooLate(this.#server));
    const { stallTimeoutMs, maxQueueMs } = this.#parts.options;
    if (maxQueueMs > 0)
      this.#slots.shedAged(maxQueueMs, { now, clock }, () => tooLong(this.#server, maxQueueMs));
    const { head } = this.#ring;
    // A peer that answered what it did not read to its end, and reads no more, is as stalled as a silent one.
    const awaits = head !== undefined || this.#leaving !== undefined;
    const stall = this.#activity.stall(clock, stallTimeoutMs, awaits, head);
    if (stall !== undefined) this.#link.drop(stalled(this.#server, stall));
  }

  /** How many written commands nobody waits for. */
  #expire(now: number, clock: number): number {
    const overdue = this.#deadlines.expire(this.#ring, now);
    if (overdue === undefined) return 0;
    const { late, missed, tombstones } = overdue;
    const excused = this.#activity.excused(clock);
    this.#inFlight.missed(excused ? 0 : missed, tombstones);
    this.#slots.dropAbandoned();
    this.#parts.metrics.timeouts += late;
    const silentMs = this.#activity.stalledFor(clock);
    if (late > 0 && !excused) this.#host.late({ silentMs, arriving: this.#link.arriving });
    return tombstones.length;
  }

  /** What is being collected is queued. */
  #seal(): void {
    this.#host.seal();
    this.#journal?.sealed();
  }

  /** There may be room for what was not written for lack of it. */
  #resume(): void {
    if (this.#link.state !== 'ready') return;
    this.#parts.ticker.wake(this);
    this.#turn.request(momentFor(this.#parts.options, this.#ring));
  }

  #flush(): void {
    if (this.#leaving !== undefined || this.#link.state !== 'ready') return;
    this.#seal();
    if (this.#ring.next === undefined) return;
    this.#parts.ticker.wake(this);
    if (this.#ring.head === undefined) {
      const now = performance.now();
      if (this.#activity.silent(now, this.#parts.options.idleProbeMs)) {
        this.#link.probe();
        return;
      }
      this.#activity.begins(now);
    }
    this.#write();
  }

  #write(): void {
    const writer = this.#writer;
    const releases: (() => void)[] = [];
    const tls = this.#parts.options.tls !== false;
    this.#journal?.flushes();
    for (;;) {
      const command = this.#ring.next;
      if (command === undefined || isFull(writer.length, command, tls)) break;
      if (!this.#inFlight.admits(command)) break;
      if (!this.#encode(command, releases)) return;
    }
    if (writer.length === 0) return;
    this.#counts.wrote(writer.length);
    const gathered = writer.take();
    this.#leaving = gathered;
    this.#link.write(gathered, () => {
      writer.recycle(gathered.blocks);
      for (const release of releases) release();
      if (this.#leaving !== gathered) return;
      this.#leaving = undefined;
      if (this.busy) this.#flush();
    });
  }

  /** False when the bytes gathered so far cannot be sent any more. `releases` gains what a written command holds. */
  #encode(command: Command, releases: (() => void)[]): boolean {
    const before = this.#writer.length;
    try {
      if (command.abandoned) this.#slots.takeBack(command);
      else {
        command.write(this.#writer);
        this.#slots.advance(command);
        if (command.release !== undefined) releases.push(command.release);
      }
      return true;
    } catch (error) {
      this.#slots.takeBack(command, error as MemcacheError);
      if (this.#writer.length === before) return true;
      this.#writer.take();
      this.#link.drop(broken(this.#server));
      for (const release of releases) release();
      return false;
    }
  }

  #left(): void {
    if (this.#drained.length > 0 && !this.busy) for (const settle of this.#drained) settle();
  }

  /** Fails everything: what is queued with `unsent`, what was written with `sent`. */
  #failAll(unsent: MemcacheError, sent: MemcacheError = unsent): void {
    this.#seal();
    this.#slots.failWritten(sent);
    this.#slots.failQueued(unsent);
  }
}
