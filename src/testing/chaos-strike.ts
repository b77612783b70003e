import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { StreamUnit } from './stream-frames.ts';

/** A place at an item that has data: VALUE or VA in replies, a store in requests. */
export type ValuePlace =
  | 'before'
  | 'header'
  | 'after-header'
  | 'data'
  /** Before the line end that follows the data. */
  | 'after-data'
  | 'after';

/** A place in the stream of one direction of one connection. */
export type ChaosPoint =
  /** Before the byte of this number from now on, 0 the next. */
  | {
      /** So many bytes from now on. */
      readonly byte: number;
    }
  | {
      /** Which part of a value. */
      readonly value: ValuePlace;
      /** At which value from now on. Default: 1, the next. */
      readonly nth?: number;
      /** Bytes into the header or the data. Default: drawn, so that some stand before it and some after. */
      readonly offset?: number;
    };

/** What happens at a point. */
export type PointStrike = {
  /** Where. */
  readonly at: ChaosPoint;
} & (
  | {
      /** RST or FIN. What stands before the point has been delivered. */
      readonly do: 'reset' | 'end';
    }
  | {
      /** What follows comes later. */
      readonly do: 'pause';
      /** By so many milliseconds; with Infinity, not before `clear`. */
      readonly ms: number;
    }
  | {
      /** Another byte in place of the one after the point. */
      readonly do: 'corrupt';
    }
  | {
      /** Bytes that nobody sent. */
      readonly do: 'insert';
      /** Those bytes. */
      readonly bytes: string | Uint8Array;
    }
  | {
      /** What follows is left out. */
      readonly do: 'omit';
      /** So many bytes of it. */
      readonly bytes: number;
    }
);

/** What happens to one item or reply as a whole. */
export type UnitStrike = {
  /** One value or line, or all that answers one request. In the direction of the server both are one request. Default: 'reply'. */
  readonly of?: StreamUnit;
  /** Which of them, from now on. Default: 1, the next. */
  readonly nth?: number;
} & (
  | {
      /** It comes twice, or not at all. */
      readonly do: 'duplicate' | 'drop';
    }
  | {
      /** It comes after the one that follows it. */
      readonly do: 'swap';
    }
  | {
      /** Other bytes come in its place. */
      readonly do: 'rewrite';
      /** Makes them of those that came. */
      readonly as: (bytes: Buffer) => string | Uint8Array;
    }
);

/** Something that happens once, or as often as `times` says (default 1), over all connections it is meant for. */
export type ChaosStrike = (PointStrike | UnitStrike) & {
  /** How often. Default: 1. */
  readonly times?: number;
};

/** A strike that was asked for. */
export interface PendingStrike {
  /** How often it has struck. */
  readonly struck: number;
  /** Resolves when it has struck for the last time; never, where it does not come to that. */
  readonly done: Promise<void>;
  /** It strikes no more. */
  cancel(): void;
}

const DEEDS = new Set([
  ...['reset', 'end', 'pause', 'corrupt', 'insert', 'omit'],
  ...['duplicate', 'drop', 'swap', 'rewrite'],
]);

export function isUnitStrike(strike: ChaosStrike): strike is UnitStrike & ChaosStrike {
  return !('at' in strike);
}

/** What all connections share of one strike. */
export class Strike<S extends ChaosStrike = ChaosStrike> implements PendingStrike {
  readonly what: S;
  readonly done: Promise<void>;
  #left: number;
  #struck = 0;
  #finish: () => void = () => {};

  constructor(what: S) {
    if (!DEEDS.has(what.do)) {
      const allowed = [...DEEDS].join(', ');
      throw new IllegalInputError(
        'ERR_MEMCACHE_OPTION',
        `option 'do': ${kindOf(what.do)} is no strike; allowed are ${allowed}`,
      );
    }
    this.what = what;
    this.#left = what.times ?? 1;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get struck(): number {
    return this.#struck;
  }

  /** Whether it is still to happen. */
  get pending(): boolean {
    return this.#left > 0;
  }

  cancel(): void {
    this.#left = 0;
  }

  /** It happens now. */
  take(): void {
    this.#left--;
    this.#struck++;
    if (this.#left === 0) this.#finish();
  }
}
