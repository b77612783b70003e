import type { Socket } from 'node:net';
import { Bottleneck } from './bottleneck.ts';
import type { Chance } from './chance.ts';
import type { ChaosConditions } from './chaos-conditions.ts';
import type { Downstream } from './point-strikes.ts';
import { Splitter } from './splitter.ts';

/** What waits for its time, in the order in which it leaves. */
type Entry =
  | { bytes: Buffer; readonly due: number }
  | { readonly pauseMs: number }
  | { readonly finish: 'reset' | 'end' };

/** What the pacer tells its connection. */
export interface PacerEvents {
  /** A fault struck, so many times. */
  readonly struck: (name: string, times: number) => void;
  readonly left: (bytes: number) => void;
  /** It holds more than it should, or no longer does. */
  readonly fullness: () => void;
  readonly finish: (how: 'reset' | 'end') => void;
}

/** Dice of one direction of one connection, one sequence for each name. */
export type Dice = (name: string) => Chance;

/** What was delivered just before a reset has been read by then. */
const READ_MS = 2;
/** A slow link lets bytes through in portions of about so many milliseconds. */
const PORTION_MS = 5;
const MOST_PORTION_BYTES = 65_536;

/** Lets bytes go to a socket when and in which pieces its conditions say. */
export class Pacer implements Downstream {
  readonly #to: Socket;
  readonly #events: PacerEvents;
  readonly #dice: Dice;
  readonly #delays: Chance;
  readonly #limit: number;
  #conditions: ChaosConditions = {};
  #splitter: Splitter | undefined;
  #link: Bottleneck | undefined;
  /** Bytes until the next one that is changed. */
  #sound = Infinity;
  #queue: Entry[] = [];
  #queuedBytes = 0;
  #lastDue = 0;
  #waiting = false;
  /** Until `clear`. */
  #halted = false;
  /** Nothing has left since it began to wait for the last bytes to be read. */
  #rested = false;

  constructor(to: Socket, limit: number, dice: Dice, events: PacerEvents) {
    this.#to = to;
    this.#limit = limit;
    this.#dice = dice;
    this.#delays = dice('delay');
    this.#events = events;
    to.on('drain', () => {
      this.#run();
    });
    to.on('close', () => {
      this.#drop();
    });
  }

  /** Whether it holds more than it should. */
  isFull(): boolean {
    return this.#queuedBytes > this.#limit;
  }

  update(conditions: ChaosConditions): void {
    const { split, bytesPerSecond, corrupt = 0 } = conditions;
    const before = this.#conditions;
    this.#conditions = conditions;
    if (split !== before.split) {
      this.#splitter = split === undefined ? undefined : new Splitter(split, this.#dice('split'));
    }
    if (bytesPerSecond !== before.bytesPerSecond) {
      this.#link =
        typeof bytesPerSecond === 'number' ? new Bottleneck(bytesPerSecond) : bytesPerSecond;
    }
    if (corrupt !== (before.corrupt ?? 0)) {
      this.#sound = corrupt > 0 ? this.#dice('corrupt').gap(corrupt) : Infinity;
    }
    this.#run();
  }

  /** A pause that is under way is over. */
  goOn(): void {
    this.#halted = false;
    this.#run();
  }

