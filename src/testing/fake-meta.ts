import type { FakeItem, FakeItems, StoreMode, StoreRefusal } from './fake-items.ts';
import {
  hasLongOpaque,
  type MetaFlags,
  OPAQUE_TOO_LONG,
  readMetaFlags,
} from './fake-meta-flags.ts';
import {
  BAD_DATA,
  BAD_FORMAT,
  base64Of,
  type FakeReply,
  NOT_A_NUMBER,
  TOO_LARGE,
  UNKNOWN,
  withData,
} from './fake-replies.ts';
import {
  dataBytesAfter,
  LONGEST_KEY_BYTES,
  MOST_META_WORDS,
  type ReadRequest,
} from './fake-request.ts';
import { slabClassOf } from './fake-slabs.ts';

type Command = (items: FakeItems, request: ReadRequest) => FakeReply;

const EMPTY = Buffer.alloc(0);
/** What is made because it was not there. */
const NEW = { binary: false, flags: 0, ends: 0 };
const WRONG_FLAGS = 'CLIENT_ERROR invalid or duplicate flag\r\n';

const STORE_MODES: Readonly<Record<string, StoreMode>> = {
  '': 'set',
  S: 'set',
  E: 'add',
  A: 'append',
  P: 'prepend',
  R: 'replace',
};
const STORE_ANSWERS = { 'not-stored': 'NS', exists: 'EX', missing: 'NF' };

const keyFlag = (key: string, binary: boolean): string =>
  binary ? ` k${base64Of(key)} b` : ` k${key}`;

/** What a reply repeats of its request, in the order of the request. */
function echo({ words, key, binary }: MetaFlags): string {
  return words
    .map((word) => {
      if (word.startsWith('O')) return ` ${word}`;
      return word.startsWith('k') ? keyFlag(key, binary) : '';
    })
    .join('');
}

const timeLeft = (items: FakeItems, item: FakeItem): number =>
  item.ends === 0 ? -1 : (item.ends - items.now) >>> 0;

/** An item that was found or made, and who asks. */
interface Look {
  readonly item: FakeItem;
  readonly flags: MetaFlags;
  readonly items: FakeItems;
  readonly vivified: boolean;
  /** So little was left of its ttl when `R` was read: flags count in their order, and `T` may stand before or behind. */
  endsSoon?: boolean;
}

/** What flags do to the item and add to the reply. */
const SHOWN: Readonly<Partial<Record<string, (look: Look) => string>>> = {
  T({ item, flags }) {
    item.ends = flags.ends ?? 0;
    return '';
  },
  N({ item, flags, vivified }) {
    if (vivified) item.ends = flags.vivifyEnds ?? 0;
    return '';
  },
  R(look) {
    const { item, flags, vivified } = look;
    look.endsSoon = !vivified && item.ends !== 0 && item.ends < flags.renewBefore;
    return '';
  },
  s: ({ item }) => ` s${item.data.length}`,
  t: ({ items, item }) => ` t${timeLeft(items, item)}`,
  c: ({ item }) => ` c${item.cas}`,
  f: ({ item }) => ` f${item.flags}`,
  l: ({ items, item }) => ` l${items.now - item.used}`,
  h: ({ item }) => (item.fetched ? ' h1' : ' h0'),
  k: ({ item }) => keyFlag(item.key, item.binary),
};

const show = (look: Look, word: string): string =>
  word.startsWith('O') ? ` ${word}` : (SHOWN[word[0]]?.(look) ?? '');

function get(items: FakeItems, { words: [, key, ...words] }: ReadRequest): FakeReply {
  const flags = readMetaFlags(items, key, words);
  if (flags.problem !== undefined) return flags.problem;
  const found = items.find(flags.key);
  const vivified = found === undefined && flags.vivifyEnds !== undefined;
  const item = vivified ? items.put({ ...NEW, key: flags.key, data: EMPTY }) : found;
  if (hasLongOpaque(flags)) return OPAQUE_TOO_LONG;
  if (item === undefined) {
    items.counts.get_misses++;
    return flags.quiet ? undefined : `EN${echo(flags)}\r\n`;
  }
  items.counts.get_hits++;
  const look: Look = { item, flags, items, vivified };
  let header = flags.wantsValue ? `VA ${item.data.length}` : 'HD';
  for (const word of words) header += show(look, word);
  header += lease(look);
  if (!flags.noUse) items.read(item);
  return flags.wantsValue ? withData(header, item.data) : `${header}\r\n`;
}

/** Who is told to renew the item, and who that somebody else has been. */
function lease({ item, vivified, endsSoon = false }: Look): string {
  const wins = vivified || (!item.won && (endsSoon || item.stale));
  const said = `${item.won ? ' Z' : ''}${item.stale ? ' X' : ''}${wins ? ' W' : ''}`;
  item.won ||= wins;
  return said;
}

function set(items: FakeItems, request: ReadRequest): FakeReply {
  const [, key, , ...words] = request.words;
  if (dataBytesAfter(request.words) === undefined) return BAD_FORMAT;
  const flags = readMetaFlags(items, key, words);
  if (flags.problem !== undefined) return flags.problem;
  const mode = STORE_MODES[flags.mode] as StoreMode | undefined;
  if (mode === undefined) return 'CLIENT_ERROR invalid mode for ms M token\r\n';
  if (hasLongOpaque(flags)) return OPAQUE_TOO_LONG;
  const wanted = {
    key: flags.key,
    binary: flags.binary,
    flags: flags.clientFlags,
    data: request.data,
  };
  if (!items.fits(wanted)) {
    items.delete(flags.key);
    return TOO_LARGE;
  }
  if (!request.terminated) return BAD_DATA;
  const compares = flags.hasCas && (mode === 'set' || mode === 'replace');
  const answer = items.store({
    ...wanted,
    ends: flags.ends ?? 0,
    mode: compares ? 'cas' : mode,
    cas: flags.cas,
    mayBeStale: flags.stale,
  });
  return storeReply(flags, answer);
}

