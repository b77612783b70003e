import type { Given } from './given.ts';
import type { Terminal } from './terminal.ts';

/** An option of a command, as its help tells of it. */
export interface OptionSpec {
  /** What stands for its value in the help; absent for one that is there or not. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What a command is given. */
export interface Invocation {
  readonly given: Given;
  readonly terminal: Terminal;
}

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** Half a line, for the list of commands. */
  readonly about: string;
  /** What stands behind the name: `KEY...`. */
  readonly usage: string;
  /** How many words it takes. */
  readonly words: { readonly least: number; readonly most: number };
  readonly options: OptionSpecs;
  /** What the help says besides. */
  readonly details?: string;
  readonly examples: readonly string[];
  /** Ctrl-C is its usual end, which it brings about itself. */
  readonly endsOnInterrupt?: true;
  /** Answers the exit code. */
  run(invocation: Invocation): Promise<number>;
}
