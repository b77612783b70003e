import { setTimeout as pause } from 'node:timers/promises';
import type { Command, Invocation } from '../command.ts';
import { clientOptions, type LoneServer, SERVER_OPTIONS, withLoneServers } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { type PingResult, pingServer, summaryOf } from '../pings.ts';
import { shortMs } from '../text/numbers.ts';
import { tableLines } from '../text/table.ts';

export const ping: Command = {
  name: 'ping',
  about: 'round trips to each server',
  usage: '',
  words: { least: 0, most: 0 },
  options: {
    ...SERVER_OPTIONS,
    count: { value: 'N', help: 'how many round trips to each (default: 100)' },
    interval: { value: 'SECONDS', help: 'pause between two (default: 10ms)' },
    json: { help: 'one JSON object a line, milliseconds' },
  },
  details: [
    'A round trip is a `version` alone on its connection, over everything this client does. Exit code 3: a server did',
    'not answer.',
  ].join('\n'),
  examples: ['memvolley ping --servers a,b --count 1000', 'memvolley ping --json'],
  async run(invocation) {
    const options = await clientOptions(invocation);
    return withLoneServers(options, (servers) => pingAll(invocation, servers));
  },
};

async function pingAll(
  { given, terminal }: Invocation,
  servers: readonly LoneServer[],
): Promise<number> {
  const count = given.whole('count', 1, 1_000_000) ?? 100;
  const intervalMs = given.duration('interval', 0) ?? 10;
  const results = await Promise.all(
    servers.map(async ({ name, client }) => ({
      name,
      ...(await pingServer(client, count, () => pause(intervalMs))),
    })),
  );
  if (given.has('json')) {
    for (const { name, ...result } of results) {
      terminal.print(JSON.stringify({ server: name, ...summaryOf(result) }));
    }
  } else showTable(terminal, results);
  for (const { name, error } of results) {
    if (error !== undefined) terminal.complain(`${name}: ${error}`);
  }
  return results.every(({ error }) => error === undefined) ? EXIT.ok : EXIT.unreachable;
}

type NamedResult = PingResult & { readonly name: string };

function showTable(terminal: Invocation['terminal'], results: readonly NamedResult[]): void {
  const numbers = ['answers', 'min', 'p50', 'p90', 'p99', 'max'];
  const columns = [
    { title: 'server' },
    ...numbers.map((title) => ({
      title,
      side: 'right' as const,
      dispensable: ['p90', 'min'].includes(title) ? 1 : 0,
    })),
  ];
  const rows = results.map(({ name, ...result }) => {
    const { answers, sent, minMs, p50Ms, p90Ms, p99Ms, maxMs } = summaryOf(result);
    const times = [minMs, p50Ms, p90Ms, p99Ms, maxMs].map((ms) =>
      ms === undefined ? '-' : shortMs(ms),
    );
    return [name, `${answers}/${sent}`, ...times];
  });
  const lines = tableLines(columns, rows, terminal.columns, (title) =>
    terminal.paint('bold', title),
  );
  terminal.print(lines.join('\n'));
}
