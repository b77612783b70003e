import { flagLines, flagValues, numberFrom } from '../flags.ts';

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
  return `usage: npm run faults -- [flags]\n\n${flagLines(FLAGS)}`;
}

/** Undefined when help was asked for. */
export function flagsFrom(argv: readonly string[]): Flags | undefined {
  const given = flagValues(argv, FLAGS);
  if (given.help === true) return undefined;
  return {
    quick: given.quick ?? false,
    only: given.only,
    seed: numberFrom('seed', given.seed ?? '1', { from: 0, whole: true }),
    list: given.list ?? false,
    verbose: given.verbose ?? false,
    rivals: given.rivals ?? false,
    json: given.json,
  };
}
