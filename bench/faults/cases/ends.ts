import type { ChaosPoint, ChaosTarget } from '../../../src/testing/index.ts';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';
import { hold } from './hold.ts';

const HOLD_MS = 700;
const TIMES = 12;
/** Later than calls may wait, so that what follows comes to tombstones. */
const LATE_MS = 300;

type Direction = NonNullable<ChaosTarget['direction']>;
type How = 'reset' | 'end' | 'pause';

const SAID: Readonly<Record<How, string>> = {
  reset: 'reset',
  end: 'ended',
  pause: 'late from there on',
};

const struckAt = (how: How, place: string, at: ChaosPoint, direction: Direction): Fault => ({
  label: `${SAID[how]} ${place} of ${direction === 'toClient' ? 'an answer' : 'a request'}`,
  proxied: true,
  async happen({ proxies: [first] }) {
    const strike =
      how === 'pause' ? { do: how, at, ms: LATE_MS, times: 2 } : { do: how, at, times: TIMES };
    const pending = first.strike(strike, { direction });
    await hold(HOLD_MS, () => pending.struck > 0);
    first.clear();
    return pending.struck;
  },
});

const VALUE_POINTS: readonly (readonly [string, ChaosPoint])[] = [
  ['before the value', { value: 'before' }],
  ['inside the header', { value: 'header' }],
  ['after the header', { value: 'after-header' }],
  ['inside the value', { value: 'data' }],
  ['before the end of line behind the value', { value: 'after-data' }],
  ['directly after the value', { value: 'after' }],
];
const LINE_POINTS: readonly (readonly [string, ChaosPoint])[] = [
  ['before the first byte', { byte: 0 }],
  ['after the first byte', { byte: 1 }],
  ['after 7 bytes', { byte: 7 }],
];

const faultsAt = (
  hows: readonly How[],
  points: typeof VALUE_POINTS,
  direction: Direction,
): Fault[] =>
  hows.flatMap((how) => points.map(([place, at]) => struckAt(how, place, at, direction)));

const BOTH: readonly How[] = ['reset', 'end'];
const ANSWERS = faultsAt(BOTH, VALUE_POINTS, 'toClient');
const LATE_ANSWERS = faultsAt(['pause'], VALUE_POINTS, 'toClient');
const WORDS = faultsAt(BOTH, LINE_POINTS, 'toClient');
const REQUESTS = faultsAt(BOTH, VALUE_POINTS, 'toServer');

/** Connections that break at a certain byte. */
export const ENDS: readonly FaultCase[] = [
  ...everyOf('broken answers', ANSWERS.slice(0, 6), ['getMany', 'meta']),
  ...everyOf('broken answers', ANSWERS.slice(6), ['get', 'large']),
  ...everyOf(
    'broken answers',
    ANSWERS.slice(3, 4),
    ['mixed'],
    ['fleet', 'pool', 'quiet', 'classic'],
  ),
  ...everyOf('broken answers', WORDS.slice(0, 3), ['set']),
  ...everyOf('broken answers', WORDS.slice(3), ['incr']),
  ...everyOf('broken answers', WORDS.slice(1, 2), ['mixed'], ['tls', 'fleet']),
  ...everyOf('late answers', LATE_ANSWERS, ['get']),
  ...everyOf('late answers', LATE_ANSWERS.slice(3), ['impatient']),
  ...everyOf('broken requests', REQUESTS.slice(0, 6), ['set']),
  ...everyOf('broken requests', REQUESTS.slice(6), ['large']),
  ...everyOf('broken requests', REQUESTS.slice(3, 4), ['noreply', 'meta', 'fetch']),
];
