import type { Chance } from './chance.ts';
import type { ChaosPoint, PointStrike, Strike } from './chaos-strike.ts';

/** What a strike can do to the rest of the way. */
export interface Downstream {
  send(bytes: Buffer): void;
  pause(ms: number): void;
  /** After what was sent before. */
  finish(how: 'reset' | 'end'): void;
}

/** One strike on one connection. */
interface Aim {
  readonly strike: Strike<PointStrike>;
  /** Where in the stream, in bytes since it began; undefined until the value is known that it is meant for. */
  offset: number | undefined;
  /** How many values are yet to come. */
  toGo: number;
}

const TERMINATOR_BYTES = 2;

/** Finds the points of a stream at which something is to happen, and does it. */
export class PointStrikes {
  readonly #chance: Chance;
  readonly #onward: Downstream;
  #aims: Aim[] = [];
  /** Bytes that passed. */
  #offset = 0;
  #toOmit = 0;
  #finished = false;

  constructor(chance: Chance, onward: Downstream) {
    this.#chance = chance;
    this.#onward = onward;
  }

  /** Whether it has to be told where values are. */
  get wantsFrames(): boolean {
    return this.#aims.some(({ offset, strike }) => offset === undefined && strike.pending);
  }

  aim(strike: Strike<PointStrike>): void {
    const { at } = strike.what;
    if ('byte' in at) this.#aims.push({ strike, offset: this.#offset + at.byte, toGo: 0 });
    else this.#aims.push({ strike, offset: undefined, toGo: at.nth ?? 1 });
  }

  clear(): void {
    this.#aims = [];
  }

  /** `dataBytes`: these are a whole header and so many bytes of data follow; else -1. */
  pass(bytes: Buffer, dataBytes: number): void {
    if (this.#finished) return;
    if (dataBytes >= 0) this.#meet(bytes.length, dataBytes);
    let rest = bytes;
    for (;;) {
      const aim = this.#nextWithin(rest.length);
      if (aim?.offset === undefined) break;
      const before = aim.offset - this.#offset;
      this.#send(rest.subarray(0, before));
      const onward = this.#strike(aim, rest.subarray(before));
      if (onward === undefined) return;
      rest = onward;
    }
    this.#send(rest);
  }

  /** A value begins: the strikes that are meant for it learn where their points are. */
  #meet(headerBytes: number, dataBytes: number): void {
    for (const aim of this.#aims) {
      const { at } = aim.strike.what;
      if ('byte' in at || aim.offset !== undefined) continue;
      aim.toGo--;
      if (aim.toGo <= 0) aim.offset = this.#offset + this.#place(at, headerBytes, dataBytes);
    }
  }

  /** Bytes from the beginning of the header. */
  #place(
    at: Extract<ChaosPoint, { value: unknown }>,
    headerBytes: number,
    dataBytes: number,
  ): number {
    switch (at.value) {
      case 'before':
        return 0;
      case 'header':
        return at.offset ?? this.#chance.between(1, headerBytes - 1);
      case 'after-header':
        return headerBytes;
      case 'data':
        return headerBytes + (at.offset ?? this.#chance.between(1, Math.max(1, dataBytes - 1)));
      case 'after-data':
        return headerBytes + dataBytes;
      case 'after':
        return headerBytes + dataBytes + TERMINATOR_BYTES;
      default:
        return 0;
    }
  }

  /** What happens to a byte needs that byte; all else happens as soon as the bytes before the point have passed. */
  #nextWithin(length: number): Aim | undefined {
    if (this.#aims.length === 0) return undefined;
    this.#aims = this.#aims.filter(({ strike }) => strike.pending);
    const end = this.#offset + length;
    let next: Aim | undefined;
    for (const aim of this.#aims) {
      if (aim.offset === undefined || aim.offset > end) continue;
      const { do: deed } = aim.strike.what;
      if (aim.offset === end && (deed === 'corrupt' || deed === 'omit')) continue;
      if (next?.offset === undefined || aim.offset < next.offset) next = aim;
    }
    return next;
  }

  /** `rest` begins at the point; answers what of it is still to pass, or undefined when nothing is to pass any more. */
  #strike(aim: Aim, rest: Buffer): Buffer | undefined {
    const { strike } = aim;
    const { what } = strike;
    strike.take();
    this.#aimAgain(aim);
    switch (what.do) {
      case 'reset':
      case 'end':
        this.#finished = true;
        this.#onward.finish(what.do);
        return undefined;
      case 'pause':
        this.#onward.pause(what.ms);
        return rest;
      case 'insert':
        this.#onward.send(Buffer.from(what.bytes));
        return rest;
      case 'omit':
        this.#toOmit += what.bytes;
        return rest;
      case 'corrupt': {
        const changed = Buffer.from(rest);
        changed[0] ^= this.#chance.between(1, 255);
        return changed;
      }
      default:
        return rest;
    }
  }

  #aimAgain(aim: Aim): void {
    const { at } = aim.strike.what;
    // Twice at one point would be twice without end.
    if ('byte' in at) aim.offset = (aim.offset ?? 0) + Math.max(1, at.byte);
    else {
      aim.offset = undefined;
      aim.toGo = at.nth ?? 1;
    }
  }

  #send(bytes: Buffer): void {
    this.#offset += bytes.length;
    const omitted = Math.min(this.#toOmit, bytes.length);
    this.#toOmit -= omitted;
    if (omitted < bytes.length) this.#onward.send(bytes.subarray(omitted));
  }
}
