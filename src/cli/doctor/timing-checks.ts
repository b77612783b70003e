import { percentile } from '../pings.ts';
import { longTime, shortMs } from '../text/numbers.ts';
import { countOf } from './facts.ts';
import type { ServerCheck } from './finding.ts';

/** What NTP does not let happen. */
const SKEW_SECONDS = 2;
const YOUNG_SECONDS = 300;
/** A round trip of so much of the timeout leaves no room for a second attempt, nor for a slow moment. */
const MEDIAN_OF_TIMEOUT = 0.1;
const WORST_OF_TIMEOUT = 0.5;

export const TIMING_CHECKS: readonly ServerCheck[] = [
  {
    name: 'clock',
    of({ clockAheadSeconds }) {
      if (Math.abs(clockAheadSeconds) < SKEW_SECONDS) return undefined;
      const direction = clockAheadSeconds > 0 ? 'ahead of' : 'behind';
      return {
        severity: 'warning',
        seen: `its clock is ${longTime(Math.abs(clockAheadSeconds))} ${direction} the one here`,
        why: 'a ttl that is a Date, or over 30 days, is sent as a time: such items end early or late by that much',
        change: 'NTP on both machines (timedatectl set-ntp true)',
        costs: 'nothing',
      };
    },
  },
  {
    name: 'uptime',
    of({ stats }) {
      const uptime = countOf(stats, 'uptime');
      if (uptime >= YOUNG_SECONDS) return undefined;
      return {
        severity: 'note',
        seen: `up for ${longTime(uptime)}`,
        why: 'it was just started: its cache is cold, and what it counts says little yet',
        change: 'nothing; ask again later. If nobody started it, look why it ended',
        costs: 'nothing',
      };
    },
  },
  {
    name: 'latency',
    of({ roundTrips }, { timeoutMs }) {
      const median = percentile(roundTrips, 50);
      const late = percentile(roundTrips, 99);
      if (median === undefined || late === undefined) return undefined;
      const slow = median > timeoutMs * MEDIAN_OF_TIMEOUT;
      const ragged = late > timeoutMs * WORST_OF_TIMEOUT;
      if (!slow && !ragged) return undefined;
      return {
        severity: 'warning',
        seen: `round trips of ${shortMs(median)} in the middle, 1 of 100 over ${shortMs(late)}; timeoutMs is ${timeoutMs}`,
        why: 'calls will time out in moments that are only a little slower',
        change: `option timeoutMs: ${Math.ceil(Math.max(median * 20, late * 4))}, or a server that is nearer`,
        costs: 'callers wait longer for a server that is lost',
      };
    },
  },
];
