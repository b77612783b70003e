import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import type { Command } from './command.ts';
import { Given } from './given.ts';
import { UsageError } from './usage-error.ts';

/** Reads what stands behind the name of a command. Throws UsageError, with the nearest option there is. */
export function parseGiven(command: Command, argv: readonly string[]): Given {
  const names = [...Object.keys(command.options), 'help'];
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, { value }] of Object.entries(command.options))
    options[name] = { type: value === undefined ? 'boolean' : 'string' };
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
    });
    return new Given(positionals, values);
  } catch (error) {
    throw new UsageError(complaint(command, names, error as NodeJS.ErrnoException));
  }
}

function complaint(
  { name, options }: Command,
  names: readonly string[],
  { code, message }: NodeJS.ErrnoException,
): string {
  const [, word = ''] = /'(--?[^\s'=,]*)/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const like = nearest(word.replace(/^-+/, ''), names);
    if (like !== undefined) return `unknown option ${word}: did you mean --${like}?`;
    return `unknown option ${word}: see memvolley ${name} --help; before a word that begins with - write --`;
  }
  const long = /--([\w-]+)/.exec(message)?.[1] ?? '';
  const value = Object.hasOwn(options, long) ? options[long].value : undefined;
  if (value !== undefined) return `--${long} needs a value: --${long} ${value}`;
  return long === '' ? (message.split('\n')[0] ?? message) : `--${long} takes no value`;
}

/** Throws UsageError where there are too few or too many words. */
export function checkWords({ name, usage, words }: Command, { words: given }: Given): void {
  if (given.length >= words.least && given.length <= words.most) return;
  const problem =
    given.length < words.least ? 'something is missing' : `'${given[words.most]}' is too much`;
  throw new UsageError(`${problem}: memvolley ${name} ${usage}`);
}
