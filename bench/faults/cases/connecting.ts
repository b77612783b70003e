import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosStrike } from '../../../src/testing/index.ts';
import { everyOf, type Fault, type FaultCase } from '../fault-case.ts';
import { hold } from './hold.ts';

const HOLD_MS = 600;
const CUTS = 8;
const CUT_MS = 80;
const GREETINGS_STRUCK = 6;

const shut = (how: 'refuse' | 'silent' | 'reset', label: string): Fault[] => {
  const under: Fault = {
    label: `cut, then ${label}`,
    proxied: true,
    async happen({ proxies: [first] }) {
      await first.admit(how);
      first.cut();
      await pause(HOLD_MS);
      await first.heal();
      // Who was let in to be told nothing is never told anything.
      first.cut();
      return 1;
    },
  };
  return [under, { ...under, label: `${label}, at first`, atFirst: true }];
};

const SHUT: readonly Fault[] = [
  ...shut('refuse', 'refused'),
  ...shut('silent', 'accepted and told nothing'),
  ...shut('reset', 'accepted and reset'),
];

const CUTTING: readonly Fault[] = (['reset', 'end'] as const).flatMap((how): Fault[] => [
  {
    label: `all connections ${how === 'reset' ? 'reset' : 'ended'} ${CUTS} times`,
    proxied: true,
    async happen({ proxies: [first] }) {
      for (let i = 0; i < CUTS; i++) {
        first.cut(how);
        await pause(CUT_MS);
      }
      return CUTS;
    },
  },
]);

const flapping = (upMs: number, downMs: number): Fault => ({
  label: `up for ${upMs} ms, away for ${downMs} ms, and so on`,
  proxied: true,
  async happen({ proxies: [first] }) {
    first.flap({ upMs, downMs });
    await pause(2 * HOLD_MS);
    await first.heal();
    return 1;
  },
});

const FLAPPING: readonly Fault[] = [flapping(200, 200), flapping(40, 40), flapping(20, 200)];

/** The first answers of a connection: `VERSION …`, `MN`, settings. Every connection to come is struck. */
const greeted = (label: string, strike: ChaosStrike): Fault => ({
  label: `${label}, at first`,
  proxied: true,
  atFirst: true,
  async happen({ proxies: [first] }) {
    const pending = first.strike({ ...strike, times: GREETINGS_STRUCK });
    await hold(HOLD_MS, () => pending.struck > 0);
    await first.heal();
    first.cut();
    return pending.struck;
  },
});

const GREETINGS: readonly Fault[] = [
  greeted('reset before the first byte', { do: 'reset', at: { byte: 0 } }),
  greeted('ended before the first byte', { do: 'end', at: { byte: 0 } }),
  greeted('reset within the first answer', { do: 'reset', at: { byte: 5 } }),
  greeted('ended within the first answer', { do: 'end', at: { byte: 5 } }),
  greeted('silence within the first answer', { do: 'pause', at: { byte: 5 }, ms: Infinity }),
  greeted('junk before the first answer', { do: 'insert', at: { byte: 0 }, bytes: 'junk\r\n' }),
  greeted('a byte of the first answer changed', { do: 'corrupt', at: { byte: 2 } }),
  greeted('the first answer left out', { do: 'drop' }),
  greeted('the first answer twice', { do: 'duplicate' }),
  greeted('an error in place of the first answer', {
    do: 'rewrite',
    as: () => 'ERROR\r\n',
  }),
  greeted('too many connections, said at once', {
    do: 'rewrite',
    as: () => 'ERROR Too many open connections\r\n',
  }),
];

/** What happens before a connection carries anything, or to all of them at once. */
export const CONNECTING: readonly FaultCase[] = [
  ...everyOf('connecting', SHUT, ['mixed'], ['one', 'fleet']),
  ...everyOf('connecting', SHUT.slice(0, 2), ['mixed'], ['tls', 'stubborn']),
  ...everyOf('connecting', SHUT.slice(2, 4), ['fetch']),
  ...everyOf('connecting', GREETINGS, ['mixed']),
  ...everyOf('cut', CUTTING.slice(0, 1), ['getMany', 'set', 'mixed', 'large', 'incr', 'noreply']),
  ...everyOf('cut', CUTTING.slice(1), ['get', 'mixed', 'large', 'fetch']),
  ...everyOf('cut', CUTTING.slice(0, 1), ['mixed'], ['fleet', 'tls', 'pool', 'quiet', 'classic']),
  ...everyOf('cut', CUTTING.slice(1), ['mixed'], ['fleet', 'tls', 'stubborn']),
  ...everyOf('flapping', FLAPPING, ['mixed'], ['one', 'fleet']),
  ...everyOf('flapping', FLAPPING.slice(1, 2), ['get', 'fetch']),
];
