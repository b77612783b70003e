import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const bench: Command = {
  name: 'bench',
  about: 'how to measure: the suite is in the repository',
  usage: '',
  words: { least: 0, most: 0 },
  options: {},
  details:
    'Prints how to run it. The suite is not part of the package: it has other clients beside it.',
  examples: ['memvolley bench'],
  run({ terminal }) {
    terminal.print(
      [
        'The bench suite measures memvolley, other clients and a bare socket on your machine. In a clone of the repository:',
        '',
        '  npm run bench                                  the cases that have a target',
        '  npm run bench -- --help                        scenarios, sizes, concurrencies, workloads',
        '  npm run bench -- --server host:port            as a guest on a server of yours',
        '  npm run bench -- tune                          which options win here',
        '  npm run bench -- --embedded                    where there is no memcached: does it work at all?',
        '',
        'It installs what it needs, and writes a page with all figures. For the round trips to your servers: memvolley ping.',
      ].join('\n'),
    );
    return Promise.resolve(EXIT.ok);
  },
};
