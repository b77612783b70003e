import type { Command } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { harmless } from '../text/width.ts';
import { ttlOf } from '../ttl.ts';

export const touch: Command = {
  name: 'touch',
  about: 'give what is stored another time to live',
  usage: 'KEY SECONDS',
  words: { least: 2, most: 2 },
  options: SERVER_OPTIONS,
  details: '0 seconds: for as long as there is room. Exit code 1: nothing is stored there.',
  examples: ['memvolley touch session:7 3600'],
  run: (invocation) =>
    withClient(invocation, async (client) => {
      const [key, seconds] = invocation.given.words;
      if (await client.touch(key, ttlOf(seconds, 'SECONDS') ?? 0)) return EXIT.ok;
      invocation.terminal.complain(`nothing is stored under '${harmless(key)}'`);
      return EXIT.no;
    }),
};
