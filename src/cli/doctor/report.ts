import type { Terminal } from '../terminal.ts';
import { percentile } from '../pings.ts';
import { longTime, shortBytes, shortMs } from '../text/numbers.ts';
import { tableLines } from '../text/table.ts';
import { displayWidth } from '../text/width.ts';
import type { ServerFacts } from './facts.ts';
import { countOf } from './facts.ts';
import type { Finding, Severity } from './finding.ts';

const COLOURS = { problem: 'red', warning: 'yellow', note: 'cyan' } as const;
const INDENT = 10;

/** The servers that answered, in a line each. */
export function serverLines(servers: readonly ServerFacts[], terminal: Terminal): string[] {
  const columns = [
    { title: 'server' },
    { title: 'version' },
    { title: 'up', dispensable: 3 },
    { title: 'memory', side: 'right' as const, dispensable: 2 },
    { title: 'p50', side: 'right' as const, dispensable: 1 },
    { title: 'p99', side: 'right' as const, dispensable: 1 },
  ];
  const rows = servers.map(({ name, version, stats, roundTrips }) => [
    name,
    version,
    longTime(countOf(stats, 'uptime')),
    shortBytes(countOf(stats, 'limit_maxbytes')),
    ...[50, 99].map((hundredths) => shortMs(percentile(roundTrips, hundredths) ?? 0)),
  ]);
  return tableLines(columns, rows, terminal.columns, (title) => terminal.paint('bold', title));
}

export function findingLines(finding: Finding, terminal: Terminal): string[] {
  const { severity, check, servers, seen, why, change, costs } = finding;
  const heading = `${terminal.paint([COLOURS[severity], 'bold'], severity)} ${terminal.paint('bold', check)}  ${terminal.paint('dim', servers.join(', '))}`;
  const rows: readonly (readonly [string, string])[] = [
    ['seen', seen],
    ['why', why],
    ['change', change],
    ['costs', costs],
  ];
  const width = Math.max(30, terminal.columns - INDENT);
  const body = rows.flatMap(([name, text]) =>
    wrapped(text, width).map((line, i) => `  ${(i === 0 ? name : '').padEnd(INDENT - 2)}${line}`),
  );
  return ['', heading, ...body];
}

/** Lines no wider than that, broken at blanks. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** `1 problem, 2 warnings and 3 notes`. */
export function verdictOf(findings: readonly Finding[], checks: number): string {
  const count = (severity: Severity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const told = (['problem', 'warning', 'note'] as const).map((severity) => {
    const number = count(severity);
    return `${number} ${severity}${number === 1 ? '' : 's'}`;
  });
  return `${told[0]}, ${told[1]} and ${told[2]} of ${checks} checks`;
}
