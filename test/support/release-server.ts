import type { TestContext } from 'node:test';
import { isSince, STABLE_META, versionOf } from '../../src/protocol/version.ts';
import { startLineServer } from './line-server.ts';

export interface ReleaseServer {
  readonly address: string;
  /** The lines of commands it was sent, without those by which a client learns who it is, and without values. */
  readonly asked: string[];
  /** The connections it has been asked on. */
  readonly connections: number;
}

/** What any release answers to a command it knows; a key is never there. */
const ANSWERS: Readonly<Partial<Record<string, string>>> = {
  get: 'END',
  gets: 'END',
  gat: 'END',
  gats: 'END',
  set: 'STORED',
  delete: 'NOT_FOUND',
  touch: 'NOT_FOUND',
  mg: 'EN',
  ms: 'HD',
  md: 'NF',
  ma: 'NF',
  me: 'EN',
};

/**
 * A server that calls itself a release of memcached, or names none and knows everything, and keeps what it is asked. `answer` takes the place of what such a
 * server says to a command, where it says something.
 */
export async function startRelease(
  t: TestContext,
  release: string,
  answer: (line: string) => string | undefined = () => undefined,
): Promise<ReleaseServer> {
  const version = versionOf(release);
  const asked: string[] = [];
  let values = 0;
  const server = await startLineServer(t, (line) => {
    if (values > 0) {
      values--;
      return answer(asked.at(-1) ?? '') ?? said(asked.at(-1) ?? '');
    }
    if (line === 'version') return `VERSION ${release}\r\n`;
    if (line === 'stats settings') return 'STAT item_size_max 1048576\r\nEND\r\n';
    if (line === 'mn')
      return version === undefined || isSince(version, STABLE_META) ? 'MN\r\n' : 'ERROR\r\n';
    asked.push(line);
    if (/^(?:set|ms) /.test(line)) {
      values = 1;
      return '';
    }
    return answer(line) ?? said(line);
  });
  return {
    address: server.address,
    asked,
    get connections() {
      return server.sockets.length;
    },
  };
}

const said = (line: string): string => `${ANSWERS[line.split(' ')[0]] ?? 'ERROR'}\r\n`;
