import { inspect } from 'node:util';
import type { Command, Invocation } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { harmless } from '../text/width.ts';

export const get: Command = {
  name: 'get',
  about: 'read values',
  usage: 'KEY...',
  words: { least: 1, most: Infinity },
  options: {
    ...SERVER_OPTIONS,
    json: { help: 'one JSON object a line: key, value; bytes as base64' },
  },
  details: [
    'One value that goes to a file or a pipe is written as it is: text and bytes without a line end, anything else as',
    'JSON. A terminal is shown what the value is. Several values are one line each. Exit code 1: not all were there.',
  ].join('\n'),
  examples: [
    'memvolley get user:1',
    'memvolley get logo.png > logo.png',
    'memvolley get a b c --json | jq .value',
  ],
  run: (invocation) =>
    withClient(invocation, async (client) => {
      const keys = invocation.given.words;
      const found = await client.getMany(keys);
      for (const key of keys) {
        if (found.has(key)) show(invocation, key, found.get(key));
        else invocation.terminal.complain(`nothing is stored under '${harmless(key)}'`);
      }
      return keys.every((key) => found.has(key)) ? EXIT.ok : EXIT.no;
    }),
};

function show({ given, terminal }: Invocation, key: string, value: unknown): void {
  const isOnlyOne = given.words.length === 1;
  if (given.has('json') || (!isOnlyOne && !terminal.isLive)) terminal.print(asJson(key, value));
  else if (!isOnlyOne) terminal.print(`${harmless(key)}  ${shown(terminal, value)}`);
  else if (terminal.isLive) showToPeople(terminal, value);
  else terminal.write(asBytes(value));
}

function showToPeople(terminal: Terminal, value: unknown): void {
  terminal.print(shown(terminal, value));
  if (value instanceof Uint8Array) {
    terminal.note(`${value.length} bytes; to have them as they are: memvolley get KEY > FILE`);
  }
}

/** Strings and bytes cannot end as commands to the terminal: `inspect` shows control characters as escapes. */
const shown = (terminal: Terminal, value: unknown): string =>
  inspect(value, { colors: terminal.colours, depth: 8, breakLength: terminal.columns });

function asBytes(value: unknown): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return `${jsonText(value)}\n`;
}

function asJson(key: string, value: unknown): string {
  if (value instanceof Uint8Array) {
    return JSON.stringify({ key, base64: Buffer.from(value).toString('base64') });
  }
  return `{"key":${JSON.stringify(key)},"value":${jsonText(value)}}`;
}

/** What JSON has no word for is the text of itself. */
function jsonText(value: unknown): string {
  const text = JSON.stringify(value, inJson) as string | undefined;
  return text ?? JSON.stringify(String(value));
}

function inJson(_name: string, part: unknown): unknown {
  if (typeof part === 'bigint') return String(part);
  return part instanceof Map ? Object.fromEntries(part as Map<string, unknown>) : part;
}
