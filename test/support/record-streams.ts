// Writes test/property/recorded-streams.json anew: what a real memcached answers to reads, as it came.
//
//   node dist/test/support/record-streams.js
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { startMemcached } from '../../src/testing/index.ts';
import type { Asked } from './reference-parser.ts';

/** A session that was recorded: bytes as text of one character each. */
export interface RecordedStream {
  readonly name: string;
  readonly asked: readonly Asked[];
  readonly stream: string;
}

/** What is sent for one command, and what its answer is to be read as. */
interface Question {
  readonly request: string;
  readonly asked: Asked;
}

const BARRIER = 'MN\r\n';
const ABSENT = ['absent', 'gone'];
const binary = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

const ITEMS: readonly (readonly [key: string, flags: number, value: string])[] = [
  ['empty', 0, ''],
  ['one', 2, '1'],
  ['text', 16, 'some text'],
  ['binary', 4_294_967_295, binary],
  ['protocol', 1, 'END\r\nVALUE text 0 1\r\nx\r\nHD\r\n'],
  ['crlf', 0, '\r\n'],
  ['\xc3\xa9\xff', 7, 'a key of bytes'],
  ['k'.repeat(250), 3, 'a long key'],
  ['large', 9, `${binary}large `.repeat(6)],
];
const KEYS = ITEMS.map(([key]) => key);
const MIXED = KEYS.flatMap((key, i) => [...(i % 3 === 0 ? [`${ABSENT[0]}${i}`] : []), key]);

const items = (verb: string, keys: readonly string[]): Question => ({
  request: `${verb} ${keys.join(' ')}\r\n`,
  asked: { grammar: 'items', keys },
});

/** Where the flag `k` is asked for, answers name their key: `spelled` as it was sent, here what it stands for. */
const meta = (keys: readonly string[], flags: string, spelled = keys): Question => ({
  request: spelled.map((key) => `mg ${key} ${flags}\r\n`).join(''),
  asked: { grammar: 'meta', keys: flags.includes('k') ? keys : keys.map(() => '') },
});

const SESSIONS: Readonly<Record<string, readonly Question[]>> = {
  'every item by get': [items('get', KEYS)],
  'hits and misses by gets': [items('gets', MIXED), items('gets', ABSENT)],
  'one after the other': KEYS.map((key) => items('get', [key])),
  'get and touch': [items('gat 100', MIXED), items('gats 0', KEYS)],
  'every item by mg': [meta(KEYS, 'k v f c t s')],
  'hits and misses by mg': [meta(MIXED, 'k v h l t'), meta(ABSENT, 'k v f')],
  'mg without values': [meta(MIXED, 'k s t f')],
  'mg without keys': [meta(KEYS, 'v Oabc')],
  leases: [
    meta(['lease'], 'k v c t N30'),
    meta(['lease'], 'k v c t N30'),
    meta(['lease'], 'k v R60 N30'),
  ],
  'keys in base64': [meta(['text', 'one'], 'k b v f', ['dGV4dA==', 'b25l'])],
  'by turns': [items('get', MIXED), meta(MIXED, 'k v'), items('gets', KEYS), meta(KEYS, 'k s')],
};

/** Sends, and takes what comes up to the answer of the `mn` behind it. */
async function exchange(socket: Socket, request: string): Promise<string> {
  socket.write(Buffer.from(`${request}mn\r\n`, 'latin1'));
  let reply = '';
  while (!reply.endsWith(BARRIER)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    reply += chunk.toString('latin1');
  }
  return reply.slice(0, -BARRIER.length);
}

const server = await startMemcached();
const socket = connect(server.port, '127.0.0.1');
for (const [key, flags, value] of ITEMS) {
  await exchange(socket, `set ${key} ${flags} 0 ${value.length}\r\n${value}\r\n`);
}
const recorded: RecordedStream[] = [];
for (const [name, questions] of Object.entries(SESSIONS)) {
  const stream = await exchange(socket, questions.map(({ request }) => request).join(''));
  recorded.push({ name, asked: questions.map(({ asked }) => asked), stream });
}
socket.destroy();
await server.stop();
const path = join(import.meta.dirname, '../../../test/property/recorded-streams.json');
writeFileSync(
  path,
  `${JSON.stringify({ memcached: server.version, streams: recorded }, undefined, 1)}\n`,
);
console.log(`${recorded.length} streams of memcached ${server.version}`);
