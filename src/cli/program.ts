import { nearest } from '../config/nearest.ts';
import { MemcacheError } from '../errors.ts';
import type { Command } from './command.ts';
import { checkWords, parseGiven } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import { errorSentence, exitCodeOf } from './error-sentence.ts';
import { EXIT } from './exit-codes.ts';
import { commandHelp, programHelp } from './help.ts';
import { type Host, Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const HELP = ['--help', '-h', 'help'];
const VERSION = ['--version', '-v', '-V'];

/** Runs one command line to its end. Answers the exit code; of what goes wrong it tells in one sentence on stderr. */
export async function runProgram(argv: readonly string[], host: Host): Promise<number> {
  const interruption = new AbortController();
  const terminal = new Terminal(host, interruption.signal);
  endQuietly(host);
  try {
    const [name = '', ...others] = argv;
    if (name === '') {
      host.stderr.write(`${programHelp()}\n`);
      return EXIT.usage;
    }
    if (HELP.includes(name)) return help(terminal, others);
    const command = commandNamed(VERSION.includes(name) ? 'version' : name);
    return await runCommand(command, others, { terminal, interruption });
  } catch (error) {
    return told(terminal, error);
  }
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  { terminal, interruption }: { terminal: Terminal; interruption: AbortController },
): Promise<number> {
  const given = parseGiven(command, argv);
  if (given.has('help')) {
    terminal.print(commandHelp(command));
    return EXIT.ok;
  }
  checkWords(command, given);
  onInterrupt(terminal.host, interruption, command.endsOnInterrupt === true);
  return command.run({ given, terminal });
}

/** The second Ctrl-C ends what does not end by the first; a command that has no end of its own is ended at once. */
function onInterrupt(host: Host, interruption: AbortController, mayEnd: boolean): void {
  const end = (): void => {
    if (!mayEnd || interruption.signal.aborted) host.exit(EXIT.interrupted);
    interruption.abort();
  };
  host.on('SIGINT', end);
  host.on('SIGTERM', end);
}

/** Who reads no further (`| head`) has what they wanted: there is nothing to complain of. */
function endQuietly(host: Host): void {
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      host.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
    });
  }
}

function help(terminal: Terminal, names: readonly string[]): number {
  const name = names.at(0);
  terminal.print(name === undefined ? programHelp() : commandHelp(commandNamed(name)));
  return EXIT.ok;
}

function commandNamed(name: string): Command {
  const found = COMMANDS.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = COMMANDS.map((command) => command.name);
  const like = nearest(name, names);
  const hint =
    like === undefined ? `the commands are ${names.join(', ')}` : `did you mean ${like}?`;
  throw new UsageError(`unknown command '${name}': ${hint}`);
}

function told(terminal: Terminal, error: unknown): number {
  if (error instanceof UsageError) {
    terminal.complain(error.message);
    return EXIT.usage;
  }
  if (error instanceof MemcacheError) {
    terminal.complain(errorSentence(error));
    return exitCodeOf(error);
  }
  terminal.complain((error as Error).stack ?? String(error));
  return EXIT.failed;
}
