import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export interface Flags {
  readonly quick: boolean;
  /** Only cases in whose name this stands. */
  readonly only: string | undefined;
  readonly seed: number;
  readonly list: boolean;
  readonly verbose: boolean;
  readonly rivals: boolean;
  readonly json: string | undefined;
}

const FLAGS = {
  quick: { type: 'boolean', help: 'some cases of each family, under a minute' },
  only: { type: 'string', help: 'only cases in whose name this stands' },
  seed: { type: 'string', help: 'what all that is random comes from (default: 1)' },
  list: { type: 'boolean', help: 'the names of the cases, and nothing is run' },
  verbose: { type: 'boolean', help: 'a row for each case, not only for each family' },
  rivals: { type: 'boolean', help: 'memvolley beside the other clients of memcached' },
  json: { type: 'string', help: 'where the figures go, case by case (default: nowhere)' },
  help: { type: 'boolean', help: 'this text' },
} as const;

export function helpText(): string {
  const lines = Object.entries(FLAGS).map(([name, { help }]) => `  --${name.padEnd(10)}${help}`);
  return ['usage: npm run faults -- [flags]\n', ...lines].join('\n');
}

/** Undefined when help was asked for. */
export function flagsFrom(argv: readonly string[]): Flags | undefined {
  const values = valuesFrom(argv);
  if (values['help'] === true) return undefined;
  const isSet = (flag: keyof typeof FLAGS): boolean => values[flag] === true;
  const text = (flag: keyof typeof FLAGS): string | undefined => values[flag] as string | undefined;
  return {
    quick: isSet('quick'),
    only: text('only'),
    seed: seedFrom(text('seed') ?? '1'),
    list: isSet('list'),
    verbose: isSet('verbose'),
    rivals: isSet('rivals'),
    json: text('json'),
  };
}

function valuesFrom(argv: readonly string[]): Record<string, string | boolean | undefined> {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const allowed = Object.keys(FLAGS).map((name) => `--${name}`);
    throw new UsageError(
      `${(error as Error).message.split('. ')[0]}; the flags are ${allowed.join(', ')}`,
    );
  }
}

function seedFrom(given: string): number {
  const seed = Number(given);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new UsageError(`--seed takes whole numbers from 0, not ${given}`);
}