function storeReply(flags: MetaFlags, answer: FakeItem | StoreRefusal): FakeReply {
  const stored = typeof answer !== 'string';
  if (stored && flags.quiet) return undefined;
  const cas = stored ? answer.cas : 0n;
  const rest = flags.words.map((word) =>
    word.startsWith('c') ? ` c${cas}` : echo({ ...flags, words: [word] }),
  );
  return `${stored ? 'HD' : STORE_ANSWERS[answer]}${rest.join('')}\r\n`;
}

function remove(items: FakeItems, { words: [, key, ...words] }: ReadRequest): FakeReply {
  const flags = readMetaFlags(items, key, words);
  if (flags.problem !== undefined) return WRONG_FLAGS;
  if (hasLongOpaque(flags)) return OPAQUE_TOO_LONG;
  const item = items.find(flags.key);
  if (item === undefined) return `NF${echo(flags)}\r\n`;
  if (flags.hasCas && item.cas !== flags.cas) return `EX${echo(flags)}\r\n`;
  if (flags.stale) {
    item.ends = flags.ends ?? item.ends;
    item.stale = true;
    item.won = false;
    item.cas = items.nextCas();
  } else items.delete(flags.key);
  return flags.quiet ? undefined : `HD${echo(flags)}\r\n`;
}

function arithmetic(items: FakeItems, { words: [, key, ...words] }: ReadRequest): FakeReply {
  const flags = readMetaFlags(items, key, words);
  if (flags.problem !== undefined) return WRONG_FLAGS;
  if (!/^[ID+-]?$/.test(flags.mode)) return 'CLIENT_ERROR invalid mode for ma M token\r\n';
  const delta = /[D-]/.test(flags.mode) ? -flags.delta : flags.delta;
  const counted = items.count(flags.key, delta, flags.cas);
  if (counted === 'not-a-number') return NOT_A_NUMBER;
  if (hasLongOpaque(flags)) return OPAQUE_TOO_LONG;
  if (counted === 'exists') return `EX${echo(flags)}\r\n`;
  if (counted !== 'missing') {
    const reply = counterReply({ ...counted, flags, items, vivified: false }, counted.text);
    return flags.quiet ? undefined : reply;
  }
  if (flags.vivifyEnds === undefined) return `NF${echo(flags)}\r\n`;
  const text = String(flags.initial);
  const item = items.put({ ...NEW, key: flags.key, data: Buffer.from(text) });
  return counterReply({ item, flags, items, vivified: true }, text);
}

function counterReply(look: Look, text: string): FakeReply {
  const { flags } = look;
  const rest = flags.words.map((word) =>
    /^[ctTN]/.test(word) ? show(look, word) : echo({ ...flags, words: [word] }),
  );
  if (!flags.wantsValue) return `HD${rest.join('')}\r\n`;
  return withData(`VA ${text.length}${rest.join('')}`, Buffer.from(text));
}

function debug(items: FakeItems, { words: [, key, flag] }: ReadRequest): FakeReply {
  const flags = readMetaFlags(items, key, flag === 'b' ? ['b'] : []);
  if (flags.problem !== undefined) return BAD_FORMAT;
  const item = items.find(flags.key);
  if (item === undefined) return 'EN\r\n';
  const { now } = items;
  const size = items.sizeOf(item);
  const facts = {
    exp: item.ends === 0 ? -1 : now - item.ends,
    la: now - item.used,
    cas: item.cas,
    fetch: item.fetched ? 'yes' : 'no',
    cls: slabClassOf(size),
    size,
  };
  const text = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  return `ME ${item.binary ? base64Of(item.key) : item.key} ${text.join(' ')}\r\n`;
}

const TOO_MANY: Readonly<Record<string, string>> = {
  mg: 'CLIENT_ERROR options flags are too long\r\n',
  ms: 'CLIENT_ERROR options flags too long\r\n',
  md: 'CLIENT_ERROR options flags too long\r\n',
  ma: 'CLIENT_ERROR options flags too long\r\n',
};
const COMMANDS: Readonly<Record<string, Command>> = {
  mg: get,
  ms: set,
  md: remove,
  ma: arithmetic,
  me: debug,
};

/** Undefined where the command is none of these. */
export function metaCommand(
  items: FakeItems,
  request: ReadRequest,
): { reply: FakeReply } | undefined {
  const { verb, words } = request;
  if (verb === 'mn') return { reply: 'MN\r\n' };
  if (!Object.hasOwn(COMMANDS, verb)) return undefined;
  if (words.length < 2) return { reply: verb === 'me' ? BAD_FORMAT : UNKNOWN };
  if (words[1].length > LONGEST_KEY_BYTES) return { reply: BAD_FORMAT };
  if (verb === 'ms' && words.length === 2) return { reply: BAD_FORMAT };
  if (words.length > MOST_META_WORDS && verb !== 'me') return { reply: TOO_MANY[verb] };
  return { reply: COMMANDS[verb](items, request) };
}
