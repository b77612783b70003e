import type { Conversation } from '../connection/conversation.ts';
import { ended, overlong } from '../connection/losses.ts';
import { IllegalInputError, type MemcacheError, MemcacheServerError } from '../errors.ts';
import { latin1 } from '../primitives/bytes.ts';
import { onAbort } from '../primitives/on-abort.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import type { WireKey } from '../protocol/key.ts';
import { repeatable } from '../protocol/known-words.ts';
import { listedKey, type ListedItem, metadumpItem, mgdumpKey } from '../protocol/metadump.ts';
import { isSince, type Version, versionOf } from '../protocol/version.ts';
import { refuseRelease, timedOut } from '../server/refusals.ts';
import type { Server } from '../server/server.ts';
import { aborted } from './abort-watch.ts';
import { admit, type Exchanges, foreignLine, refusalIn, say } from './exchanges.ts';
import type { KeyEntry, ListedKey } from './keys.ts';

/** How the keys of a server are to be listed. */
export interface Listing {
  readonly form: 'metadump' | 'mgdump';
  readonly from: 'all' | 'hash';
  /** What the keys begin with that are told, and without which they are told. */
  readonly prefix: WireKey;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds without a byte. */
  readonly patienceMs: number;
  /** The wait for a byte does not keep the process. */
  readonly unref: boolean;
}

/** How errors call it. */
const VERB = 'lru_crawler';

/** The first release with `mgdump`. */
const MGDUMP: Version = [1, 6, 19];

/** What ends a listing. */
const LAST = { metadump: 'END', mgdump: 'EN' };

/** Lists the keys of a server, as many at a time as come together: little more is read than the caller takes. */
export async function* listKeys(
  exchanges: Exchanges,
  server: Server,
  listing: Listing,
): AsyncGenerator<readonly ListedKey[], void, undefined> {
  const { form, from, signal } = listing;
  if (signal?.aborted === true) throw aborted(signal.reason, 'no');
  const conversation = exchanges.beginListing(server);
  const ignore =
    signal === undefined
      ? (): void => {}
      : onAbort(signal, () => conversation.fail(aborted(signal.reason, conversation.sent)));
  try {
    const version = await patiently(conversation, listing, () => welcome(server, conversation));
    if (form === 'mgdump' && version !== undefined && !isSince(version, MGDUMP))
      throw refuseRelease('mgdump', server.name, MGDUMP);
    say(conversation, `${VERB} ${form} ${from}\r\n`);
    const answer = new Answer(conversation, listing);
    while (!answer.whole) yield await answer.next();
  } finally {
    ignore();
    exchanges.endListing(conversation);
  }
}

/** The server's release, where it takes such a command at all. */
async function welcome(server: Server, conversation: Conversation): Promise<Version | undefined> {
  await Promise.race([admit(server, VERB), conversation.failed]);
  return versionOf(await conversation.greet());
}

/** Waits for something to come, no longer than the caller would for a byte. */
async function patiently<R>(
  conversation: Conversation,
  { patienceMs, unref }: Listing,
  wait: () => Promise<R>,
): Promise<R> {
  const late = (): void =>
    conversation.fail(timedOut(VERB, conversation.server, conversation.sent));
  const timer = new PatientTimer(patienceMs, late);
  if (unref) timer.unref();
  try {
    return await wait();
  } finally {
    timer.stop();
  }
}

/** Far longer than any: a key of 250 bytes, each written as three characters, and what is told of its item. */
const LONGEST_LINE = 4096;

/** The keys of a listing, read by read. */
class Answer {
  /** All of it has been read. */
  whole = false;
  readonly #conversation: Conversation;
  readonly #listing: Listing;
  #rest = '';
  #trouble: MemcacheError | undefined;

  constructor(conversation: Conversation, listing: Listing) {
    this.#conversation = conversation;
    this.#listing = listing;
  }

  async next(): Promise<readonly ListedKey[]> {
    const { server } = this.#conversation;
    if (this.#trouble !== undefined) throw this.#trouble;
    const chunk = await patiently(this.#conversation, this.#listing, () =>
      this.#conversation.next(),
    );
    if (chunk === undefined) throw ended(server);
    const lines = (this.#rest + latin1(chunk, 0, chunk.length)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) throw overlong(server);
    return this.#keysIn(lines);
  }

  /** What came before a line that is no key is told before it is. */
  #keysIn(lines: readonly string[]): readonly ListedKey[] {
    const keys: ListedKey[] = [];
    for (const line of lines) {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      this.whole = text === LAST[this.#listing.form];
      if (this.whole) break;
      try {
        const key = keyIn(text, this.#conversation.server, this.#listing);
        if (key !== undefined) keys.push(key);
      } catch (error) {
        this.#trouble = error as MemcacheError;
        break;
      }
    }
    return keys;
  }
}

/** What a line tells; undefined for one that tells of no key that is asked for. Throws where it is no such line. */
function keyIn(line: string, server: string, { form, prefix }: Listing): ListedKey | undefined {
  if (form === 'mgdump') {
    const bytes = mgdumpKey(line);
    if (bytes === undefined) return otherLine(line, server, form);
    const key = listedKey(bytes, prefix);
    return key === undefined ? undefined : { key, server };
  }
  const item = metadumpItem(line);
  if (item === undefined) return otherLine(line, server, form);
  const key = listedKey(item.bytes, prefix);
  return key === undefined ? undefined : entryOf(key, server, item);
}

function entryOf(key: string | Buffer, server: string, item: ListedItem): KeyEntry {
  const { expires, lastAccess, cas, fetched, slabClass, size } = item;
  return {
    key,
    server,
    expires: expires < 0 ? undefined : new Date(expires * 1000),
    lastAccess: new Date(lastAccess * 1000),
    cas,
    fetched,
    class: slabClass,
    size,
  };
}

/** Some releases say OK before a listing; everything else is why there is none, or no more of it. */
function otherLine(line: string, server: string, form: Listing['form']): undefined {
  if (line === 'OK') return undefined;
  const details = { server, command: VERB, sent: 'yes' as const };
  if (form === 'mgdump' && line === 'ERROR') {
    const message = `${server} does not know mgdump: it needs memcached ${MGDUMP.join('.')}`;
    throw new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', message, details);
  }
  if (line.startsWith('BUSY ')) {
    const message = `${server} answered ${VERB} with: BUSY ${repeatable(line.slice('BUSY '.length))}`;
    throw new MemcacheServerError('ERR_MEMCACHE_SERVER', message, { ...details, retryable: true });
  }
  throw refusalIn(line, VERB, server) ?? foreignLine(VERB, server);
}
