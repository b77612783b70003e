import type { Command } from '../command.ts';
import { SERVER_OPTIONS, withClient } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { harmless } from '../text/width.ts';

export const remove: Command = {
  name: 'delete',
  about: 'remove what is stored',
  usage: 'KEY...',
  words: { least: 1, most: Infinity },
  options: SERVER_OPTIONS,
  details: 'Exit code 1: of some keys there was nothing to remove.',
  examples: ['memvolley delete user:1 user:2'],
  run: (invocation) =>
    withClient(invocation, async (client) => {
      const deleted = await client.deleteMany(invocation.given.words);
      for (const [key, was] of deleted) {
        if (!was)
          invocation.terminal.complain(`nothing is stored under '${harmless(String(key))}'`);
      }
      return [...deleted.values()].every(Boolean) ? EXIT.ok : EXIT.no;
    }),
};