  send(given: Buffer): void {
    if (given.length === 0 || this.#to.destroyed) return;
    if (this.#conditions.blackhole === true) {
      this.#events.struck('blackhole', given.length);
      return;
    }
    const bytes = this.#corrupted(given);
    this.#queuedBytes += bytes.length;
    const portion = this.#portion(bytes.length);
    const delayMs = this.#delay();
    for (let at = 0; at < bytes.length; at += portion) {
      const piece = bytes.subarray(at, at + portion);
      const through = this.#link?.admit(piece.length) ?? performance.now();
      this.#lastDue = Math.max(this.#lastDue, through + delayMs);
      this.#queue.push({ bytes: piece, due: this.#lastDue });
    }
    this.#run();
    if (this.isFull()) this.#events.fullness();
  }

  pause(pauseMs: number): void {
    this.#queue.push({ pauseMs });
    this.#run();
  }

  finish(how: 'reset' | 'end'): void {
    this.#queue.push({ finish: how });
    this.#run();
  }

  #portion(length: number): number {
    if (this.#link === undefined) return length;
    const portion = Math.ceil((this.#link.bytesPerSecond * PORTION_MS) / 1000);
    this.#events.struck('bytesPerSecond', 1);
    return Math.min(portion, MOST_PORTION_BYTES);
  }

  #delay(): number {
    const { delayMs } = this.#conditions;
    if (delayMs === undefined) return 0;
    this.#events.struck('delayMs', 1);
    if (typeof delayMs === 'number') return delayMs;
    const [least, most] = delayMs;
    return least + this.#delays.next() * (most - least);
  }

  #corrupted(bytes: Buffer): Buffer {
    if (this.#sound >= bytes.length) {
      this.#sound -= bytes.length;
      return bytes;
    }
    const changed = Buffer.from(bytes);
    const dice = this.#dice('corrupt');
    let at = this.#sound;
    for (; at < changed.length; at += 1 + dice.gap(this.#conditions.corrupt ?? 0)) {
      changed[at] ^= dice.between(1, 255);
      this.#events.struck('corrupt', 1);
    }
    this.#sound = at - changed.length;
    return changed;
  }

  get #held(): boolean {
    const { freeze, blackhole } = this.#conditions;
    const [head] = this.#queue as (Entry | undefined)[];
    if (head === undefined || this.#waiting || this.#halted) return true;
    return freeze === true || (blackhole === true && 'finish' in head);
  }

  #run(): void {
    while (!this.#held) {
      const [head] = this.#queue;
      if ('bytes' in head) {
        if (!this.#write(head)) return;
      } else if ('pauseMs' in head) {
        this.#queue.shift();
        if (head.pauseMs === Infinity) this.#halted = true;
        else this.#wait(head.pauseMs);
      } else if (this.#mayFinish(head.finish)) {
        this.#queue = [];
        this.#events.finish(head.finish);
      }
    }
  }

  /** Writes as much of it as may leave in one piece; false when it has to wait for the socket. */
  #write(head: { bytes: Buffer; readonly due: number }): boolean {
    const early = head.due - performance.now();
    if (early > 0) {
      this.#wait(early);
      return true;
    }
    if (this.#to.writableNeedDrain) return false;
    const piece = head.bytes.subarray(0, this.#splitter?.room);
    head.bytes = head.bytes.subarray(piece.length);
    if (head.bytes.length === 0) this.#queue.shift();
    const wasFull = this.isFull();
    this.#queuedBytes -= piece.length;
    this.#rested = false;
    this.#to.write(piece);
    this.#events.left(piece.length);
    if (wasFull && !this.isFull()) this.#events.fullness();
    if (this.#splitter?.pass(piece.length) === true) {
      this.#events.struck('split', 1);
      this.#wait(this.#splitter.gapMs);
    }
    return true;
  }

  /** A reset takes away what the other side has not read yet. */
  #mayFinish(how: 'reset' | 'end'): boolean {
    if (how === 'end' || (this.#rested && this.#to.writableLength === 0)) return true;
    this.#rested = true;
    this.#wait(READ_MS);
    return false;
  }

  /** The socket of a client of this process is polled at least once meanwhile, however late the timer is. */
  #wait(ms: number): void {
    this.#waiting = true;
    const goOn = (): void => {
      this.#waiting = false;
      this.#run();
    };
    const soon = (): unknown => setImmediate(goOn);
    if (ms === 0) setImmediate(soon);
    else setTimeout(soon, Math.ceil(ms)).unref();
  }

  #drop(): void {
    const wasFull = this.isFull();
    this.#queue = [];
    this.#queuedBytes = 0;
    if (wasFull) this.#events.fullness();
  }
}
