import { longTime, percent, shortNumber } from '../text/numbers.ts';
import { countOf, hostOf, isLoopback, numberOf } from './facts.ts';
import type { ServerCheck } from './finding.ts';

/** Share of the connections at which there is little left for a restart of the clients. */
const CROWDED = 0.8;
/** Yields that many commands pay for are a share that shows. */
const YIELDING = 0.01;
/** A thread that is busy for so much of its life is the limit of the server. */
const BUSY = 0.7;

const COMMANDS = ['cmd_get', 'cmd_set', 'cmd_touch', 'cmd_meta'];

export const CONNECTION_CHECKS: readonly ServerCheck[] = [
  {
    name: 'reqs-per-event',
    of({ settings, stats }, { volleyKeys }) {
      const limit = numberOf(settings, 'reqs_per_event');
      if (limit === undefined || limit >= volleyKeys) return undefined;
      const yields = countOf(stats, 'conn_yields');
      const commands = COMMANDS.reduce((sum, name) => sum + countOf(stats, name), 0);
      const often = commands > 10_000 && yields / commands > YIELDING;
      return {
        severity: often ? 'warning' : 'note',
        seen: `-R ${limit}; ${shortNumber(yields)} yields in ${shortNumber(commands)} commands`,
        why: `after ${limit} commands of one connection the server answers and turns to others, so that ${volleyKeys} stores or meta commands sent together take ${Math.ceil(volleyKeys / limit)} rounds; a get of many keys counts as one`,
        change: `memcached -R ${volleyKeys}`,
        costs: 'other connections of the same thread wait for up to so many commands',
      };
    },
  },
  {
    name: 'idle-timeout',
    of({ settings, stats }, { idleTimeoutMs }) {
      const seconds = countOf(settings, 'idle_timeout');
      if (seconds === 0 || (idleTimeoutMs > 0 && idleTimeoutMs < seconds * 1000)) return undefined;
      const kicks = countOf(stats, 'idle_kicks');
      return {
        severity: seconds < 60 || kicks > 0 ? 'warning' : 'note',
        seen: `-o idle_timeout=${seconds}; ${shortNumber(kicks)} connections ended for it`,
        why: 'the server ends a quiet connection at a moment when a command may be on its way; the next one has to dial first. TCP keep-alive (keepAliveMs) does not count as traffic',
        change: `memcached -o idle_timeout=0, or option idleTimeoutMs: ${Math.max(500, Math.floor(seconds * 500))}, so that the client ends it first`,
        costs:
          'idle_timeout=0: connections of processes that are gone without a word stay until the kernel notices. idleTimeoutMs: a dial after each quiet time',
      };
    },
  },
  {
    name: 'connections',
    of({ stats, settings }, { processes, connections }) {
      const most = numberOf(stats, 'max_connections') ?? numberOf(settings, 'maxconns');
      const now = countOf(stats, 'curr_connections');
      if (most === undefined) return undefined;
      // Two lanes of each connection, and all anew in a rolling restart.
      const wanted = processes * connections * 2;
      const expected = Math.max(now, wanted);
      if (expected < most * CROWDED) return undefined;
      return {
        severity: expected >= most ? 'problem' : 'warning',
        seen: `${now} connections of at most ${most}; ${processes} process${processes === 1 ? '' : 'es'} may take ${wanted}`,
        why: 'beyond the limit the server turns connections away, in a rolling restart at the latest',
        change: `memcached -c ${2 ** Math.ceil(Math.log2(expected * 2))}`,
        costs: 'some 20 KB for each connection that is used, and as many open files (ulimit -n)',
      };
    },
  },
  {
    name: 'turned-away',
    of({ stats }) {
      const [disabled, rejected] = ['listen_disabled_num', 'rejected_connections'].map((name) =>
        countOf(stats, name),
      );
      const accepting = stats.get('accepting_conns') !== false;
      if (disabled + rejected === 0 && accepting) return undefined;
      return {
        severity: accepting ? 'warning' : 'problem',
        seen: `${shortNumber(rejected)} connections refused, listening stopped ${shortNumber(disabled)} times${accepting ? '' : ', and it takes none now'}`,
        why: 'the limit of connections was reached since the server was started',
        change: 'memcached -c, higher; fewer processes, or option connections lower',
        costs: 'some 20 KB for each connection that is used',
      };
    },
  },
  {
    name: 'threads',
    of({ name, settings, stats }, { cores }) {
      const threads = numberOf(settings, 'num_threads') ?? countOf(stats, 'threads');
      if (threads <= cores || !isLoopback(hostOf(name))) return undefined;
      return {
        severity: 'note',
        seen: `-t ${threads} on ${cores} cores`,
        why: 'threads beyond the cores take turns and lock each other out',
        change: `memcached -t ${cores}`,
        costs: 'nothing',
      };
    },
  },
  {
    name: 'cpu',
    of({ stats, settings }) {
      const uptime = countOf(stats, 'uptime');
      const threads = Math.max(1, numberOf(settings, 'num_threads') ?? countOf(stats, 'threads'));
      const used = countOf(stats, 'rusage_user') + countOf(stats, 'rusage_system');
      const share = uptime < 60 ? 0 : used / uptime / threads;
      if (share < BUSY) return undefined;
      return {
        severity: 'warning',
        seen: `${percent(share)} of ${threads} threads busy over ${longTime(uptime)}`,
        why: 'there is little left for a peak: answers will queue up',
        change: `memcached -t ${threads * 2} where there are cores, else another server`,
        costs: 'cores; another server moves its part of the keys',
      };
    },
  },
];
