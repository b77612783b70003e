import type { KeyEntry } from '../../index.ts';
import type { Command, Invocation } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { longTime, shortBytes } from '../text/numbers.ts';
import { displayWidth, harmless, padded } from '../text/width.ts';

export const keys: Command = {
  name: 'keys',
  about: 'list what is stored (for looking into a cache, not for programs)',
  usage: '',
  words: { least: 0, most: 0 },
  options: {
    ...SERVER_OPTIONS,
    prefix: { value: 'TEXT', help: 'only keys that begin so' },
    limit: { value: 'N', help: 'no more than so many' },
    json: { help: 'one JSON object a line' },
  },
  details: [
    'Each server walks through all it holds (lru_crawler metadump) and makes one listing at a time: a command for',
    'debugging. Keys that come or go meanwhile may be missing.',
  ].join('\n'),
  examples: ['memvolley keys --prefix user: --limit 20', 'memvolley keys --json | jq .size'],
  run: (invocation) =>
    withClient(invocation, async (client) => {
      const { given, terminal } = invocation;
      const limit = given.whole('limit', 1) ?? Infinity;
      const prefix = Buffer.from(given.text('prefix') ?? '');
      let count = 0;
      for await (const entry of client.keys()) {
        if (
          !Buffer.from(entry.key as string)
            .subarray(0, prefix.length)
            .equals(prefix)
        )
          continue;
        terminal.print(given.has('json') ? jsonOf(entry) : lineOf(invocation, entry));
        count++;
        if (count >= limit) break;
      }
      if (terminal.isLive) {
        terminal.note(`${count} key${count === 1 ? '' : 's'}; a listing is for debugging only`);
      }
      return EXIT.ok;
    }),
};

function jsonOf({ key, expires, lastAccess, ...rest }: KeyEntry): string {
  const name = typeof key === 'string' ? { key } : { base64: Buffer.from(key).toString('base64') };
  return JSON.stringify({ ...name, expires: expires?.toISOString(), lastAccess, ...rest });
}

const KEY_COLUMNS = 40;

/** On a terminal with what is known of it; to a pipe the key alone, so that other programs can use it. */
function lineOf({ terminal }: Invocation, entry: KeyEntry): string {
  const key =
    typeof entry.key === 'string' ? entry.key : `0x${Buffer.from(entry.key).toString('hex')}`;
  if (!terminal.isLive) return key;
  const { expires, size, server } = entry;
  const left = expires === undefined ? 'no end' : longTime((expires.getTime() - Date.now()) / 1000);
  const name = harmless(key);
  const space = Math.max(KEY_COLUMNS, displayWidth(name));
  return `${padded(name, space)}  ${shortBytes(size).padStart(9)}  ${left.padEnd(10)}  ${terminal.paint('dim', server)}`;
}
