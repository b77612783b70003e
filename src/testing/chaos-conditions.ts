import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { Bottleneck } from './bottleneck.ts';
import type { Split } from './splitter.ts';

/** What lasts until it is ended. A field that is absent changes nothing, `undefined` ends what it names. */
export interface ChaosConditions {
  /** Milliseconds by which each chunk is late, or the least and the most of them. The order is kept. */
  readonly delayMs?: number | readonly [number, number] | undefined;
  /** Chunks are parted and arrive in pieces. */
  readonly split?: Split | undefined;
  /** A number: so much for each connection. A `Bottleneck`: so much for all that are given it. */
  readonly bytesPerSecond?: number | Bottleneck | undefined;
  /** Nothing passes and nothing is lost; an end does not pass either. */
  readonly freeze?: boolean | undefined;
  /** The sender is not read from: its buffers fill up, as behind a window of zero. */
  readonly stopReading?: boolean | undefined;
  /** Bytes vanish, and an end waits until this is over. */
  readonly blackhole?: boolean | undefined;
  /** With which probability each byte is changed. */
  readonly corrupt?: number | undefined;
}

interface Rule {
  readonly allowed: string;
  fits(value: unknown): boolean;
}

const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;
const FLAG: Rule = { allowed: 'a boolean', fits: (value) => typeof value === 'boolean' };

function isSplit(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { every, upTo, at, gapMs = 0 } = value as Record<string, unknown>;
  return isAmount(gapMs) && (isCount(every) || isCount(upTo) || Array.isArray(at));
}

const RULES: Readonly<Record<keyof ChaosConditions, Rule>> = {
  delayMs: {
    allowed: 'milliseconds, or the least and the most of them',
    fits: (value) => isAmount(value) || (Array.isArray(value) && value.every(isAmount)),
  },
  split: { allowed: '{ every }, { upTo } or { at }, each with gapMs or without', fits: isSplit },
  bytesPerSecond: {
    allowed: 'a positive number or a Bottleneck',
    fits: (value) => value instanceof Bottleneck || (isAmount(value) && Number(value) > 0),
  },
  freeze: FLAG,
  stopReading: FLAG,
  blackhole: FLAG,
  corrupt: {
    allowed: 'a number from 0 to 1',
    fits: (value) => isAmount(value) && Number(value) <= 1,
  },
};

/** A name written wrong would be a fault that never comes, and a test that cannot fail. */
export function checkConditions(conditions: ChaosConditions): void {
  for (const [name, value] of Object.entries(conditions)) {
    const rule = (RULES as Record<string, Rule | undefined>)[name];
    if (rule === undefined) {
      throw illegal(name, `is no condition; allowed are ${Object.keys(RULES).join(', ')}`);
    }
    if (value !== undefined && !rule.fits(value)) {
      throw illegal(name, `${kindOf(value)} is not allowed; allowed is ${rule.allowed}`);
    }
  }
}

function illegal(name: string, problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option '${name}': ${problem}`);
}
