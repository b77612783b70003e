import type { Command, Invocation } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { ttlOf } from '../ttl.ts';
import { UsageError } from '../usage-error.ts';

export const set: Command = {
  name: 'set',
  about: 'store a value',
  usage: 'KEY VALUE|-',
  words: { least: 2, most: 2 },
  options: {
    ...SERVER_OPTIONS,
    ttl: { value: 'SECONDS', help: 'how long it lives (default: as long as there is room)' },
    json: { help: 'VALUE is JSON: a number, an object, a list' },
    add: { help: 'only if nothing is stored there' },
    replace: { help: 'only if something is stored there' },
  },
  details: [
    'VALUE is stored as text; with - what comes from stdin is, as bytes. Before a value that begins with - write --.',
    'Exit code 1: it was not stored, with --add or --replace.',
  ].join('\n'),
  examples: [
    'memvolley set greeting hello --ttl 60',
    `memvolley set user:1 '{"name":"Ada"}' --json`,
    'memvolley set logo.png - < logo.png',
  ],
  run: (invocation) =>
    withClient(invocation, async (client) => {
      const { given, terminal } = invocation;
      const [key, word] = given.words;
      const ttl = ttlOf(given.text('ttl'), '--ttl');
      const value = await valueOf(invocation, word);
      const verb = verbOf(given.has('add'), given.has('replace'));
      const stored = await client[verb](key, value, ttl === undefined ? {} : { ttl });
      if (stored) return EXIT.ok;
      terminal.complain(
        verb === 'add'
          ? 'not stored: something is stored there already'
          : 'not stored: nothing is stored there',
      );
      return EXIT.no;
    }),
};

function verbOf(add: boolean, replace: boolean): 'set' | 'add' | 'replace' {
  if (add && replace) throw new UsageError('--add and --replace exclude each other');
  return add ? 'add' : replace ? 'replace' : 'set';
}

async function valueOf({ given, terminal }: Invocation, word: string): Promise<unknown> {
  const bytes = word === '-' ? await allOf(terminal.host.stdin) : undefined;
  if (!given.has('json')) return bytes ?? word;
  try {
    return JSON.parse(bytes?.toString('utf8') ?? word) as unknown;
  } catch {
    throw new UsageError('the value is no JSON, as --json says');
  }
}

async function allOf(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
