import { createClient } from '../../index.ts';
import type { Command, Invocation } from '../command.ts';
import { clientOptions, type LoneServer, SERVER_OPTIONS, withLoneServers } from '../connecting.ts';
import { ALL_CHECKS, examine, type Unreached } from '../doctor/examine.ts';
import type { ClientFacts, ServerFacts } from '../doctor/facts.ts';
import type { Finding } from '../doctor/finding.ts';
import { clientFacts, gather } from '../doctor/gather.ts';
import { findingLines, serverLines, verdictOf } from '../doctor/report.ts';
import { EXIT } from '../exit-codes.ts';

/** And whether a server can be reached. */
const CHECKS = ALL_CHECKS.length + 1;

export const doctor: Command = {
  name: 'doctor',
  about: 'looks for settings that will hurt, and says what to change and what that costs',
  usage: '',
  words: { least: 0, most: 0 },
  options: {
    ...SERVER_OPTIONS,
    processes: { value: 'N', help: 'processes that use the servers (default: 1)' },
    quiet: { help: 'problems and warnings only' },
    json: { help: 'one JSON object' },
  },
  details: [
    'Reads version, stats, stats settings, items and slabs of each server, makes 100 round trips, and looks at them',
    'beside the options of the client. Changes nothing. Exit code 1: there are warnings or problems.',
  ].join('\n'),
  examples: [
    'memvolley doctor --servers a,b,c --processes 40',
    'memvolley doctor --json | jq .findings',
  ],
  async run(invocation) {
    const processes = invocation.given.whole('processes', 1) ?? 1;
    const options = await clientOptions(invocation);
    const { given, terminal } = invocation;
    const client = createClient(options);
    const config = client.config();
    await client.close({ timeoutMs: 0 });
    return withLoneServers(options, (servers) => {
      const names = servers.map(({ name }) => name);
      return look({ given, terminal }, servers, clientFacts(config, names, processes));
    });
  },
};

async function look(
  invocation: Invocation,
  servers: readonly LoneServer[],
  client: ClientFacts,
): Promise<number> {
  const { reached, unreached } = await gather(servers);
  const all = examine(reached, unreached, client);
  const bad = all.filter(({ severity }) => severity !== 'note');
  const findings = invocation.given.has('quiet') ? bad : all;
  if (invocation.given.has('json')) invocation.terminal.print(jsonOf(reached, unreached, findings));
  else show(invocation, reached, findings);
  if (reached.length === 0) return EXIT.unreachable;
  return bad.length === 0 ? EXIT.ok : EXIT.no;
}

function jsonOf(
  reached: readonly ServerFacts[],
  unreached: readonly Unreached[],
  findings: readonly Finding[],
): string {
  const servers = [
    ...reached.map(({ name, version }) => ({ name, version })),
    ...unreached.map(({ name, reason }) => ({ name, error: reason })),
  ];
  return JSON.stringify({ checks: CHECKS, servers, findings });
}

function show(
  { terminal }: Invocation,
  reached: readonly ServerFacts[],
  findings: readonly Finding[],
): void {
  const lines = [
    ...(reached.length === 0 ? [] : serverLines(reached, terminal)),
    ...findings.flatMap((finding) => findingLines(finding, terminal)),
    '',
    verdictOf(findings, CHECKS),
  ];
  terminal.print(lines.join('\n'));
}
