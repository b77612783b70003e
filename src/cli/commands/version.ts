import { readFileSync } from 'node:fs';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const version: Command = {
  name: 'version',
  about: 'the version of memvolley and of Node.js',
  usage: '',
  words: { least: 0, most: 0 },
  options: {},
  examples: ['memvolley version'],
  run({ terminal }) {
    terminal.print(`memvolley ${ownVersion()} (node ${process.versions.node})`);
    return Promise.resolve(EXIT.ok);
  },
};

/** The manifest is the nearest one above this file: as it is published two folders up, as it is built some more. */
function ownVersion(): string {
  for (let up = '../'; up.length <= '../'.length * 5; up += '../') {
    try {
      const text = readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8');
      const { name, version: found } = JSON.parse(text) as { name?: string; version?: string };
      if (name === 'memvolley' && found !== undefined) return found;
    } catch {
      // The next folder up.
    }
  }
  return 'of unknown version';
}
