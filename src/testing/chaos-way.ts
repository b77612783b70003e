import type { Socket } from 'node:net';
import type { ChaosConditions } from './chaos-conditions.ts';
import {
  type ChaosStrike,
  isUnitStrike,
  type PointStrike,
  type Strike,
  type UnitStrike,
} from './chaos-strike.ts';
import { type Dice, Pacer, type PacerEvents } from './pacer.ts';
import { PointStrikes } from './point-strikes.ts';
import { REPLIES, REQUESTS, StreamFrames } from './stream-frames.ts';
import { UnitStrikes } from './unit-strikes.ts';

/** Which way bytes go through a chaos proxy. */
export type ChaosDirection = 'toClient' | 'toServer';

export interface WayParts {
  readonly direction: ChaosDirection;
  readonly from: Socket;
  readonly to: Socket;
  readonly bufferBytes: number;
  readonly dice: Dice;
  /** Gets what comes in, as it comes in. */
  readonly record: (chunk: Buffer) => void;
  readonly struck: (name: string, times: number) => void;
  readonly left: (bytes: number) => void;
  /** Both sockets are to be reset. */
  readonly reset: () => void;
}

/**
 * One direction of one connection: frames -> strikes at items and replies -> strikes at points -> conditions. What a
 * strike does is decided by bytes, so that it does not depend on how the kernel cut them.
 */
export class ChaosWay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #record: (chunk: Buffer) => void;
  readonly #frames: StreamFrames;
  readonly #units: UnitStrikes;
  readonly #points: PointStrikes;
  readonly #pacer: Pacer;
  #conditions: ChaosConditions = {};

  constructor(parts: WayParts) {
    const { direction, from, to, dice } = parts;
    this.#from = from;
    this.#to = to;
    this.#record = parts.record;
    this.#frames = new StreamFrames(direction === 'toClient' ? REPLIES : REQUESTS);
    const events: PacerEvents = {
      struck: parts.struck,
      left: parts.left,
      fullness: () => {
        this.#steer();
      },
      finish: (how) => {
        if (how === 'reset') parts.reset();
        else if (from.destroyed) to.destroySoon();
        else to.end();
      },
    };
    this.#pacer = new Pacer(to, parts.bufferBytes, dice, events);
    this.#points = new PointStrikes(dice('points'), this.#pacer);
    this.#units = new UnitStrikes((bytes, dataBytes) => {
      this.#points.pass(bytes, dataBytes);
    });
    this.#listen();
  }

  /** From now on. */
  update(conditions: ChaosConditions): void {
    this.#conditions = conditions;
    this.#pacer.update(conditions);
    this.#steer();
  }

  aim(strike: Strike): void {
    if (isAtUnits(strike)) this.#units.aim(strike);
    else if (isAtPoint(strike)) this.#points.aim(strike);
  }

  /** No strike is to come any more, and what they hold goes on. */
  clear(): void {
    this.#units.clear();
    this.#points.clear();
    this.#release();
    this.#pacer.goOn();
  }

  #listen(): void {
    this.#from.on('data', (chunk: Buffer) => {
      this.#record(chunk);
      this.#read(chunk);
    });
    this.#from.on('end', () => {
      this.#finish('end');
    });
    this.#from.on('error', () => {
      this.#finish('reset');
    });
    this.#to.on('close', () => {
      this.#steer();
    });
  }

  #wantsFrames(): boolean {
    return !this.#units.idle || this.#points.wantsFrames;
  }

  #read(chunk: Buffer): void {
    if (this.#wantsFrames()) {
      for (const frame of this.#frames.read(chunk, true)) this.#units.pass(frame);
      if (!this.#wantsFrames()) this.#release();
      return;
    }
    // Only to know where in the stream it is when a strike comes.
    this.#frames.read(chunk, false);
    this.#points.pass(chunk, -1);
  }

  #release(): void {
    const held = this.#frames.release();
    if (held !== undefined) this.#points.pass(held, -1);
  }

  #finish(how: 'reset' | 'end'): void {
    this.#units.flush();
    this.#release();
    this.#pacer.finish(how);
  }

  /** Reads from the sender or does not. */
  #steer(): void {
    const wanted = this.#conditions.stopReading !== true && !this.#pacer.isFull();
    if (wanted || this.#to.destroyed) this.#from.resume();
    else this.#from.pause();
  }
}

function isAtUnits(strike: Strike): strike is Strike<UnitStrike & ChaosStrike> {
  return isUnitStrike(strike.what);
}

function isAtPoint(strike: Strike): strike is Strike<PointStrike & ChaosStrike> {
  return !isUnitStrike(strike.what);
}
