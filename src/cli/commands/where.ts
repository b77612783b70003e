import { createClient, type Explanation } from '../../index.ts';
import type { Command, Invocation } from '../command.ts';
import { clientOptions, SERVER_OPTIONS } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { harmless } from '../text/width.ts';

export const where: Command = {
  name: 'where',
  about: 'which server has a key, and why',
  usage: 'KEY...',
  words: { least: 1, most: Infinity },
  options: { ...SERVER_OPTIONS, json: { help: 'one JSON object a line' } },
  details: [
    'Asks no server: it says what the hash says. With --profile it is the place that the client of that name finds,',
    'also for keys it shortens or digests. The servers must stand in the order in which the other programs have them.',
  ].join('\n'),
  examples: [
    'memvolley where user:1 --servers a,b,c',
    'memvolley where user:1 --servers a,b,c --profile dalli',
    'memvolley where user:1 --servers a,b,c --hash ketama --json',
  ],
  async run(invocation) {
    const { given, terminal } = invocation;
    const options = await clientOptions(invocation);
    const client = createClient(options);
    try {
      if (options.discovery !== undefined) await client.rediscover();
      for (const key of given.words) {
        const explanation = client.explain(key);
        if (given.has('json')) terminal.print(jsonOf(key, explanation));
        else showReason(invocation, key, explanation);
      }
      return EXIT.ok;
    } finally {
      await client.close({ timeoutMs: 0 });
    }
  },
};

function jsonOf(key: string, { wireKey, hashed, ...rest }: Explanation): string {
  return JSON.stringify({ key, wireKey: textOf(wireKey), hashed: textOf(hashed), ...rest });
}

/** Text, or bytes as the hexadecimal numbers they are. */
const textOf = (part: string | Uint8Array): string =>
  typeof part === 'string' ? part : (utf8Of(part) ?? `0x${Buffer.from(part).toString('hex')}`);

function utf8Of(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

function showReason({ terminal, given }: Invocation, key: string, explanation: Explanation): void {
  const { server, candidates, hash, hashed, wireKey } = explanation;
  const profile = given.text('profile');
  const rows: (readonly [string, string])[] = [
    ['server', terminal.paint(['bold', 'green'], server)],
    ['hash', profile === undefined ? hash : `${hash} (profile ${profile})`],
    ['hashed', quoted(hashed)],
    ...(textOf(wireKey) === textOf(hashed) ? [] : [['on the wire', quoted(wireKey)] as const]),
    ...reasonRows(terminal, explanation),
    ['stand-ins', candidates.length === 1 ? 'none' : candidates.slice(1).join(', ')],
  ];
  const lines = rows.map(([name, text]) => `  ${name.padEnd(12)}${text}`);
  terminal.print([terminal.paint('bold', harmless(key)), ...lines].join('\n'));
}

const quoted = (part: string | Uint8Array): string => {
  const length = Buffer.from(part as string).length;
  return `'${harmless(textOf(part))}' (${length} byte${length === 1 ? '' : 's'})`;
};

function reasonRows(
  terminal: Terminal,
  { reason, server, servers }: Explanation,
): (readonly [string, string])[] {
  switch (reason?.kind) {
    case undefined:
      return [['because', 'a function of your own says so']];
    case 'alone':
      return [['because', 'there is no other server']];
    case 'scores':
      return scoreRows(terminal, reason.scores, { server, servers });
    case 'ring':
      return [
        ['hash value', reason.hash],
        [
          'because',
          `it lies in the stretch of the ring that ends at ${reason.end}, one of ${reason.stretches}`,
        ],
      ];
    case 'remainder':
      return [
        ['hash value', reason.hash],
        [
          'because',
          `modulo ${servers.length} servers it is ${reason.remainder}: number ${reason.remainder + 1} in the list`,
        ],
      ];
    case 'table':
      return [
        ['hash value', reason.hash],
        ['because', `it is place ${reason.place} of a table of ${reason.places}`],
      ];
    case 'jump':
      return [
        ['hash value', reason.hash],
        ['because', `it jumps to bucket ${reason.bucket} of ${servers.length}`],
      ];
  }
}

/** The highest first. */
function scoreRows(
  terminal: Terminal,
  scores: readonly number[],
  { server, servers }: Pick<Explanation, 'server' | 'servers'>,
): (readonly [string, string])[] {
  const longest = Math.max(...servers.map(({ length }) => length));
  const ranked = servers
    .map((name, i) => ({ name, score: scores[i] }))
    .toSorted((a, b) => b.score - a.score);
  return ranked.map(({ name, score }, place) => {
    const text = `${name.padEnd(longest)}  ${Number.isInteger(score) ? score : score.toFixed(6)}`;
    const isMine = name === server;
    return [
      place === 0 ? 'scores' : '',
      isMine ? terminal.paint('green', `${text}  highest`) : text,
    ];
  });
}
