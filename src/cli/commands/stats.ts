import { setTimeout as pause } from 'node:timers/promises';
import type { Command, Invocation } from '../command.ts';
import { clientOptions, type LoneServer, SERVER_OPTIONS, withLoneServers } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { Chronicle } from '../stats/chronicle.ts';
import { LiveScreen } from '../stats/live-screen.ts';
import { type Look, serverSparks, statsJson, statsPlots, statsTable } from '../stats/stats-view.ts';
import { type Reading, Watch } from '../stats/watch.ts';
import type { Terminal } from '../terminal.ts';
import { clipped } from '../text/width.ts';

export const stats: Command = {
  name: 'stats',
  about: 'what the servers do, live: hit rate, commands, evictions, memory, round trips',
  usage: '',
  words: { least: 0, most: 0 },
  options: {
    ...SERVER_OPTIONS,
    interval: { value: 'SECONDS', help: 'between two looks (default: 1)' },
    once: { help: 'one table over one interval, then end' },
    json: { help: 'one JSON object for each interval instead' },
  },
  details: [
    'All figures are of the last interval; memory, items and connections are as they are now. The round trip is the',
    'median of five `version` to each server, worst the longest of them; of all servers, those of the slowest.',
    'Ctrl-C ends it. Exit code 3, with --once: no server answered.',
  ].join('\n'),
  examples: [
    'memvolley stats --servers a,b,c',
    'memvolley stats --once --interval 5',
    'memvolley stats --json | jq -c .servers[].hitRate',
  ],
  endsOnInterrupt: true,
  async run(invocation) {
    const intervalMs = invocation.given.duration('interval', 100) ?? 1000;
    const options = await clientOptions(invocation);
    return withLoneServers(options, (servers) => watchAll(invocation, servers, intervalMs));
  },
};

type Show = (readings: readonly Reading[]) => void;

async function watchAll(
  { given, terminal }: Invocation,
  servers: readonly LoneServer[],
  intervalMs: number,
): Promise<number> {
  const watch = new Watch(servers);
  const once = given.has('once');
  const screen =
    terminal.isLive && !once && !given.has('json') ? new LiveScreen(terminal) : undefined;
  const show =
    screen === undefined
      ? printer(terminal, given.has('json'))
      : drawer(terminal, screen, intervalMs);
  try {
    let readings = await watch.look();
    if (screen !== undefined) show(readings);
    while (!terminal.interrupt.aborted) {
      if (!(await paused(intervalMs, terminal.interrupt))) break;
      readings = await watch.look();
      show(readings);
      if (once)
        return readings.some(({ rates }) => rates !== undefined) ? EXIT.ok : EXIT.unreachable;
    }
    return EXIT.ok;
  } finally {
    screen?.leave();
  }
}

/** False where Ctrl-C came first. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

function lookOf(terminal: Terminal): Look {
  return {
    width: terminal.columns,
    bold: (text) => terminal.paint('bold', text),
    dim: (text) => terminal.paint('dim', text),
    alarm: (text) => terminal.paint('red', text),
  };
}

/** One table, or object, after the other. */
const printer =
  (terminal: Terminal, json: boolean): Show =>
  (readings) => {
    if (json) terminal.print(statsJson(readings, new Date()));
    else terminal.print(statsTable(readings, lookOf(terminal)).join('\n'));
  };

/** The same place again and again, with plots of what was before. */
function drawer(terminal: Terminal, screen: LiveScreen, intervalMs: number): Show {
  const chronicle = new Chronicle();
  return (readings) => {
    chronicle.add(readings);
    const look = lookOf(terminal);
    const every = intervalMs === 1000 ? 'every second' : `every ${intervalMs / 1000} s`;
    const title = `memvolley stats  ${new Date().toTimeString().slice(0, 8)}  ${every}  Ctrl-C ends`;
    const table = [look.dim(clipped(title, look.width)), '', ...statsTable(readings, look)];
    const plots = statsPlots(chronicle, terminal.rows - table.length, look);
    screen.draw([...table, ...plots, ...serverSparks(chronicle, look)]);
  };
}
