import { latin1 } from '../primitives/bytes.ts';

/** What a meta answer says of an item beside its bytes. A number is NaN where the answer does not tell it. */
export interface ItemFacts {
  /** Bytes of the value as it is stored. */
  readonly size: number;
  /** Whole seconds it has left, -1 for no end. */
  readonly ttl: number;
  /** Seconds since it was last asked for. */
  readonly idle: number;
  /** 1 if it had been asked for before, else 0. */
  readonly hit: number;
  /** `W`: whoever gets this answer is the one to make the value anew. */
  readonly won: boolean;
  /** `X`: the value is marked stale. */
  readonly stale: boolean;
  /** `Z`: another caller has won before. */
  readonly lost: boolean;
  /** What the request carried to tell its answer apart, or ''. */
  readonly opaque: string;
  /** Whether the answer tells the item's client flags. */
  readonly flagged: boolean;
  /** Whether the answer holds the item's bytes. */
  readonly valued: boolean;
}

const SPACE = 0x20;
const CR = 0x0d;
const MINUS = 0x2d;
const ZERO = 0x30;
const LETTER = {
  c: 0x63,
  f: 0x66,
  h: 0x68,
  k: 0x6b,
  l: 0x6c,
  s: 0x73,
  t: 0x74,
  O: 0x4f,
  W: 0x57,
  X: 0x58,
  Z: 0x5a,
} as const;

/** The flags of one meta answer: ` <letter><token>` any number of times. It is used again for the next one. */
export class MetaFlags implements ItemFacts {
  /** The item's client flags. */
  flags = 0;
  /** The decimal cas token, or ''. */
  cas = '';
  /** Where the key stands; nowhere if both are 0. */
  keyStart = 0;
  keyEnd = 0;
  opaque = '';
  size: number = Number.NaN;
  ttl: number = Number.NaN;
  idle: number = Number.NaN;
  hit: number = Number.NaN;
  won = false;
  stale = false;
  lost = false;
  flagged = false;
  readonly valued: boolean;

  constructor(valued = true) {
    this.valued = valued;
  }

  /**
   * Reads the flags from `at` up to the carriage return, or to `end`; `whole` says that the line ends there, otherwise
   * it has not arrived whole. Answers where it stopped, or -1 for what should be a number and is none. Letters of no
   * interest are passed over.
   */
  read(bytes: Buffer, at: number, end: number, whole = false): number {
    this.#reset();
    while (at < end && bytes[at] === SPACE) {
      const start = at + 1;
      at = start;
      while (at < end && bytes[at] > SPACE) at++;
      // What stands at the end of a part of a line may go on.
      if ((whole || at < end) && at > start && !this.#take(bytes, start, at)) return -1;
    }
    return at < end && bytes[at] !== CR ? -1 : at;
  }

  #reset(): void {
    this.flags = 0;
    this.cas = '';
    this.keyStart = 0;
    this.keyEnd = 0;
    this.opaque = '';
    this.size = Number.NaN;
    this.ttl = Number.NaN;
    this.idle = Number.NaN;
    this.hit = Number.NaN;
    this.won = false;
    this.stale = false;
    this.lost = false;
    this.flagged = false;
  }

  /** False when a number is none. */
  #take(bytes: Buffer, start: number, stop: number): boolean {
    const token = start + 1;
    switch (bytes[start]) {
      case LETTER.k:
        this.keyStart = token;
        this.keyEnd = stop;
        return true;
      case LETTER.f:
        this.flagged = true;
        return !Number.isNaN((this.flags = natural(bytes, token, stop)));
      case LETTER.c:
        this.cas = latin1(bytes, token, stop);
        return !Number.isNaN(natural(bytes, token, stop));
      case LETTER.s:
        return !Number.isNaN((this.size = natural(bytes, token, stop)));
      case LETTER.t:
        return !Number.isNaN((this.ttl = signed(bytes, token, stop)));
      case LETTER.l:
        return !Number.isNaN((this.idle = natural(bytes, token, stop)));
      case LETTER.h:
        return !Number.isNaN((this.hit = natural(bytes, token, stop)));
      default:
        this.#mark(bytes, start, stop);
        return true;
    }
  }

  #mark(bytes: Buffer, start: number, stop: number): void {
    switch (bytes[start]) {
      case LETTER.O:
        this.opaque = latin1(bytes, start + 1, stop);
        return;
      case LETTER.W:
        this.won = true;
        return;
      case LETTER.X:
        this.stale = true;
        return;
      case LETTER.Z:
        this.lost = true;
        return;
      default:
    }
  }
}

/** A decimal number that fills `start`..`end`; NaN for anything else. */
function natural(bytes: Buffer, start: number, end: number): number {
  if (start === end) return Number.NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function signed(bytes: Buffer, start: number, end: number): number {
  return bytes[start] === MINUS ? -natural(bytes, start + 1, end) : natural(bytes, start, end);
}
