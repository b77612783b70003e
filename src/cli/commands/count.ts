import type { Command, Invocation } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../given.ts';
import { harmless } from '../text/width.ts';
import { ttlOf } from '../ttl.ts';
import { UsageError } from '../usage-error.ts';

const LARGEST = 2n ** 64n - 1n;

const counting = (name: 'incr' | 'decr', about: string): Command => ({
  name,
  about,
  usage: 'KEY [BY]',
  words: { least: 1, most: 2 },
  options: {
    ...SERVER_OPTIONS,
    initial: { value: 'N', help: 'what a counter that is missing is taken to be before' },
    ttl: { value: 'SECONDS', help: 'how long a counter lives that is made so' },
  },
  details: 'Prints the new count. Exit code 1: there is no counter, and no --initial.',
  examples: [`memvolley ${name} visits 5 --initial 0`],
  run: (invocation) => withClient(invocation, (client) => count(invocation, name, client)),
});

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

async function count(
  { given, terminal }: Invocation,
  verb: 'incr' | 'decr',
  client: Client,
): Promise<number> {
  const [key, word = '1'] = given.words;
  const initial = given.text('initial');
  const ttl = ttlOf(given.text('ttl'), '--ttl');
  const answer = await client[verb](key, amountOf(word), {
    ...(initial === undefined ? {} : { initial: wholeNumber('--initial', initial, { from: 0 }) }),
    ...(ttl === undefined ? {} : { ttl }),
  });
  if (answer !== undefined) {
    terminal.print(String(answer));
    return EXIT.ok;
  }
  terminal.complain(`there is no counter under '${harmless(key)}' (--initial makes one)`);
  return EXIT.no;
}

/** A count may be past what a number holds exactly. */
function amountOf(word: string): bigint {
  const amount = /^\d+$/.test(word) ? BigInt(word) : LARGEST + 1n;
  if (amount <= LARGEST) return amount;
  throw new UsageError(`BY takes a whole number from 0 below 2^64; not '${word}'`);
}

export const incr: Command = counting('incr', 'add to a counter');
export const decr: Command = counting('decr', 'take from a counter; it stops at 0');
