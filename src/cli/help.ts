import type { Command, OptionSpecs } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT_TEXT } from './exit-codes.ts';

const COLUMN = 24;

const line = (left: string, right: string): string =>
  left.length + 2 < COLUMN
    ? `  ${left.padEnd(COLUMN - 2)}${right}`
    : `  ${left}\n${' '.repeat(COLUMN)}${right}`;

export function programHelp(): string {
  const commands = COMMANDS.map(({ name, about }) => line(name, about));
  return [
    'usage: memvolley COMMAND [words] [options]',
    '',
    ...commands,
    '',
    'memvolley COMMAND --help tells of one of them.',
    'Servers come from --servers, else from the environment or a configuration file, else 127.0.0.1:11211 is tried.',
    EXIT_TEXT,
  ].join('\n');
}

export function commandHelp({ name, usage, about, options, details, examples }: Command): string {
  const heading = `usage: memvolley ${name} ${usage}`.trimEnd();
  return [
    `${heading}${Object.keys(options).length === 0 ? '' : ' [options]'}`,
    '',
    `${about.charAt(0).toUpperCase()}${about.slice(1)}.`,
    ...(details === undefined ? [] : ['', details]),
    '',
    'options:',
    ...optionLines(options),
    line('-h, --help', 'this text'),
    '',
    examples.length === 1 ? 'example:' : 'examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    EXIT_TEXT,
  ].join('\n');
}

const optionLines = (options: OptionSpecs): string[] =>
  Object.entries(options).map(([name, { value, help }]) =>
    line(value === undefined ? `--${name}` : `--${name} ${value}`, help),
  );
