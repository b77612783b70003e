import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { flagLines, flagValues, numberFrom } from '../flags.ts';
import { type Selection, selectionFrom } from '../selection.ts';
import { UsageError } from '../usage-error.ts';
import { LEAST_ROUNDS } from './gain.ts';

const FLAGS = {
  rtt: { type: 'string', help: 'milliseconds of round trip to add, where nothing may lose either' },
  out: { type: 'string', help: 'where settings go that won (default: memvolley.config.json)' },
  server: {
    type: 'string',
    multiple: true,
    help: 'host:port of a memcached that runs already, once for each; nothing is started then',
  },
  'full-speed': { type: 'boolean', help: 'with --server, which tune needs it for' },
  minutes: { type: 'string', help: 'how long all of it may take (default: 5)' },
  rounds: { type: 'string', help: `interleaved rounds, ${LEAST_ROUNDS} or more (default: 5)` },
  seed: { type: 'string', help: 'what all that is random comes from (default: 1)' },
  help: { type: 'boolean', help: 'this text' },
} as const;

export const tuneHelp = (): string => `usage: npm run bench -- tune [flags]\n\n${flagLines(FLAGS)}`;

/** What `tune` is asked for. */
export interface TuneRequest {
  readonly selection: Selection;
  /** Milliseconds. */
  readonly rtt: number;
  /** The path of a file that can be written, as far as that can be told before it is. */
  readonly out: string;
}

/** Undefined when help was asked for. Throws UsageError for what would be ignored, prove nothing, or have nowhere to go. */
export function tuneRequestFrom(argv: readonly string[]): TuneRequest | undefined {
  const given = flagValues(argv, FLAGS);
  if (given.help === true) return undefined;
  const { minutes, rounds, seed, server = [] } = given;
  const passed = Object.entries({ minutes, rounds, seed }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
  const servers = server.map((one) => `--server=${one}`);
  const speed = given['full-speed'] === true ? ['--full-speed'] : [];
  const selection = selectionFrom(['--rival', 'none', ...passed, ...servers, ...speed], []);
  if (selection === undefined) return undefined;
  if (selection.servers !== undefined && !selection.fullSpeed) {
    throw new UsageError('tune has a speed of its own: with --server only at --full-speed');
  }
  if (selection.rounds < LEAST_ROUNDS) {
    throw new UsageError(`tune takes ${LEAST_ROUNDS} rounds or more: of fewer nothing wins`);
  }
  const rtt = numberFrom('rtt', given.rtt ?? '0', { from: 0 });
  const out = resolve(given.out ?? 'memvolley.config.json');
  refuseUnwritable(out);
  return { selection, rtt, out };
}

/** Better now than after all has been measured. The file is not touched. */
function refuseUnwritable(out: string): void {
  try {
    closeSync(openSync(out, 'r+'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(error);
    try {
      accessSync(dirname(out), constants.W_OK);
    } catch (reason) {
      throw unwritable(reason);
    }
  }
}

const unwritable = (error: unknown): UsageError =>
  new UsageError(`--out cannot be written: ${(error as Error).message}`);
