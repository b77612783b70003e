import { signed32, unsigned32, unsigned64 } from './c-numbers.ts';
import type { FakeItems, StoreMode } from './fake-items.ts';
import {
  BAD_DATA,
  BAD_FORMAT,
  type FakeReply,
  NO_MEMORY,
  NOT_A_NUMBER,
  TOO_LARGE,
  UNKNOWN,
  valueOf,
} from './fake-replies.ts';
import { dataBytesAfter, LONGEST_KEY_BYTES, type ReadRequest } from './fake-request.ts';

const BAD_TTL = 'CLIENT_ERROR invalid exptime argument\r\n';
const BAD_DELTA = 'CLIENT_ERROR invalid numeric delta argument\r\n';
const BAD_DELETE = 'CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n';
const ANSWERS = {
  'not-stored': 'NOT_STORED\r\n',
  exists: 'EXISTS\r\n',
  missing: 'NOT_FOUND\r\n',
};

type Command = (items: FakeItems, request: ReadRequest) => FakeReply;

const isTooLong = (key: string): boolean => key.length > LONGEST_KEY_BYTES;
/** The last word decides, whatever it is meant to be. */
const wantsSilence = ({ words }: ReadRequest): boolean => words.at(-1) === 'noreply';

function retrieve(items: FakeItems, { verb, words, keys }: ReadRequest): FakeReply {
  const ttl = verb.startsWith('gat') ? signed32(words[1]) : 0;
  if (ttl === undefined) return BAD_TTL;
  if (keys.some(isTooLong)) return BAD_FORMAT;
  const values = keys.flatMap((key) => {
    const item = items.find(key);
    if (item === undefined) {
      items.counts.get_misses++;
      return [];
    }
    items.counts.get_hits++;
    items.read(item);
    if (verb.startsWith('gat')) item.ends = items.endOf(ttl);
    return valueOf(item, verb.endsWith('s'));
  });
  return Buffer.concat([...values, Buffer.from('END\r\n')]);
}

function store(items: FakeItems, request: ReadRequest): FakeReply {
  const { verb, words, data } = request;
  const [, key, flagsWord, ttlWord] = words;
  if (dataBytesAfter(words) === undefined) return BAD_FORMAT;
  const flags = unsigned32(flagsWord) ?? 0;
  const cas = verb === 'cas' ? (unsigned64(words[5]) ?? 0n) : 0n;
  const ends = items.endOf(signed32(ttlWord) ?? 0);
  const wanted = { key, binary: false, flags, data, ends };
  if (!items.fits(wanted)) {
    if (verb === 'set') items.delete(key);
    return TOO_LARGE;
  }
  if (!request.terminated) return BAD_DATA;
  const mode = verb as StoreMode;
  const answer = items.store({ ...wanted, mode, cas, mayBeStale: false });
  return typeof answer === 'string' ? ANSWERS[answer] : 'STORED\r\n';
}

function count(items: FakeItems, { verb, words }: ReadRequest): FakeReply {
  const [, key, word] = words;
  if (isTooLong(key)) return BAD_FORMAT;
  const delta = unsigned64(word);
  if (delta === undefined) return BAD_DELTA;
  const answer = items.count(key, verb === 'incr' ? delta : -delta, 0n);
  if (answer === 'not-a-number') return NOT_A_NUMBER;
  return typeof answer === 'string' ? ANSWERS.missing : `${answer.text}\r\n`;
}

function touch(items: FakeItems, { words }: ReadRequest): FakeReply {
  const [, key, word] = words;
  if (isTooLong(key)) return BAD_FORMAT;
  const ttl = signed32(word);
  if (ttl === undefined) return BAD_TTL;
  items.counts.cmd_touch++;
  const item = items.find(key);
  if (item === undefined) return ANSWERS.missing;
  items.read(item);
  item.ends = items.endOf(ttl);
  return 'TOUCHED\r\n';
}

function remove(items: FakeItems, request: ReadRequest): FakeReply {
  const [, key, ...rest] = request.words;
  const silent = wantsSilence(request) ? 1 : 0;
  // A time to hold it was once allowed, and 0 still is.
  const valid = rest.length === silent || (rest.length === silent + 1 && rest[0] === '0');
  if (!valid) return BAD_DELETE;
  if (isTooLong(key)) return BAD_FORMAT;
  return items.delete(key) ? 'DELETED\r\n' : ANSWERS.missing;
}

function flushAll(items: FakeItems, request: ReadRequest): FakeReply {
  const { words } = request;
  const delay = words.length > (wantsSilence(request) ? 2 : 1) ? signed32(words[1]) : 0;
  if (delay === undefined) return BAD_TTL;
  items.counts.cmd_flush++;
  items.flush(delay);
  return 'OK\r\n';
}

function verbosity(_items: FakeItems, { words }: ReadRequest): FakeReply {
  return unsigned32(words[1]) === undefined ? BAD_FORMAT : 'OK\r\n';
}

function memoryLimit(_items: FakeItems, { words }: ReadRequest): FakeReply {
  const mebibytes = unsigned32(words[1]);
  if (mebibytes === undefined) return UNKNOWN;
  if (mebibytes < 8) return 'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n';
  if (mebibytes > 1e9) return 'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n';
  return 'OK\r\n';
}

/** What does it, and with how many words, the verb among them. */
const COMMANDS: Readonly<Record<string, { run: Command; least: number; most: number }>> = {
  get: { run: retrieve, least: 2, most: Infinity },
  gets: { run: retrieve, least: 2, most: Infinity },
  gat: { run: retrieve, least: 2, most: Infinity },
  gats: { run: retrieve, least: 2, most: Infinity },
  set: { run: store, least: 5, most: 6 },
  add: { run: store, least: 5, most: 6 },
  replace: { run: store, least: 5, most: 6 },
  append: { run: store, least: 5, most: 6 },
  prepend: { run: store, least: 5, most: 6 },
  cas: { run: store, least: 6, most: 7 },
  incr: { run: count, least: 3, most: 4 },
  decr: { run: count, least: 3, most: 4 },
  touch: { run: touch, least: 3, most: 4 },
  delete: { run: remove, least: 2, most: 4 },
  flush_all: { run: flushAll, least: 1, most: 3 },
  verbosity: { run: verbosity, least: 2, most: 3 },
  cache_memlimit: { run: memoryLimit, least: 2, most: 3 },
};

/** Undefined where the command is none of these. */
export function classicCommand(
  items: FakeItems,
  request: ReadRequest,
): { reply: FakeReply } | undefined {
  if (!Object.hasOwn(COMMANDS, request.verb)) return undefined;
  const { run, least, most } = COMMANDS[request.verb];
  const { length } = request.words;
  if (length < least || length > most) return { reply: UNKNOWN };
  const reply = run(items, request);
  const isRetrieval = most === Infinity;
  return {
    reply: !isRetrieval && wantsSilence(request) && reply !== NO_MEMORY ? undefined : reply,
  };
}
