import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** The flags of a program by their names, each with its line of help. */
export type Flags = Readonly<
  Record<string, { type: 'boolean' | 'string'; multiple?: true; help: string }>
>;

/** What was given for each flag. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]?: F[Name]['type'] extends 'boolean'
    ? boolean
    : F[Name] extends { multiple: true }
      ? readonly string[]
      : string;
};

/** Throws UsageError, which names the flags there are, for any other. */
export function flagValues<F extends Flags>(argv: readonly string[], flags: F): FlagValues<F> {
  return flagsAndFiles(argv, flags, false).values;
}

/** The same beside the names of files. */
export function flagsAndFiles<F extends Flags>(
  argv: readonly string[],
  flags: F,
  allowPositionals = true,
): { readonly values: FlagValues<F>; readonly files: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: flags,
      allowPositionals,
    });
    return { values, files: positionals };
  } catch (error) {
    const allowed = Object.keys(flags).map((name) => `--${name}`);
    throw new UsageError(
      `${(error as Error).message.split('. ')[0]}; the flags are ${allowed.join(', ')}`,
    );
  }
}

/** The number a flag was given. Throws UsageError for what is none, or less than `from`, or not whole where it has to be. */
export function numberFrom(
  flag: string,
  text: string,
  { from, whole = false }: { readonly from: number; readonly whole?: boolean },
): number {
  const value = Number(text);
  const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (text.trim() !== '' && fits && value >= from) return value;
  throw new UsageError(
    `--${flag} takes ${whole ? 'whole numbers' : 'numbers'} from ${from}, not ${text}`,
  );
}

/** One line for each name, with what it is about. */
export function helpLines(about: readonly (readonly [name: string, text: string])[]): string {
  return about.map(([name, text]) => `  ${name.padEnd(15)}${text}`).join('\n');
}

export function flagLines(flags: Flags): string {
  return helpLines(Object.entries(flags).map(([name, { help }]) => [`--${name}`, help]));
}
