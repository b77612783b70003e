import { inspect } from 'node:util';
import { type ConfigEntry, createClient } from '../../index.ts';
import type { Command } from '../command.ts';
import { clientOptions, SERVER_OPTIONS } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { tableLines } from '../text/table.ts';
import { clipped, harmless } from '../text/width.ts';

const LONGEST_VALUE = 48;

export const config: Command = {
  name: 'config',
  about: 'every option in force, and what said so',
  usage: '',
  words: { least: 0, most: 0 },
  options: {
    ...SERVER_OPTIONS,
    changed: { help: 'only what is not the default' },
    json: { help: 'one JSON object' },
  },
  details: 'Connects to nobody. Passwords and TLS keys read [hidden].',
  examples: ['memvolley config --changed', 'MEMVOLLEY_TIMEOUT_MS=50 memvolley config --json'],
  async run(invocation) {
    const { given, terminal } = invocation;
    const client = createClient(await clientOptions(invocation));
    const all = Object.entries(client.config()) as [string, ConfigEntry][];
    await client.close({ timeoutMs: 0 });
    const shown = given.has('changed') ? all.filter(([, { source }]) => source !== 'default') : all;
    if (given.has('json')) terminal.print(jsonOf(shown));
    else {
      const rows = shown.map(([path, { value, source }]) => [path, textOf(value), source]);
      const columns = [{ title: 'option' }, { title: 'value' }, { title: 'from' }];
      const paint = (title: string): string => terminal.paint('bold', title);
      terminal.print(tableLines(columns, rows, terminal.columns, paint).join('\n'));
    }
    return EXIT.ok;
  },
};

function textOf(value: unknown): string {
  if (value === undefined) return '-';
  if (typeof value === 'string' && value !== '') return clipped(harmless(value), LONGEST_VALUE);
  const text = inspect(value, { breakLength: Infinity, depth: 4 });
  return clipped(harmless(text), LONGEST_VALUE);
}

/** An option that is not set is null there: left out it would look unknown. */
const jsonOf = (entries: readonly [string, ConfigEntry][]): string =>
  JSON.stringify(Object.fromEntries(entries), (_, value: unknown) => value ?? null);
