import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosConditions, ChaosTarget } from '../../../src/testing/index.ts';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';
import { hold } from './hold.ts';

const HOLD_MS = 800;
/** Longer than a call may take. */
const FROZEN_MS = 600;
const LOOKS = 10;

type Direction = NonNullable<ChaosTarget['direction']>;

const WAY: Readonly<Record<Direction, string>> = {
  toClient: 'answers',
  toServer: 'requests',
  both: 'both ways',
};

/** A state of the network that ends by itself: what was held goes on. */
const condition = (
  label: string,
  conditions: ChaosConditions,
  direction: Direction = 'toClient',
  ms: number = HOLD_MS,
): Fault => ({
  label: `${label}, ${WAY[direction]}`,
  proxied: true,
  async happen(stage) {
    const [first] = stage.proxies;
    const before = stage.struck;
    first.set(conditions, { direction });
    await hold(ms, () => stage.struck > before);
    first.clear();
  },
});

/** As `condition`, but nothing passes: that is what is looked at to see whether it struck. */
const standing = (label: string, conditions: ChaosConditions, direction: Direction): Fault => ({
  label: `${label}, ${WAY[direction]}`,
  proxied: true,
  async happen({ proxies: [first] }) {
    const passed = (): number => {
      const { toClientBytes, toServerBytes } = first.counters;
      return (
        (direction === 'toServer' ? 0 : toClientBytes) +
        (direction === 'toClient' ? 0 : toServerBytes)
      );
    };
    first.set(conditions, { direction });
    await pause(FROZEN_MS / 2);
    let stoodStill = false;
    // On a busy machine what is under way may take its time.
    for (let looks = 0; looks < LOOKS && !stoodStill; looks++) {
      const before = passed();
      await pause(FROZEN_MS / 2);
      stoodStill = passed() === before;
    }
    first.clear();
    return stoodStill ? 1 : 0;
  },
});

/** Bytes are gone for good: after it connections can only be given up. */
const vanishing = (direction: Direction): Fault => ({
  label: `black hole, ${WAY[direction]}`,
  proxied: true,
  async happen({ proxies: [first] }) {
    first.set({ blackhole: true }, { direction });
    await pause(FROZEN_MS);
    first.clear();
    first.cut();
  },
});

const SPLITS: readonly Fault[] = [
  condition('every byte by itself', { split: { every: 1 } }),
  condition('every 7 bytes by themselves', { split: { every: 7 } }),
  condition('pieces of 1 to 100 bytes', { split: { upTo: 100 } }),
  condition('every byte by itself', { split: { every: 1 } }, 'toServer'),
  condition('pieces of 1 to 100 bytes', { split: { upTo: 100 } }, 'both'),
];

const SLOW: readonly Fault[] = [
  condition('30 ms late', { delayMs: 30 }),
  condition('0 to 60 ms late', { delayMs: [0, 60] }, 'both'),
  condition('about as late as calls may take', { delayMs: [100, 400] }),
  condition('a byte each 20 ms', { split: { every: 1, gapMs: 20 } }, 'toClient', FROZEN_MS),
  condition('100 KB/s', { bytesPerSecond: 100_000 }),
  condition('100 KB/s', { bytesPerSecond: 100_000 }, 'toServer'),
];

const STANDING: readonly Fault[] = [
  standing('frozen', { freeze: true }, 'toClient'),
  standing('frozen', { freeze: true }, 'toServer'),
  standing('frozen', { freeze: true }, 'both'),
  standing('nobody reads', { stopReading: true }, 'toClient'),
  standing('nobody reads', { stopReading: true }, 'toServer'),
  vanishing('toClient'),
  vanishing('toServer'),
  vanishing('both'),
];

/** What a network does without breaking a connection. */
export const NETWORK: readonly FaultCase[] = [
  ...everyOf('split', SPLITS, ['getMany', 'meta']),
  ...everyOf('split', SPLITS.slice(2, 3), ['large', 'fetch', 'noreply'], ['one', 'tls']),
  ...everyOf('slow', SLOW, ['mixed']),
  ...everyOf('slow', SLOW.slice(4), ['large']),
  ...everyOf('slow', SLOW.slice(1, 3), ['impatient']),
  ...everyOf('slow', SLOW.slice(1, 3), ['mixed'], ['fleet', 'tls', 'pool']),
  ...everyOf('standing still', STANDING, ['mixed']),
  ...everyOf('standing still', STANDING.slice(2, 5), ['large']),
  ...everyOf('standing still', STANDING.slice(4), ['mixed'], ['fleet']),
  ...everyOf('standing still', STANDING.slice(2, 3), [
    'set',
    'incr',
    'noreply',
    'fetch',
    'impatient',
  ]),
];
